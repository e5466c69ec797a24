// SPDX-License-Identifier: GPL-2.0-only
import { basename, dirname, join, resolve } from 'node:path';
import { planAccept } from '../engine/golden/layout.ts';
import type { DecodedTrace } from '../engine/trace/decoder.ts';
import { formatCsv } from '../engine/trace/write-csv.ts';
import { type Change, makeChanges, whileLocked } from './accept-write.ts';
import { checkCase } from './case-report.ts';
import { runCase } from './case-run.ts';
import { chooseReleases } from './choices.ts';
import type { Case, Corpus } from './corpus.ts';
import { listTree, pathKind, realPath, sha256 } from './files.ts';
import { formatProblem, type Loaded } from './input-problem.ts';
import { makeMachines } from './machines.ts';
import { model } from './model.ts';
import { caseText } from './reporters/pretty.ts';
import type { CaseReport } from './reporters/report-schema.ts';
import { type LoadedTrace, makeSession, type Session } from './session.ts';
import { isTemporary } from './write-files.ts';

/** A trace that is no file, compared with its golden files as `hvreplay check` compares those of a corpus. */

/** What of a case is compared; without `releases` all that apply. */
export interface GoldenOptions {
  readonly releases?: readonly string[] | undefined;
}

/** Which golden files may be written: whatever differs, those of a case that has none, or none. */
export type Update = 'all' | 'new' | 'none';

export interface GoldenMatch {
  readonly pass: boolean;
  /** What differs, as `check` shows it. */
  readonly message: string;
  /** Golden files written and removed. */
  readonly changed: number;
}

/** Stands where messages of a corpus have the path of the trace. */
const SHOWN = 'the authored trace';

const GOLDEN = 'golden';
const TRACES = 'traces';
const EXTENSION = '.txt';

/** The case that a golden folder belongs to, in a corpus that has its traces, if it has any as files, beside that. */
const caseOf = (folder: string): { readonly corpus: Corpus; readonly it: Case } => {
  const subject = dirname(folder);
  const golden = dirname(subject);
  if (basename(resolve(golden)) !== GOLDEN)
    throw new TypeError(`${folder}: expected a folder ${GOLDEN}/<subject>/<case>`);
  const name = `${basename(subject)}/${basename(folder)}`;
  const it = { name, trace: SHOWN, traceName: `${name}.csv` };
  const listed = pathKind(folder) === 'absent' ? { ok: true as const, value: [] } : listTree(folder);
  if (!listed.ok) throw new Error(`${folder}: ${listed.message}`);
  const files = new Map(
    listed.value
      .filter(({ path }) => path.endsWith(EXTENSION) && !isTemporary(path))
      .map(({ path }) => [path.slice(0, -EXTENSION.length), join(folder, path)]),
  );
  return {
    it,
    corpus: {
      ...{ traces: join(dirname(golden), TRACES), golden, goldenFiles: new Map([[name, files]]) },
      ...{ cases: [it], strays: [], isWhole: false },
    },
  };
};

/** The trace as if its CSV were in the corpus: its machine is looked for from there. */
const loadAuthored = (
  { header, events }: DecodedTrace,
  { traces }: Corpus,
  { traceName }: Case,
): Loaded<LoadedTrace> => {
  if (header.machine === undefined && header.machineText === undefined)
    throw new TypeError('the trace has no machine; expected `machine` or `machineText` in its header');
  const file = header.machine === undefined ? undefined : realPath(resolve(traces, dirname(traceName), header.machine));
  if (file?.ok === false) throw new Error(`machine: ${header.machine}, from ${traces}/${traceName}: ${file.message}`);
  const loaded = makeMachines(model.parseMachine).of(join(traces, traceName), header, file?.value);
  if (!loaded.ok) return loaded;
  const { machine, path: machinePath, text: machineText, digest: machineDigest } = loaded.value;
  return {
    ok: true,
    value: {
      ...{ path: SHOWN, digest: sha256(formatCsv(header, events, model.registry)), header, events },
      ...{ machine, machinePath, machineText, machineDigest, lineOf: () => undefined },
    },
  };
};

/** What there is to write and to remove. */
const changesOf = (session: Session, corpus: Corpus, it: Case): readonly Change[] => {
  const run = runCase(session, corpus, it, {});
  if (!run.ok) throw new Error(run.error.message);
  const { writes, removes } = planAccept(run.files);
  const fileOf = (release: string): string => join(corpus.golden, it.name, `${release}${EXTENSION}`);
  return [
    ...[...writes].map(([release, text]) => ({ path: fileOf(release), text })),
    ...removes.map((release) => ({ path: fileOf(release), text: undefined })),
  ];
};

/** Test files run side by side, and each may have something to write. */
const PATIENCE_MS = 10_000;

/** Writes what differs and removes what is there for nothing; answers how many files that were. */
const accept = (session: Session, folder: string): number => {
  const found = caseOf(folder);
  const { golden } = found.corpus;
  let changed = changesOf(session, found.corpus, found.it).length;
  if (changed === 0) return 0;
  const refused = whileLocked(golden, { holder: 'toMatchGolden', patienceMs: PATIENCE_MS }, () => {
    const { corpus, it } = caseOf(folder);
    const changes = changesOf(session, corpus, it);
    changed = changes.length;
    return makeChanges(changes, golden);
  });
  if (refused !== undefined) throw new Error(refused);
  return changed;
};

/**
 * Compares the outcome of `trace` with the golden files in `folder`, `…/golden/<subject>/<case>`, after writing those
 * that `update` allows. Throws on a trace that cannot be replayed, a release that there is not, and a wrong folder.
 */
export const matchGolden = (
  trace: DecodedTrace,
  folder: string,
  options: GoldenOptions,
  update: Update,
): GoldenMatch => {
  const { corpus, it } = caseOf(folder);
  const loaded = loadAuthored(trace, corpus, it);
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join(''));
  const session: Session = { ...makeSession(model), loadTrace: () => loaded };
  const chosen = options.releases === undefined ? undefined : chooseReleases(model, options.releases);
  if (chosen?.ok === false) throw new TypeError(chosen.message);
  const check = (now: Corpus): CaseReport => {
    const report = checkCase(session, now, it, chosen === undefined ? {} : { only: chosen.choices });
    if (report.error !== undefined) throw new Error(report.error);
    if (report.status !== 'skipped') return report;
    throw new TypeError(`releases: ${options.releases?.join(', ') || 'none'}: expected one that applies to the trace`);
  };
  // Before anything is written.
  const before = check(corpus);
  const isNew = corpus.goldenFiles.get(it.name)?.size === 0;
  const changed = update === 'all' || (update === 'new' && isNew) ? accept(session, folder) : 0;
  const report = changed === 0 ? before : check(caseOf(folder).corpus);
  return { pass: report.status === 'agrees', message: caseText(report), changed };
};
