// SPDX-License-Identifier: GPL-2.0-only
import { mkdirSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { tarOf } from '../../bench/fuzz/tar.ts';
import { readTar } from '../../cli/archive.ts';
import { importConsole } from '../../engine/import/console.ts';
import { parseFlatTree } from '../../engine/import/flat-tree.ts';
import { parseLspciText } from '../../engine/import/lspci-text.ts';
import { readAsText } from '../../engine/import/problems.ts';
import { parseSysfsResources } from '../../engine/import/sysfs-resource.ts';
import { importXentrace } from '../../engine/import/xentrace.ts';
import type { Parsed } from '../../engine/trace/problem.ts';
import { runCommand } from '../cli/run-command.ts';
import { scratch } from '../cli/scratch.ts';
import { limitOf } from './limit-of.ts';
import { bytes } from './refused.ts';

/** What is imported, just below and just above each limit. */

const said = (parsed: Parsed<unknown>): string =>
  parsed.ok ? '' : parsed.problems.map(({ message }) => message).join('\n');

const VMMCALL = 0x82012;
const piece = (cpu: number, records: number): Uint8Array => {
  const file = new Uint32Array(3 + records).fill(VMMCALL);
  file.set([0x2001f003, cpu, 4 * records]);
  return new Uint8Array(file.buffer);
};

/** A tree of these tokens; names of nodes are texts. */
const tree = (tokens: readonly (number | string)[]): Uint8Array => {
  const parts = tokens.map((token) => {
    if (typeof token === 'string')
      return bytes(
        token,
        Array.from({ length: 4 - (token.length % 4) }, () => 0),
      );
    return bytes([0, 0, 0, token]);
  });
  const structure = Buffer.concat(parts);
  const header = [0xd00dfeed, 40 + structure.length, 40, 40, 40, 17, 16, 0, 0, structure.length];
  const file = new Uint8Array(40 + structure.length);
  header.forEach((word, at) => {
    new DataView(file.buffer).setUint32(4 * at, word);
  });
  file.set(structure, 40);
  return file;
};
const [BEGIN, END, DONE] = [1, 2, 9];
const nested = (levels: number): Uint8Array =>
  tree([
    ...Array.from({ length: levels }, () => [BEGIN, 'n']).flat(),
    ...Array.from({ length: levels }, () => END),
    DONE,
  ]);
const siblings = (nodes: number): Uint8Array =>
  tree([BEGIN, 'n', ...Array.from({ length: nodes - 1 }, () => [BEGIN, 'n', END]).flat(), END, DONE]);

const sbdfOf = (nth: number): string => {
  const digits = (value: number, width: number): string => value.toString(16).padStart(width, '0');
  const [segment, rest] = [Math.floor(nth / 65_536), nth % 65_536];
  return `${digits(segment, 4)}:${digits(Math.floor(rest / 256), 2)}:${digits(Math.floor(rest / 8) % 32, 2)}.${rest % 8}`;
};
const heading = (nth: number): string => `${sbdfOf(nth)} Device\n`;

const RESOURCE = '0x0000000000000000 0x0000000000000000 0x0000000000000000\n';
const ACCEPT = (): Parsed<unknown> => ({ ok: true, value: undefined });

test.each<readonly [limit: number, refusal: RegExp, read: (size: number) => Parsed<unknown>]>([
  [
    limitOf('MAX_TEXT_BYTES', 'engine/import/limits.ts'),
    /more than 128 MiB of text/,
    (n) => readAsText(new Uint8Array(n), ACCEPT),
  ],
  [
    limitOf('MAX_TEXT_LINES', 'engine/import/limits.ts'),
    /more than 2000000 lines/,
    (n) => readAsText(Buffer.alloc(n, '\n'), ACCEPT),
  ],
  [
    limitOf('MAX_XEN_RECORDS', 'engine/import/limits.ts'),
    /more than 3000000 records/,
    (n) => importXentrace(piece(0, n)),
  ],
  [
    limitOf('MAX_CPUS', 'engine/import/xentrace.ts'),
    /expected a record that names a CPU/,
    (n) => importXentrace(piece(n - 1, 1)),
  ],
  [
    limitOf('MAX_CONSOLE_FACTS', 'engine/import/console.ts'),
    /more than 1000000 facts/,
    (n) => importConsole('(XEN) Xen version 4\n'.repeat(n)),
  ],
  [
    limitOf('MAX_LSPCI_DEVICES', 'engine/import/lspci-text.ts'),
    /more than 65536 devices/,
    (n) => parseLspciText(Array.from({ length: n }, (_, nth) => heading(nth)).join('')),
  ],
  [
    limitOf('MAX_RESOURCE_ROWS', 'engine/import/sysfs-resource.ts'),
    /more than 24 rows/,
    (n) => parseSysfsResources(`== 0000:00:00.0\n${RESOURCE.repeat(n)}`),
  ],
  [
    limitOf('MAX_TREE_BYTES', 'engine/import/flat-tree.ts'),
    /expected at most 4194304/,
    (n) => parseFlatTree(new Uint8Array(n)),
  ],
  [limitOf('MAX_NODES', 'engine/import/flat-tree.ts'), /more than 65536 nodes/, (n) => parseFlatTree(siblings(n))],
  [
    limitOf('MAX_DEPTH', 'engine/import/flat-tree.ts'),
    /more than 64 nodes in each other/,
    (n) => parseFlatTree(nested(n)),
  ],
  [
    limitOf('MAX_NAME_BYTES', 'engine/import/flat-tree.ts'),
    /expected the node's name, at most 256 bytes/,
    (n) => parseFlatTree(tree([BEGIN, 'n'.repeat(n), END, DONE])),
  ],
])('%i, and one more: %s', (limit, refusal, read) => {
  expect(said(read(limit))).not.toMatch(refusal);
  expect(said(read(limit + 1))).toMatch(refusal);
});

test('files of a tar', async () => {
  const limit = limitOf('MAX_ARCHIVED_FILES', 'cli/archive.ts');
  const archive = (count: number): Uint8Array =>
    tarOf(Array.from({ length: count }, (_, nth) => ({ name: `f${nth}` })));
  expect(await readTar(archive(limit))).toMatchObject({ ok: true, value: { length: limit } });
  expect(await readTar(archive(limit + 1))).toMatchObject({
    message: expect.stringContaining(`more than ${limit} files`),
  });
});

test('files of a folder', async () => {
  const limit = limitOf('MAX_FILES', 'cli/source-files.ts');
  const here = scratch();
  mkdirSync(here.at('d'));
  for (let nth = 0; nth < limit; nth += 1) writeFileSync(here.at(`d/${nth}`), '');
  const answer = async (): Promise<string> => (await runCommand(['import', here.at('d')])).notes;
  expect(await answer()).toMatch(/\/d: is nothing that can be imported/);
  writeFileSync(here.at('d/more'), '');
  expect(await answer()).toMatch(/\/d: has more than 4096 files/);
});

test('bytes of all files of a run: what cannot be inflated counts by what might have come out', async () => {
  const limit = limitOf('MAX_RUN_BYTES', 'cli/source-files.ts');
  const each = limitOf('MAX_SOURCE_BYTES', 'cli/source-files.ts');
  const bomb = bytes([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3], 'x'.repeat(each / 1032));
  const here = scratch({ 'd/0': bomb, 'd/1': bomb });
  expect(limit).toBe(2 * each);
  expect((await runCommand(['import', here.at('d')])).notes).not.toMatch(/MiB in all/);
  here.write('d/2', bomb);
  here.write('d/3', bomb);
  const { notes } = await runCommand(['import', here.at('d')]);
  expect(notes).toMatch(/\/d\/2: more than 2048 MiB in all; nothing after it was read/);
  expect(notes).not.toMatch(/\/d\/3/);
});
