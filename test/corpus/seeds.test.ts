// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { discover } from '../../cli/corpus.ts';
import { model } from '../../cli/model.ts';
import { seedSections } from '../../cli/seed-corpus.ts';
import { seedsMarkdown } from '../../cli/seed-text.ts';
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

describe('the page of discussions', () => {
  const made = seedSections(session, corpus.corpus);

  test('is what `hvreplay seeds --format markdown` prints', () => {
    expect(made).toMatchObject({ ok: true });
    if (!made.ok) return;
    const page = readFileSync(new URL('../../docs/seeds.md', import.meta.url), 'utf8');
    expect(page).toBe(seedsMarkdown(made.sections));
  });

  test('has states that were discussed without code marked as such', () => {
    const proposals = made.ok ? made.sections.flatMap((section) => section.proposals) : [];
    expect(proposals).toContainEqual(expect.objectContaining({ name: 'pfvf-busy', fromText: true }));
    expect(proposals).toContainEqual(expect.objectContaining({ name: 'pfvf-v6', fromText: false }));
  });
});
