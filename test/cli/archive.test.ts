// SPDX-License-Identifier: GPL-2.0-only
import { spawnSync } from 'node:child_process';
import { linkSync, readFileSync, symlinkSync, truncateSync } from 'node:fs';
import { packTar, type TarEntry } from 'modern-tar';
import { describe, expect, test } from 'vitest';
import { isTar, readTar } from '../../cli/archive.ts';
import { type Scratch, scratch } from './scratch.ts';

const NAME = `${'folder/'.repeat(20)}${'n'.repeat(120)}.txt`;
const FILES = { 'a.txt': 'a\n', 'naïve =name.txt': 'b', [NAME]: 'c', 'empty.txt': '' };

/** What GNU tar makes of the folder `in`. */
const packed = (here: Scratch, ...options: readonly string[]): Uint8Array => {
  const { status, stderr } = spawnSync('tar', ['-C', here.at('in'), ...options, '-cf', here.at('t.tar'), '.']);
  expect({ status, stderr: stderr.toString() }).toEqual({ status: 0, stderr: '' });
  return readFileSync(here.at('t.tar'));
};

const inFolder = (files: Readonly<Record<string, string>>): Scratch =>
  scratch(Object.fromEntries(Object.entries(files).map(([name, text]) => [`in/${name}`, text])));

const read = async (bytes: Uint8Array): Promise<unknown> => {
  const archived = await readTar(bytes);
  if (!archived.ok) return archived.message;
  return Object.fromEntries(archived.value.map((file) => [file.name, Buffer.from(file.bytes).toString()]));
};

const entry = (name: string, body = ''): TarEntry => ({ header: { name, size: body.length }, body });

test.each(['gnu', 'oldgnu', 'pax'])('long names and names beyond ASCII of a tar in %s format', async (format) => {
  const here = inFolder(FILES);
  symlinkSync('a.txt', here.at('in/link'));
  const tar = packed(here, `--format=${format}`);
  expect(isTar(tar)).toBe(true);
  expect(await read(tar)).toEqual(Object.fromEntries(Object.entries(FILES).map(([name, text]) => [`./${name}`, text])));
});

test('of a file with two names the first one', async () => {
  const here = inFolder({ 'a.txt': 'a' });
  linkSync(here.at('in/a.txt'), here.at('in/b.txt'));
  expect(Object.values((await read(packed(here))) as object)).toEqual(['a']);
});

test('names of ustar that are in two parts', async () => {
  const name = `${'d'.repeat(90)}/${'n'.repeat(90)}`;
  expect(await read(packed(inFolder({ [name]: 'x' }), '--format=ustar'))).toEqual({ [`./${name}`]: 'x' });
});

describe('refused is', () => {
  test.each(['gnu', 'pax'])('a file with holes in %s format, of which a tar has a part', async (format) => {
    const here = inFolder({ 'xentrace.bin': 'x' });
    truncateSync(here.at('in/xentrace.bin'), 2 ** 20);
    expect(await read(packed(here, '--sparse', `--format=${format}`))).toBe(
      'has a file with holes; expected a tar that was made without --sparse',
    );
  });

  test('whatever is cut off, wherever', async () => {
    const tar = packed(inFolder({ 'a.txt': 'a'.repeat(700), 'b.txt': 'b' }), '--blocking-factor=1');
    for (let length = 300; length < tar.length; length += 100)
      expect(await read(tar.subarray(0, length)), `${length} of ${tar.length}`).toMatch(/^is no whole tar: /);
    for (let length = 512; length < tar.length; length += 512)
      expect(await read(tar.subarray(0, length)), `${length} of ${tar.length}`).toMatch(/^is no whole tar: /);
  });

  test('a header with a flipped bit, and what follows the end', async () => {
    const tar = await packTar([entry('a.txt', 'a')]);
    const flipped = Uint8Array.from(tar, (byte, index) => (index === 130 ? byte + 1 : byte));
    expect(await read(flipped)).toMatch(/^is no whole tar: /);
    expect(await read(Buffer.concat([tar, Buffer.from('more')]))).toMatch(/^is no whole tar: /);
  });

  test.each(['../x', '/etc/x', 'a/../../x', 'a\\x'])('a file named %s', async (name) => {
    expect(await read(await packTar([entry(name)]))).toBe(`has a file ${JSON.stringify(name)}, which leads out of it`);
  });

  test.each(['a\u001b[31mb', 'a\nb'])('a file named %j', async (name) => {
    expect(await read(await packTar([entry(name)]))).toMatch(/^has a file ".*"; expected names without control/);
  });

  test('a file that says that it is larger than the tar, without making room for it', async () => {
    const tar = Buffer.from(await packTar([{ header: { name: 'a', size: 8 ** 11 - 1, type: 'directory' } }]));
    tar.write('77777777777\0', 124, 'latin1');
    tar.write('0', 156, 'latin1');
    tar.write('        ', 148, 'latin1');
    const sum = tar.subarray(0, 512).reduce((total, byte) => total + byte, 0);
    tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
    expect(await read(tar)).toBe('is no whole tar: Tar archive is truncated.');
  });

  test('more than 4096 files, folders and links', async () => {
    const link = (nth: number): TarEntry => ({ header: { name: `l${nth}`, size: 0, type: 'symlink', linkname: 'a' } });
    const tar = (count: number) => packTar([entry('a'), ...Array.from({ length: count - 1 }, (_, nth) => link(nth))]);
    expect(await read(await tar(4096))).toEqual({ a: '' });
    expect(await read(await tar(4097))).toBe('has more than 4096 files; expected those of one run');
  });
});
