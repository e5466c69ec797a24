// SPDX-License-Identifier: GPL-2.0-only
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type TarEntry, tarOf } from '../../bench/fuzz/tar.ts';
import { bytes, refused, run } from './refused.ts';

/** What `import` does with archives, compressed files and texts that mean harm. */

const MIB = 2 ** 20;

const imported = (content: string | Uint8Array): string => refused({ files: { f: content }, args: ['import', 'f'] });

/** A pax record: its own length, a key, a value. */
const pax = (key: string, value: string): Uint8Array => {
  const rest = ` ${key}=${value}\n`;
  const length = [1, 2, 3].map((digits) => digits + rest.length).find((all) => `${all}${rest}`.length === all);
  return bytes(`${length}${rest}`);
};

const FILE = { name: 'f', content: bytes('x') };

describe('a tar', () => {
  test.each<readonly [what: string, entries: readonly TarEntry[], said: RegExp]>([
    ['with a name that goes up', [{ name: '../f' }], /^f: has a file "\.\.\/f", which leads out of it/],
    [
      'with a name that goes up on the way',
      [{ name: 'a/../../f' }],
      /^f: has a file "a\/\.\.\/\.\.\/f", which leads out of it/,
    ],
    ['with an absolute name', [{ name: '/etc/f' }], /^f: has a file "\/etc\/f", which leads out of it/],
    ['with a name for another system', [{ name: '..\\f' }], /^f: has a file "\.\.\\\\f", which leads out of it/],
    [
      'with a long name that goes up',
      [{ name: '././@LongLink', type: 'L', content: bytes('../f\0') }, FILE],
      /^f: has a file "\.\.\/f"/,
    ],
    [
      'with a pax name that goes up',
      [{ name: 'p', type: 'x', content: pax('path', '../f') }, FILE],
      /^f: has a file "\.\.\/f"/,
    ],
    ['with the same name twice', [FILE, FILE], /^f: has "f" twice; expected each name once/],
    ['of a link', [{ name: 'f', type: '2', linkName: '/etc/passwd' }], /^f: is nothing that can be imported/],
    ['of a hard link', [{ name: 'f', type: '1', linkName: '/etc/passwd' }], /^f: is nothing that can be imported/],
    [
      'of a device',
      [
        { name: 'f', type: '3' },
        { name: 'g', type: '4' },
      ],
      /^f: is nothing that can be imported/,
    ],
    ['of a pipe', [{ name: 'f', type: '6' }], /^f: is nothing that can be imported/],
    ['of a link with 8 GiB of content', [{ name: 'f', type: '2', size: '77777777777\0' }], /^f: is n/],
    ['of a sparse file of 8 GiB', [{ name: 'f', type: 'S', size: '77777777777\0' }], /^f: has a file with holes/],
    ['of a file of 8 GiB', [{ name: 'f', size: '77777777777\0' }], /^f: is no whole tar: /],
    ['of a file of 2^64 bytes', [{ name: 'f', size: `\x80${'\xff'.repeat(11)}` }], /^f: is no whole tar: /],
    ['of a file of -1 byte', [{ name: 'f', size: '-0000000001\0' }], /^f: is no whole tar: /],
    ['of a file of no number of bytes', [{ name: 'f', size: 'zzzzzzzzzzz\0' }], /^f: is no whole tar: /],
    ['of a name of 8 GiB', [{ name: 'l', type: 'L', size: '77777777777\0' }, FILE], /^f: is no whole tar: /],
    [
      'of a pax size beyond all',
      [{ name: 'p', type: 'x', content: pax('size', '9'.repeat(40)) }, FILE],
      /^f: is nothing that can be imported/,
    ],
    [
      'of a pax size that is none',
      [{ name: 'p', type: 'x', content: pax('size', 'NaN') }, FILE],
      /^f: is nothing that can be imported/,
    ],
    [
      'with a pax key __proto__',
      [{ name: 'p', type: 'x', content: pax('__proto__', 'x') }, FILE],
      /^f: is nothing that can be/,
    ],
    [
      'with a pax record of no length',
      [{ name: 'p', type: 'x', content: bytes('0 path=x\n'.repeat(50)) }, FILE],
      /^f: is nothing/,
    ],
    [
      'of a damaged gzip',
      [{ name: 'f.gz', content: bytes([0x1f, 0x8b, 8, 0], 'x'.repeat(60)) }],
      /^f:f\.gz: cannot be inflated/,
    ],
  ])('%s', (_what, entries, said) => {
    expect(imported(tarOf(entries))).toMatch(said);
  });
});

describe('a compressed file', () => {
  const packed = gzipSync('(XEN) x\n'.repeat(1000));
  const newlines = gzipSync(Buffer.alloc(MIB, '\n'));
  const marked = gzipSync('(XEN) x\n');

  test.each<readonly [what: string, content: Uint8Array, said: RegExp]>([
    ['that ends early', packed.subarray(0, -9), /^f: cannot be inflated \(unexpected end of file\)/],
    ['with something behind it', bytes([...packed], 'junk'), /^f: cannot be inflated/],
    [
      'whose checksum is wrong',
      bytes([...packed.subarray(0, -8)], [0, 0, 0, 0], [...packed.subarray(-4)]),
      /^f: cannot be inflated/,
    ],
    ['within a compressed file', gzipSync(packed), /^f: is nothing that can be imported/],
    ['of its first bytes alone', packed.subarray(0, 2), /^f: cannot be inflated/],
    [
      'of two million line ends',
      bytes([...marked], ...Array.from({ length: 2 }, () => [...newlines])),
      /^f:2000001: more than 2000000 lines/,
    ],
    [
      'of 129 MiB of text',
      bytes([...marked], ...Array.from({ length: 129 }, () => [...newlines])),
      /^f: more than 128 MiB of text/,
    ],
  ])('%s', (_what, content, said) => {
    expect(imported(content)).toMatch(said);
  });

  test('a thousand bombs in a tar are given up after two', () => {
    const bomb = bytes([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3], 'x'.repeat(MIB));
    const said = imported(tarOf(Array.from({ length: 4 }, (_, nth) => ({ name: `${nth}`, content: bomb }))));
    expect(said.split('\n')).toEqual([
      ...[0, 1].map((nth) => expect.stringContaining(`f:${nth}: cannot be inflated`)),
      'f:1: more than 2048 MiB in all; nothing after it was read',
      '',
    ]);
  });
});

/** One line that a reader tries again from each of its characters takes for ever, if the reader does. */
describe('a console with a line of 2 MB', () => {
  const SIZE = 2_000_000;

  test.each([
    ['a word', 'x'],
    ['carriage returns within it', '\r'],
    ['the mark again and again', '(XEN) '],
    ['the mark and a bracket', '(XEN) ['],
    ['the mark of a log', '(XEN) @'],
    ['numbers of a time', '1.1'],
    ['opening brackets', '['],
    ['functions', '0000:00:00.0'],
    ['blanks', ' '],
  ])('of %s', (_what, piece) => {
    const long = piece.repeat(Math.floor(SIZE / piece.length));
    const lines = ['(XEN) hello', `(XEN) ${long}!`, `(XEN) [${long}!`, `${long}!`, `(XEN) @V ${long}x`];
    const { said } = run({ files: { f: lines.join('\n') }, args: ['import', 'f'] });
    expect(said).toMatch(
      /^hvreplay import: neither accesses nor devices|f:5: a line of the vPCI log \(@V\) that is cut/,
    );
  });
});

test('a record of two million faults: some are listed, the rest is counted', () => {
  const said = imported(`0x${'0'.repeat(16)} 0x${'0'.repeat(16)} 0x${'0'.repeat(16)}\n${'x\n'.repeat(1_900_000)}`);
  expect(said).toMatch(/^f:1: a row before any device/);
  expect(said).toMatch(/^f: and 1899951 more$/m);
});
