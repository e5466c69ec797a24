// SPDX-License-Identifier: GPL-2.0-only

/** Headers of tar archives (POSIX.1-2017, pax: ustar interchange format). */

const BLOCK_BYTES = 512;

const CHECKSUM_AT = 148;
const CHECKSUM_BYTES = 8;
const MAGIC_AT = 257;

const encoder = new TextEncoder();

const isHeader = (block: Uint8Array): boolean =>
  new TextDecoder('latin1').decode(block.subarray(MAGIC_AT, MAGIC_AT + 5)) === 'ustar';

/** Gives each header the checksum that belongs to it, in place: without it a reader refuses all that was changed. */
const repairChecksums = (tar: Uint8Array): Uint8Array => {
  for (let at = 0; at + BLOCK_BYTES <= tar.length; at += BLOCK_BYTES) {
    const block = tar.subarray(at, at + BLOCK_BYTES);
    if (!isHeader(block)) continue;
    block.fill(32, CHECKSUM_AT, CHECKSUM_AT + CHECKSUM_BYTES);
    const sum = block.reduce((all, byte) => all + byte, 0);
    block.set(encoder.encode(`${sum.toString(8).padStart(6, '0')}\0 `), CHECKSUM_AT);
  }
  return tar;
};

/** What a header says; texts as they stand in it, so that they can be wrong. */
export interface TarEntry {
  readonly name: string;
  /** In octal digits, or any bytes. */
  readonly size?: string | undefined;
  /** `0` file, `1` link, `2` symbolic link, `3` and `4` devices, `5` folder, `6` pipe, `x` and `g` pax, `L` GNU's long name, `S` GNU's sparse. */
  readonly type?: string;
  readonly linkName?: string;
  readonly content?: Uint8Array;
}

const blocksOf = (bytes: Uint8Array): Uint8Array => {
  const padded = new Uint8Array(Math.ceil(bytes.length / BLOCK_BYTES) * BLOCK_BYTES);
  padded.set(bytes);
  return padded;
};

/** One entry: its header and its content. */
const entryBytes = ({ name, size, type = '0', linkName = '', content = new Uint8Array() }: TarEntry): Uint8Array => {
  const header = new Uint8Array(BLOCK_BYTES);
  const put = (text: string, at: number): void => {
    header.set(
      Uint8Array.from(text, (letter) => letter.charCodeAt(0)),
      at,
    );
  };
  put(name, 0);
  put('0000644\0', 100);
  put(size ?? `${content.length.toString(8).padStart(11, '0')}\0`, 124);
  put('00000000000\0', 136);
  put(type, 156);
  put(linkName, 157);
  put('ustar\x0000', MAGIC_AT);
  return Uint8Array.from([...repairChecksums(header), ...blocksOf(content)]);
};

/** An archive of these entries, right but for what they say themselves. */
export const tarOf = (entries: readonly TarEntry[]): Uint8Array => {
  const parts = [...entries.map(entryBytes), new Uint8Array(2 * BLOCK_BYTES)];
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
};
