// SPDX-License-Identifier: GPL-2.0-only
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type Corpus, readCorpus } from './cases.ts';

const shared = fileURLToPath(new URL('../../../shared', import.meta.url));

const originals: readonly (readonly [corpus: Corpus, folder: string])[] = [
  ['oracle', join(shared, 'oracle')],
  ['proposals', join(shared, 'oracle-proposals')],
];

/** All files of the folder's cases by path, as they are. */
const readFiles = (folder: string): ReadonlyMap<string, string> =>
  new Map(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => /\/.*\.\w+$/.test(path))
      .map((path) => [path, readFileSync(join(folder, path), 'utf8')]),
  );

/** The same, from the packed copy. */
const unpack = (corpus: Corpus): ReadonlyMap<string, string> =>
  new Map(
    readCorpus(corpus).flatMap(({ name, machine, trace, expected }): (readonly [string, string])[] => [
      [`${name}/machine.yaml`, machine],
      [`${name}/trace.csv`, trace],
      ...Object.entries(expected).map(([state, text]) => [`${name}/expected/${state}.ndjson`, text] as const),
    ]),
  );

test('the packed copy has all core cases', () => {
  expect(readCorpus('oracle').filter(({ core }) => core).length).toBe(138);
});

// The originals are no part of the project; where they are not at hand there is nothing to compare the copy with.
for (const [corpus, folder] of originals)
  if (existsSync(folder))
    describe(`the packed copy of ${corpus}`, () => {
      test('has all files of all cases as they are, and no others', () => {
        const [copy, original] = [unpack(corpus), readFiles(folder)];
        expect([...copy.keys()].sort()).toEqual([...original.keys()].sort());
        const changed = [...original].filter(([path, text]) => copy.get(path) !== text);
        expect(changed.map(([path]) => path)).toEqual([]);
      });

      test('knows the core cases', () => {
        const list = join(folder, 'core.txt');
        const core = existsSync(list) ? readFileSync(list, 'utf8').split('\n').filter(Boolean) : [];
        expect(readCorpus(corpus).flatMap(({ name, core }) => (core ? [name] : []))).toEqual(core.sort());
      });
    });
