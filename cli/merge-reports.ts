// SPDX-License-Identifier: GPL-2.0-only
import { type FileResult, readBytes } from './files.ts';
import { makeReport } from './reporters/report.ts';
import { type Report, reportSchema } from './reporters/report-schema.ts';

const MAX_REPORT_BYTES = 256 * 2 ** 20;

/** Brackets and commas of a report, those in its texts too: every value that takes memory has one. */
const MAX_REPORT_MARKS = 16_777_216;

const [BRACKET = 0, BRACE = 0, COMMA = 0] = [...'[{,'].map((mark) => mark.charCodeAt(0));

const hasTooManyMarks = (bytes: Uint8Array): boolean => {
  // Each takes a byte.
  if (bytes.length <= MAX_REPORT_MARKS) return false;
  let count = 0;
  for (const byte of bytes) if (byte === COMMA || byte === BRACKET || byte === BRACE) count += 1;
  return count > MAX_REPORT_MARKS;
};

const wrong = (message: string): { readonly ok: false; readonly message: string } => ({ ok: false, message });

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return error;
    throw error;
  }
};

/** What the reporter json wrote. */
export const parseReport = (text: string): FileResult<Report> => {
  const data = parseJson(text);
  if (data instanceof SyntaxError) return wrong(`no JSON (cut off?): ${data.message}`);
  const checked = reportSchema.safeParse(data);
  // What was checked, and not what the check returns: that has its keys in another order.
  if (checked.success) return { ok: true, value: data as Report };
  const [issue] = checked.error.issues;
  const place = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
  return wrong(`not a report of hvreplay check --reporter json: ${place}${issue?.message ?? ''}`);
};

export const readReport = (path: string): FileResult<Report> => {
  const bytes = readBytes(path, MAX_REPORT_BYTES);
  if (!bytes.ok) return wrong(`${path}: ${bytes.message}`);
  if (hasTooManyMarks(bytes.value))
    return wrong(`${path}: more than ${MAX_REPORT_MARKS} brackets and commas; expected a report of fewer cases`);
  const report = parseReport(new TextDecoder().decode(bytes.value));
  return report.ok ? report : wrong(`${path}: ${report.message}`);
};

interface Part {
  readonly path: string;
  readonly report: Report;
}

/** What is wrong with a set of shards; undefined: it is whole. */
const objection = (parts: readonly Part[]): string | undefined => {
  const shards = new Map<number, string>();
  const [first] = parts;
  const plan = first?.report.shard;
  for (const { path, report } of parts) {
    const { shard } = report;
    if (shard === undefined) return `${path}: is no shard; expected a report of hvreplay check --shard i/n`;
    if (shard.count !== plan?.count)
      return `${path}: is a shard of ${shard.count}, ${first?.path} one of ${plan?.count}; expected shards of one run`;
    if (shard.plan !== plan.plan)
      return `${path}: was planned otherwise than ${first?.path}: other traces, machines or golden files, another selection, costs or version of hvreplay`;
    const other = shards.get(shard.index);
    if (other === path) return `${path}: is given twice; expected each shard once`;
    if (other !== undefined) return `${path}: is shard ${shard.index} of ${shard.count}, and so is ${other}`;
    shards.set(shard.index, path);
  }
  const missing = Array.from({ length: plan?.count ?? 0 }, (_, at) => at + 1).filter((index) => !shards.has(index));
  return missing.length === 0
    ? undefined
    : `missing of ${plan?.count} shards: ${missing.join(', ')}; nothing was merged`;
};

/** The report of the whole run, as if it had not been distributed. Fails unless every shard is there, once, of one run. */
export const mergeReports = (paths: readonly string[]): FileResult<Report> => {
  const parts: Part[] = [];
  for (const path of paths) {
    const report = readReport(path);
    if (!report.ok) return report;
    parts.push({ path, report: report.value });
  }
  const message = objection(parts);
  if (message !== undefined) return wrong(message);
  const reports = parts.map(({ report }) => report);
  return {
    ok: true,
    value: makeReport(
      {
        cases: reports.flatMap(({ cases }) => cases),
        strays: reports.flatMap(({ strays }) => strays),
        expectations: reports.flatMap(({ expectations }) => expectations),
      },
      undefined,
    ),
  };
};
