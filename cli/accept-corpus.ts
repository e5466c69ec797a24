// SPDX-License-Identifier: GPL-2.0-only
import { type Difference, differences } from '../engine/golden/diff.ts';
import { type AcceptPlan, type CaseFiles, planAccept } from '../engine/golden/layout.ts';
import { splitGolden } from '../engine/golden/text.ts';
import { type CaseError, runCase, type Selection } from './case-run.ts';
import type { Corpus } from './corpus.ts';
import { type Explain, earliest, kindsOf, type Reason } from './golden-reason.ts';
import type { LoadedTrace, Session } from './session.ts';
import { subjectOf } from './subject.ts';

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

const CAUSES = {
  new: 'new cases',
  form: 'files of another form',
  moved: 'an older release now differs, this one keeps its outcome',
  edited: 'traces or machines edited, same outcome',
  redundant: 'redundant now, the release before has the same outcome',
  inapplicable: 'do not apply any more',
  orphaned: 'orphaned, their trace is gone',
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

/** The release before, if the outcome that this one had from it is still its own. */
const parentOf = (files: CaseFiles, release: string, owner: string, body: string): string | undefined => {
  const before = files.order[files.order.indexOf(release) - 1];
  return owner !== release && before !== undefined && files.outcomes.get(before)?.body === body ? before : undefined;
};

const idOf = (reason: Reason | undefined, kind: string): string =>
  [reason?.name ?? 'no-rule', kind.replaceAll(' ', '-')].join(':');

const reasonOf = (
  files: CaseFiles,
  [release, text]: readonly [string, string],
  trace: LoadedTrace,
  explain: Explain,
): Omit<Step, 'path' | 'text'> => {
  const [before, owner] = inEffect(files, release);
  const [old, now] = [before === undefined ? undefined : splitGolden(before), splitGolden(text)];
  if (before === undefined) return plainly('new');
  if (old === undefined || now === undefined) return plainly('form');
  const changed = differences(old.body, now.body);
  const first = earliest(changed);
  if (first === undefined) return plainly(old.head === now.head ? 'moved' : 'edited');
  const parent = parentOf(files, release, owner, old.body);
  const reason = explain({ subject: subjectOf(trace), release, parent, difference: first, all: changed });
  const kinds = kindsOf(first, changed);
  return { id: idOf(reason, kinds[0] ?? ''), says: reason?.says ?? 'no rule decided', example: first, kinds };
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
  explain: Explain = () => undefined,
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
      reasonOf(files, write, trace, explain),
    );
    if (more.length === 0) unchanged += 1;
    steps.push(...more);
  });
  for (const { path, orphan } of corpus.strays)
    if (orphan) steps.push({ path, text: undefined, ...plainly('orphaned') });
  return { steps, errors, cases: corpus.cases.length, unchanged };
};
