// SPDX-License-Identifier: GPL-2.0-only
import { z } from 'zod';

/** The report of `check`, declared once: types, the check of what `merge` reads, and the published JSON Schema. */

/** The number of the report's form. */
export const REPORT_VERSION = 1;

const text = z.string();
const count = z.int().min(0);
const wanted = text.describe('what the golden file says; absent: nothing').exactOptional();
const found = text.describe('what the replay says; absent: nothing').exactOptional();

const difference = z.strictObject({
  key: text.describe('the fact, as the golden file names it'),
  event: count.describe('the event that answers, or after which the state is; absent: the final state').exactOptional(),
  op: text.describe('the operation, where an answer differs').exactOptional(),
  device: text.exactOptional(),
  domain: text.exactOptional(),
  field: text.describe('answer, p2m, bar 0, hardware command, …'),
  want: wanted,
  got: found,
});

const first = z.strictObject({
  key: text,
  want: wanted,
  got: found,
  event: count.describe('number of the event; absent: the final state').exactOptional(),
  line: z
    .int()
    .min(1)
    .describe('line in the trace of that event, or of the one that made the state what it is')
    .exactOptional(),
  rules: z.array(text).describe('rules that decided in the event of that line, in this order'),
});

const finding = z.strictObject({
  kind: z.enum(['differs', 'stale', 'missing', 'redundant', 'malformed', 'inapplicable']),
  golden: text.describe('path of the golden file'),
  releases: z.array(text).min(1).describe('releases or proposals that it is about, oldest first'),
  message: text.describe('the finding in one sentence, without the facts'),
  edited: z
    .enum(['trace', 'machine', 'trace and machine'])
    .describe('what was edited since the golden file was written, where the outcome differs')
    .exactOptional(),
  outcome: text.describe('digest of the outcome, by which an expectation may name it').exactOptional(),
  cause: z
    .strictObject({ name: text, says: text.exactOptional() })
    .describe(
      'the rule that decided or the listed change between releases, and the kind of the first fact, as accept --expect takes them',
    )
    .exactOptional(),
  first: first.describe('the first fact that differs').exactOptional(),
  differences: z.array(difference).exactOptional(),
  diff: text.describe('unified diff of the whole golden file, of the first of the releases').exactOptional(),
  known: z
    .strictObject({ reason: text, until: text })
    .describe('the reviewed expectation that this finding is what should be')
    .exactOptional(),
});

const outcome = z.strictObject({
  releases: z.array(text).min(1).describe('releases and proposals that have this outcome'),
  timeline: text
    .describe("what each event did, under the first of them: JSON, as the HTML report's map takes it")
    .exactOptional(),
  leftOut: text.describe('why there is no timeline').exactOptional(),
});

const STATUSES = ['agrees', 'differs', 'known', 'error', 'defect', 'skipped'] as const;

const caseReport = z.strictObject({
  name: text.describe('<subject>/<case>'),
  trace: text.describe('path of the trace'),
  title: text.describe('what the trace shows').exactOptional(),
  machine: text.describe('file of the machine, within the corpus').exactOptional(),
  status: z
    .enum(STATUSES)
    .describe(
      'known: differs as reviewed expectations say; error: an input is wrong; defect: hvreplay failed; skipped: no selected release applies',
    ),
  releases: z.array(text).describe('releases and proposals it was replayed under'),
  cost: count.describe('events replayed, over all releases'),
  findings: z.array(finding),
  outcomes: z.array(outcome).describe('the outcomes that there are; only with the HTML report').exactOptional(),
  error: text.describe('why there is no outcome').exactOptional(),
});

const stray = z.strictObject({
  path: text,
  message: text,
  orphan: z.boolean().describe('a golden file whose trace is gone'),
});

const expectation = z.strictObject({
  file: text.describe('path of the list'),
  line: z.int().min(1).describe('line of the entry'),
  case: text,
  release: text,
  reason: text,
  until: text,
  message: text.describe('what is wrong with the entry'),
});

const summary = z.strictObject({
  cases: count.describe('that were compared, or should have been; all but the skipped ones'),
  replays: count,
  agree: count,
  differ: count,
  known: count,
  errors: count.describe('cases without an outcome, defects included'),
  defects: count,
  skipped: count,
  strays: count,
  expectations: count.describe('entries of the list of expectations that fail'),
});

const shard = z.strictObject({
  index: z.int().min(1),
  count: z.int().min(1),
  plan: text.describe('digest of the corpus, the selection and the distribution; equal for all shards of a run'),
});

export const reportSchema = z.strictObject({
  report: z.literal(REPORT_VERSION),
  summary,
  shard: shard.describe('present: this is only a part').exactOptional(),
  cases: z.array(caseReport).describe('by name'),
  strays: z.array(stray).describe('files that belong to no case'),
  expectations: z.array(expectation).describe('entries that do not apply any more, have expired or name nothing'),
});

export type Report = z.infer<typeof reportSchema>;
export type CaseReport = Report['cases'][number];
export type FindingReport = CaseReport['findings'][number];
export type FirstDifference = NonNullable<FindingReport['first']>;
export type Summary = Report['summary'];

/** The JSON Schema (draft 2020-12) of the report, as docs/report.schema.json publishes it. */
export const reportJsonSchema = (): object => ({ title: 'hvreplay report', ...z.toJSONSchema(reportSchema) });
