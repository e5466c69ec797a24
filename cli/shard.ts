// SPDX-License-Identifier: GPL-2.0-only

/** One of `count` parts of a corpus; `index` from 1. */
export interface ShardChoice {
  readonly index: number;
  readonly count: number;
}

export type ShardResult =
  | { readonly ok: true; readonly shard: ShardChoice }
  | { readonly ok: false; readonly message: string };

/** More parts than this are a mistake. */
const MAX_SHARDS = 10_000;

interface CiSystem {
  readonly name: string;
  readonly index: string;
  readonly count: string;
  /** The system's number of its first job. */
  readonly first: 0 | 1;
}

/**
 * Which variables say which of several jobs this is. Kubernetes has none for their number: the manifest sets
 * HVREPLAY_SHARDS. A matrix of GitHub's has neither; its jobs say `--shard i/n`.
 */
const SYSTEMS: readonly CiSystem[] = [
  { name: 'GitLab', index: 'CI_NODE_INDEX', count: 'CI_NODE_TOTAL', first: 1 },
  { name: 'Buildkite', index: 'BUILDKITE_PARALLEL_JOB', count: 'BUILDKITE_PARALLEL_JOB_COUNT', first: 0 },
  { name: 'Kubernetes', index: 'JOB_COMPLETION_INDEX', count: 'HVREPLAY_SHARDS', first: 0 },
];

const wrong = (message: string): ShardResult => ({ ok: false, message });

const make = (index: number, count: number, what: string): ShardResult => {
  if (!(count >= 1 && count <= MAX_SHARDS))
    return wrong(`${what}: expected a part of 1 to ${MAX_SHARDS}, counted from 1, as 2/4`);
  if (!(index >= 1 && index <= count)) return wrong(`${what}: is part ${index} of ${count}; expected 1 to ${count}`);
  return { ok: true, shard: { index, count } };
};

const fromVariables = (env: Readonly<Record<string, string | undefined>>): ShardResult => {
  const present = SYSTEMS.filter(({ index }) => (env[index] ?? '') !== '');
  const [system, second] = present;
  const known = SYSTEMS.map(({ name, index, count }) => `${index} and ${count} (${name})`).join(', ');
  if (system === undefined) return wrong(`--shard auto: expected one of ${known}; none is set`);
  if (second !== undefined)
    return wrong(`--shard auto: ${system.index} and ${second.index} are both set; expected those of one system`);
  const [index = '', count = ''] = [env[system.index], env[system.count]];
  if (!/^\d{1,6}$/.test(index) || !/^\d{1,6}$/.test(count))
    return wrong(`--shard auto: expected numbers in ${system.index} ('${index}') and ${system.count} ('${count}')`);
  const what = `--shard auto: ${system.index}=${index}, ${system.count}=${count}`;
  return make(Number(index) + 1 - system.first, Number(count), what);
};

/** What `--shard i/n` or `--shard auto` asks for. */
export const readShard = (text: string, env: Readonly<Record<string, string | undefined>>): ShardResult => {
  if (text === 'auto') return fromVariables(env);
  const [, index, count] = /^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? [];
  if (index === undefined || count === undefined) return wrong(`--shard ${text}: expected i/n, as 2/4, or auto`);
  return make(Number(index), Number(count), `--shard ${text}`);
};
