// SPDX-License-Identifier: GPL-2.0-only
import { joined, pick } from './mutate.ts';
import type { Random } from './random.ts';

/** Headers of tar archives (POSIX.1-2017, pax: ustar interchange format). */

const BLOCK_BYTES = 512;

/** Where the fields of a header begin. */
const AT = {
  name: 0,
  mode: 100,
  size: 124,
  time: 136,
  checksum: 148,
  type: 156,
  linkName: 157,
  magic: 257,
  prefix: 345,
};
const CHECKSUM_BYTES = 8;

const isHeader = (block: Uint8Array): boolean =>
  new TextDecoder('latin1').decode(block.subarray(AT.magic, AT.magic + 5)) === 'ustar';

/** Gives each header the checksum that belongs to it, in place: without it a reader refuses all that was changed. */
const repairChecksums = (tar: Uint8Array): Uint8Array => {
  for (let at = 0; at + BLOCK_BYTES <= tar.length; at += BLOCK_BYTES) {
    const block = tar.subarray(at, at + BLOCK_BYTES);
    if (!isHeader(block)) continue;
    block.fill(32, AT.checksum, AT.checksum + CHECKSUM_BYTES);
    const sum = block.reduce((all, byte) => all + byte, 0);
    put(block, `${sum.toString(8).padStart(6, '0')}\0 `, AT.checksum);
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

/** A character a byte, as far as there is room. */
const put = (header: Uint8Array, text: string, at: number): void => {
  for (const [index, letter] of [...text].entries())
    if (at + index < header.length) header[at + index] = letter.charCodeAt(0);
};

const blocksOf = (bytes: Uint8Array): Uint8Array => {
  const padded = new Uint8Array(Math.ceil(bytes.length / BLOCK_BYTES) * BLOCK_BYTES);
  padded.set(bytes);
  return padded;
};

/** One entry: its header and its content. */
const entryBytes = ({ name, size, type = '0', linkName = '', content = new Uint8Array() }: TarEntry): Uint8Array => {
  const header = new Uint8Array(BLOCK_BYTES);
  put(header, name, AT.name);
  put(header, '0000644\0', AT.mode);
  put(header, size ?? `${content.length.toString(8).padStart(11, '0')}\0`, AT.size);
  put(header, '00000000000\0', AT.time);
  put(header, type, AT.type);
  put(header, linkName, AT.linkName);
  put(header, 'ustar\x0000', AT.magic);
  return joined([repairChecksums(header), blocksOf(content)]);
};

/** An archive of these entries, right but for what they say themselves. */
export const tarOf = (entries: readonly TarEntry[]): Uint8Array =>
  joined([...entries.map(entryBytes), new Uint8Array(2 * BLOCK_BYTES)]);

const TEXTS = [
  ...['', '\0', '/', '..', '../x', 'a/../../x', '/etc/passwd', '..\\x', '__proto__', 'x'.repeat(100), '\xff\xfe'],
  ...[
    '0',
    '7',
    '00000000001\0',
    '00000001000\0',
    '77777777777\0',
    '-0000000001\0',
    'zzzzzzzzzzz\0',
    '\x80\0\0\0\xff',
    '\xff'.repeat(12),
  ],
];
const TYPES = ['\0', '0', '1', '2', '3', '4', '5', '6', '7', 'A', 'D', 'g', 'K', 'L', 'S', 'V', 'x'];

/** What a reader looks at. */
const FIELDS = [AT.name, AT.size, AT.type, AT.linkName, AT.magic, AT.prefix];

/** A header with one field changed, whole blocks moved about, or a byte in a pax record; with the checksums that belong to it. */
export const mutateTar = (tar: Uint8Array, random: Random): Uint8Array => {
  const blocks = Array.from({ length: Math.ceil(tar.length / BLOCK_BYTES) }, (_, nth) =>
    Uint8Array.from(tar.subarray(nth * BLOCK_BYTES, (nth + 1) * BLOCK_BYTES)),
  );
  const headers = blocks.filter(isHeader);
  const at = random(blocks.length + 1);
  const [header, block] = [headers[random(headers.length || 1)], blocks[at]];
  const what = random(8);
  if (what === 0) blocks.splice(at, 1);
  else if (what === 1 && block !== undefined) blocks.splice(random(blocks.length), 0, Uint8Array.from(block));
  else if (what === 2 && block !== undefined) block[random(32)] = 48 + random(16);
  else if (header !== undefined) {
    const field = pick(FIELDS, random);
    put(header, field === AT.type ? pick(TYPES, random) : pick(TEXTS, random), field);
  }
  return repairChecksums(joined(blocks));
};
