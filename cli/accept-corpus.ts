// SPDX-License-Identifier: GPL-2.0-only
import { type Difference, kindOf } from '../engine/golden/diff.ts';
import { editedSince } from '../engine/golden/edited.ts';
import { type AcceptPlan, type CaseFiles, planAccept } from '../engine/golden/layout.ts';
import { numberedAsNow } from '../engine/golden/renumber.ts';
import { splitGolden } from '../engine/golden/text.ts';
import { type CaseError, runCase, type Selection } from './case-run.ts';
import type { Corpus } from './corpus.ts';
import { changeCause } from './golden-reason.ts';
import type { LoadedTrace, Session } from './session.ts';

/** Why a golden file changes. */
export interface Cause {
  /** `remove.pf-has-vfs:physdev.pci_device_remove`: the reason and the kind of the fact that changed first. */
  readonly id: string;
  /** What that means, in a sentence. */
  readonly says: string;
}

/** A change to one golden file. */
export interface Step extends Cause {
  readonly path: string;
  /** The new text; undefined: the file goes. */
  readonly text: string | undefined;
  /** The fact that changes first, as an example. */
  readonly example: Difference | undefined;
  /** Kinds of all facts that change. */
  readonly kinds: readonly string[];
}

export interface Acceptance {
  readonly steps: readonly Step[];
  readonly errors: readonly CaseError[];
  /** Cases that were replayed, and those among them whose files stay as they are. */
  readonly cases: number;
  readonly unchanged: number;
}

/** Files without a trace, which only who names them wants to lose. */
export const ORPHANED = 'orphaned';

const CAUSES = {
  new: 'new cases',
  form: 'files of another form',
  moved: 'an older release now differs, this one keeps its outcome',
  edited: 'traces or machines edited, same outcome',
  redundant: 'redundant now, the release before has the same outcome',
  inapplicable: 'do not apply any more',
  [ORPHANED]: 'orphaned: the corpus has no trace of theirs; it is gone, or is written in a test',
} as const;

const plainly = (id: keyof typeof CAUSES): Omit<Step, 'path' | 'text'> => ({
  ...{ id, says: CAUSES[id], example: undefined, kinds: [] },
});

/** The golden text that a release has now, and the release whose file it is. */
const inEffect = (files: CaseFiles, release: string): readonly [text: string | undefined, owner: string] => {
  const own = files.existing.get(release);
  const at = files.order.indexOf(release);
  if (own !== undefined || at < 0) return [own, release];
  for (const name of files.order.slice(0, at).reverse()) {
    const text = files.existing.get(name);
    if (text !== undefined) return [text, name];
  }
  return [undefined, release];
};

const reasonOf = (
  files: CaseFiles,
  [release, text]: readonly [string, string],
  trace: LoadedTrace,
): Omit<Step, 'path' | 'text'> => {
  const [before, owner] = inEffect(files, release);
  const [old, now] = [before === undefined ? undefined : splitGolden(before), splitGolden(text)];
  if (before === undefined) return plainly('new');
  if (old === undefined || now === undefined) return plainly('form');
  const edited = editedSince(old.head, now.head);
  const was = numberedAsNow(old.body, now.body, edited);
  const cause = changeCause(trace, files, { release, golden: owner, was, is: now.body, edited });
  if (cause === undefined) return plainly(old.head === now.head ? 'moved' : 'edited');
  const { id, says, first, all } = cause;
  return { id, says, example: first, kinds: [...new Set([kindOf(first), ...all.map(kindOf).sort()])] };
};

const stepsOf = (
  folder: string,
  files: CaseFiles,
  plan: AcceptPlan,
  reason: (write: readonly [string, string]) => Omit<Step, 'path' | 'text'>,
): readonly Step[] => [
  ...[...plan.writes].map(([name, text]) => ({ path: `${folder}/${name}.txt`, text, ...reason([name, text]) })),
  ...plan.removes.map((name) => ({
    ...{ path: `${folder}/${name}.txt`, text: undefined },
    ...plainly(files.order.includes(name) ? 'redundant' : 'inapplicable'),
  })),
];

/** What accepting the corpus as it is would change, and why; nothing is written. */
export const planCorpus = (
  session: Session,
  corpus: Corpus,
  selection: Selection,
  progress: (done: number) => void,
): Acceptance => {
  const steps: Step[] = [];
  const errors: CaseError[] = [];
  let unchanged = 0;
  corpus.cases.forEach((it, index) => {
    progress(index);
    const run = runCase(session, corpus, it, selection);
    if (!run.ok) {
      errors.push(run.error);
      return;
    }
    const { files, trace } = run;
    const more = stepsOf(`${corpus.golden}/${it.name}`, files, planAccept(files), (write) =>
      reasonOf(files, write, trace),
    );
    if (more.length === 0) unchanged += 1;
    steps.push(...more);
  });
  for (const { path, orphan } of corpus.strays) if (orphan) steps.push({ path, text: undefined, ...plainly(ORPHANED) });
  return { steps, errors, cases: corpus.cases.length, unchanged };
};
