// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs';
import { brotliDecompressSync } from 'node:zlib';
import { z } from 'zod';
import { parseMachine } from '../../engine/machine/load.ts';
import type { PlainMachine } from '../../engine/machine/plain.ts';
import { OPERATIONS } from '../../engine/ops/index.ts';
import { decodeCsv } from '../../engine/trace/csv.ts';
import type { TraceEvent } from '../../engine/trace/operation.ts';
import type { Parsed } from '../../engine/trace/problem.ts';

const packedSchema = z.strictObject({
  name: z.string(),
  /** Without MSI, MSI-X, resizable BARs, domctl and MMIO. */
  core: z.boolean(),
  machine: z.string(),
  trace: z.string(),
  /** Answers, one JSON object a line, by release or state. */
  expected: z.record(z.string(), z.string()),
});

export type PackedCase = z.output<typeof packedSchema>;

/** A corpus: what releases answer, or what states under discussion do. */
export type Corpus = 'oracle' | 'proposals';

/** The packed copy of a corpus; `node scripts/refresh-oracle.mjs` renews it. */
export const readCorpus = (corpus: Corpus): readonly PackedCase[] => {
  const packed = readFileSync(new URL(`data/${corpus}.ndjson.br`, import.meta.url));
  const lines = brotliDecompressSync(packed).toString('utf8').trimEnd().split('\n');
  return lines.map((line) => packedSchema.parse(JSON.parse(line)));
};

/** A case with its machine and trace read, which all releases share. */
export interface OracleCase extends Omit<PackedCase, 'machine' | 'trace'> {
  readonly machine: PlainMachine;
  readonly events: readonly TraceEvent[];
  /** Whether the accesses to hardware that its answers list are reads, too. */
  readonly listsReads: boolean;
}

const accept = <T>(name: string, parsed: Parsed<T>): T => {
  if (parsed.ok) return parsed.value;
  throw new Error(`${name}: ${parsed.problems.map(({ line, message }) => `line ${line}: ${message}`).join('\n')}`);
};

const READ_LISTED = /"hw":\[[^\]]*"r /;

export const openCase = (packed: PackedCase): OracleCase => ({
  ...packed,
  machine: accept(packed.name, parseMachine(packed.machine)),
  events: accept(packed.name, decodeCsv(packed.trace, OPERATIONS)).events,
  listsReads: Object.values(packed.expected).some((answers) => READ_LISTED.test(answers)),
});

/**
 * The answers that hold for a release: those of the newest release up to it that has any, since a release has answers
 * of its own only where they differ from the one before. None if the case starts later.
 */
export const inheritedAnswers = (
  { expected }: Pick<PackedCase, 'expected'>,
  release: string,
  releases: readonly string[],
): string | undefined => {
  const upTo = releases.slice(0, releases.indexOf(release) + 1);
  const from = upTo.findLast((name) => expected[name] !== undefined);
  return from === undefined ? undefined : expected[from];
};
