// SPDX-License-Identifier: GPL-2.0-only
import { join } from 'node:path';
import { type Case, type Corpus, listGolden } from './corpus.ts';
import { type FileResult, fileSize, listTree, readBytes, sha256 } from './files.ts';
import { packageVersion } from './package-version.ts';
import { REPORT_VERSION, type Report } from './reporters/report-schema.ts';
import { MAX_TRACE_BYTES } from './session.ts';
import type { ShardChoice } from './shard.ts';

/** Cases with what each is expected to cost, the most expensive first. */
export type Costed = readonly { readonly it: Case; readonly cost: number }[];

/**
 * What each case costs, from an earlier report. A case that it does not have is estimated by the size of its trace,
 * at the rate of those that it has.
 */
export const costCases = (cases: readonly Case[], earlier: Report | undefined): Costed => {
  const recorded = new Map((earlier?.cases ?? []).map(({ name, cost }) => [name, cost]));
  const sizes = new Map(cases.map((it) => [it.name, fileSize(it.trace) ?? 0]));
  const known = cases.filter(({ name }) => (recorded.get(name) ?? 0) > 0);
  const sum = (of: ReadonlyMap<string, number>): number =>
    known.reduce((all, { name }) => all + (of.get(name) ?? 0), 0);
  const rate = known.length === 0 ? 1 : sum(recorded) / Math.max(1, sum(sizes));
  const costOf = ({ name }: Case): number => recorded.get(name) || (sizes.get(name) ?? 0) * rate;
  return cases
    .map((it) => ({ it, cost: costOf(it) }))
    .sort((a, b) => b.cost - a.cost || (a.it.name < b.it.name ? -1 : 1));
};

/** Each case goes to the part that has the least to do so far. */
export const distribute = (cases: Costed, count: number): readonly (readonly Case[])[] => {
  const parts = Array.from({ length: count }, () => ({ load: 0, cases: [] as Case[] }));
  for (const { it, cost } of cases) {
    const least = parts.reduce((best, part) => (part.load < best.load ? part : best));
    least.load += cost;
    least.cases.push(it);
  }
  return parts.map((part) => part.cases);
};

const treeDigest = (root: string, list: typeof listTree): FileResult<string> => {
  const tree = list(root);
  if (!tree.ok) return { ok: false, message: `${root}: ${tree.message}` };
  const lines: string[] = [];
  for (const { path, kind } of tree.value) {
    const bytes = kind === 'other' ? undefined : readBytes(join(root, path), MAX_TRACE_BYTES);
    if (bytes !== undefined && !bytes.ok) return { ok: false, message: `${join(root, path)}: ${bytes.message}` };
    lines.push(`${path}\0${kind}\0${bytes === undefined ? '' : sha256(bytes.value)}`);
  }
  return { ok: true, value: sha256(lines.join('\n')) };
};

/** Names a distribution: shards that were planned from anything else have another digest. */
export const planDigest = (
  corpus: Corpus,
  parts: readonly (readonly Case[])[],
  releases: readonly string[] | undefined,
): FileResult<string> => {
  const [traces, golden] = [treeDigest(corpus.traces, listTree), treeDigest(corpus.golden, listGolden)];
  if (!traces.ok) return traces;
  if (!golden.ok) return golden;
  const names = parts.map((part) => part.map(({ name }) => name));
  const plan = [REPORT_VERSION, packageVersion(), traces.value, golden.value, releases ?? 'all', names];
  return { ok: true, value: sha256(JSON.stringify(plan)) };
};

/** The corpus as one shard sees it. What belongs to no case is the first one's business. */
export const partOf = (corpus: Corpus, parts: readonly (readonly Case[])[], { index }: ShardChoice): Corpus => ({
  ...corpus,
  cases: parts[index - 1] ?? [],
  strays: index === 1 ? corpus.strays : [],
  isWhole: corpus.isWhole && index === 1,
});
