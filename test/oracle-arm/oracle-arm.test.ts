// SPDX-License-Identifier: GPL-2.0-only
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readOracleArm } from './data.ts';
import { replayScenario } from './replay.ts';

const oracle = readOracleArm();

/** Which tree's answers a release is compared with: from 4.21 on nothing changed. */
const ANSWERED_AS: Readonly<Record<string, string>> = {
  'xen-4.19': 'xen-4.19',
  'xen-4.20': 'xen-4.20',
  'xen-4.21': 'xen-4.21',
  'xen-4.22': 'xen-4.21',
  'xen-unstable': 'xen-4.21',
};

const answerSchema = z.looseObject({ log: z.array(z.string()).optional(), died: z.string().optional() });

/**
 * `log` is left out: it holds the texts of Xen's messages, which the model has no use for and does not repeat. Of
 * `died` the line number in Xen's source is dropped, which says nothing about behaviour.
 */
const comparable = (text: string): unknown => {
  const { log: _log, died, ...answer } = answerSchema.parse(JSON.parse(text));
  return died === undefined ? answer : { ...answer, died: died.replace(/:\d+$/, '') };
};

describe.each(Object.entries(ANSWERED_AS))('%s answers as the code of %s', (release, tree) => {
  test.each(Object.keys(oracle.scenarios))('%s', (name) => {
    const expected = (oracle.answers[tree]?.[name] ?? '').trim().split('\n').map(comparable);
    expect(replayScenario(oracle.scenarios[name] ?? '', release)).toStrictEqual(expected);
  });
});

test('there are scenarios, and each has answers in all trees', () => {
  const names = Object.keys(oracle.scenarios);
  expect(names.length).toBeGreaterThanOrEqual(44);
  for (const tree of new Set(Object.values(ANSWERED_AS)))
    expect(Object.keys(oracle.answers[tree] ?? {}).sort()).toEqual(names.sort());
});

const source = fileURLToPath(new URL('../../../shared/oracle-arm/', import.meta.url));

const readFolder = (folder: string, ending: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder)
      .filter((name) => name.endsWith(ending))
      .map((name) => [name.slice(0, -ending.length), readFileSync(`${folder}/${name}`, 'utf8')]),
  );

// The original is not part of the project; where it is not at hand there is nothing to compare the copy with.
if (existsSync(source))
  test('the packed copy is complete and equal to the original', () => {
    expect(oracle.scenarios).toEqual(readFolder(`${source}scenarios`, '.scn'));
    const trees = readdirSync(`${source}answers`);
    expect(Object.keys(oracle.answers).sort()).toEqual(trees.sort());
    for (const tree of trees) expect(oracle.answers[tree]).toEqual(readFolder(`${source}answers/${tree}`, '.jsonl'));
  });
