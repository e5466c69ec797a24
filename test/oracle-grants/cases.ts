// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';

const caseSchema = z.strictObject({
  name: z.string(),
  machine: z.string(),
  trace: z.string(),
  /** Answers by the state's name. */
  expected: z.record(z.string(), z.string()),
});

export type OracleCase = z.infer<typeof caseSchema>;

/** The packed copy of the cases; `scripts/refresh-oracle-grants.mjs` makes it. */
export const readCases = (): readonly OracleCase[] => {
  const packed = readFileSync(new URL('./data/cases.json.gz', import.meta.url));
  return z.array(caseSchema).parse(JSON.parse(gunzipSync(packed).toString('utf8')));
};

export type Answer = Readonly<Record<string, unknown>>;

const answerSchema = z.record(z.string(), z.unknown());

export const parseAnswers = (ndjson: string): readonly Answer[] =>
  ndjson
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => answerSchema.parse(JSON.parse(line)));

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const show = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, 160);

/**
 * The first place where `got` does not hold what `want` says: every key with the same value, lists with the same length
 * and order. Further keys of `got` do not matter.
 */
export const difference = (want: unknown, got: unknown, at = ''): string | undefined => {
  if (isRecord(want)) {
    if (!isRecord(got)) return `${at}: want an object, got ${show(got)}`;
    for (const [key, value] of Object.entries(want)) {
      if (!Object.hasOwn(got, key)) return `${at}.${key}: missing, want ${show(value)}`;
      const found = difference(value, got[key], `${at}.${key}`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (Array.isArray(want)) {
    if (!Array.isArray(got) || got.length !== want.length) return `${at}: want ${show(want)}, got ${show(got)}`;
    for (const [index, value] of want.entries()) {
      const found = difference(value, got[index], `${at}[${index}]`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  return want === got ? undefined : `${at}: want ${show(want)}, got ${show(got)}`;
};
