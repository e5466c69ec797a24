// SPDX-License-Identifier: GPL-2.0-only

/** The reflected polynomial of CRC-32 as zlib, PNG and Ethernet have it. */
const POLYNOMIAL = 0xedb88320;
const LANES = 8;
const BYTES = 256;

const nextTable = (table: Uint32Array<ArrayBuffer>, first: Uint32Array): Uint32Array<ArrayBuffer> =>
  table.map((entry) => (entry >>> 8) ^ (first[entry & 0xff] ?? 0));

/** Table `n` has the remainder of each byte followed by `n` bytes of zero, so that eight bytes go at once. */
const TABLES: Int32Array = (() => {
  const first = new Uint32Array(BYTES).map((_, byte) => {
    let entry = byte;
    for (let bit = 0; bit < 8; bit += 1) entry = (entry & 1) === 1 ? (entry >>> 1) ^ POLYNOMIAL : entry >>> 1;
    return entry;
  });
  const all = new Int32Array(LANES * BYTES);
  let table = first;
  for (let lane = 0; lane < LANES; lane += 1) {
    all.set(table, lane * BYTES);
    table = nextTable(table, first);
  }
  return all;
})();

const at = (lane: number, byte: number): number => TABLES[lane * BYTES + (byte & 0xff)] ?? 0;

/** CRC-32 of `bytes` that follow others whose CRC-32 is `before`; 0: there are none. */
export const crc32 = (bytes: Uint8Array, before = 0): number => {
  const { length } = bytes;
  const byteAt = (index: number): number => bytes[index] ?? 0;
  let crc = ~before;
  let index = 0;
  for (; index + LANES <= length; index += LANES) {
    const low =
      crc ^ (byteAt(index) | (byteAt(index + 1) << 8) | (byteAt(index + 2) << 16) | (byteAt(index + 3) << 24));
    crc =
      at(7, low) ^
      at(6, low >>> 8) ^
      at(5, low >>> 16) ^
      at(4, low >>> 24) ^
      at(3, byteAt(index + 4)) ^
      at(2, byteAt(index + 5)) ^
      at(1, byteAt(index + 6)) ^
      at(0, byteAt(index + 7));
  }
  for (; index < length; index += 1) crc = (crc >>> 8) ^ at(0, crc ^ byteAt(index));
  return ~crc >>> 0;
};
