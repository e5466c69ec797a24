// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { discover } from '../../cli/corpus.ts';
import { model } from '../../cli/model.ts';
import { makeSession } from '../../cli/session.ts';
import { SEEDS, seedNames } from '../../engine/semantics/seeds.ts';

const corpus = discover(['traces'], undefined);
if (!corpus.ok) throw new Error(corpus.message);
const session = makeSession(model);

const headers = corpus.corpus.cases.flatMap(({ name, trace }) => {
  const loaded = session.loadTrace(trace);
  if (!loaded.ok) return [];
  const { seed, question, answer } = loaded.value.header.directives;
  return [{ name, seed, question, answer }];
});

describe('traces of discussions', () => {
  test('name discussions that are known', () => {
    const known = new Set(SEEDS.map(({ file }) => file));
    const wrong = headers.flatMap(({ name, seed }) =>
      seedNames(seed)
        .filter((one) => !known.has(one))
        .map((one) => `${name}: ${one}`),
    );
    expect(wrong).toEqual([]);
  });

  test('say both where something is asked and what', () => {
    const half = headers.filter(
      ({ seed, question, answer }) =>
        (seed === undefined) !== (question === undefined) || (answer !== undefined && question === undefined),
    );
    expect(half.map(({ name }) => name)).toEqual([]);
  });

  test('ask each question once', () => {
    const questions = headers.flatMap(({ question }) => question ?? []);
    expect(questions.filter((question, index) => questions.indexOf(question) !== index)).toEqual([]);
  });
});
