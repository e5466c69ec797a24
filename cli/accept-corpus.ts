// SPDX-License-Identifier: GPL-2.0-only
import { differences, formatDifference, kindOf } from '../engine/golden/diff.ts';
import { type AcceptPlan, type CaseFiles, planAccept } from '../engine/golden/layout.ts';
import { splitGolden } from '../engine/golden/text.ts';
import { type CaseError, runCase, type Selection } from './case-run.ts';
import type { Corpus } from './corpus.ts';
import type { Session } from './session.ts';

/** A change to one golden file. */
export interface Step {
  readonly path: string;
  /** The new text; undefined: the file goes. */
  readonly text: string | undefined;
  /** What kinds of facts change, the same for all files that one cause changes. */
  readonly cause: string;
  /** The first fact that changes, as an example. */
  readonly example: string | undefined;
}

export interface Acceptance {
  readonly steps: readonly Step[];
  readonly errors: readonly CaseError[];
  /** Cases that were replayed, and those among them whose files stay as they are. */
  readonly cases: number;
  readonly unchanged: number;
}

/** The golden text that a release has now, its own or inherited. */
const inEffect = (files: CaseFiles, release: string): string | undefined => {
  const own = files.existing.get(release);
  const at = files.order.indexOf(release);
  if (own !== undefined || at < 0) return own;
  for (const name of files.order.slice(0, at).reverse()) {
    const text = files.existing.get(name);
    if (text !== undefined) return text;
  }
  return undefined;
};

const reasonOf = (files: CaseFiles, release: string, text: string): Pick<Step, 'cause' | 'example'> => {
  const before = inEffect(files, release);
  const [old, now] = [before === undefined ? undefined : splitGolden(before), splitGolden(text)];
  if (before === undefined) return { cause: 'new cases', example: undefined };
  if (old === undefined || now === undefined) return { cause: 'files of another form', example: undefined };
  const changed = differences(old.body, now.body);
  const [first] = changed;
  if (first === undefined)
    return old.head === now.head
      ? { cause: 'an older release now differs, this one keeps its outcome', example: undefined }
      : { cause: 'traces or machines edited, same outcome', example: undefined };
  return {
    cause: `changes of ${[...new Set(changed.map(kindOf))].sort().join(', ')}`,
    example: formatDifference(first),
  };
};

const stepsOf = (folder: string, files: CaseFiles, plan: AcceptPlan): readonly Step[] => [
  ...[...plan.writes].map(([name, text]) => ({
    path: `${folder}/${name}.txt`,
    text,
    ...reasonOf(files, name, text),
  })),
  ...plan.removes.map((name) => ({
    path: `${folder}/${name}.txt`,
    text: undefined,
    cause: files.order.includes(name)
      ? 'redundant now, the release before has the same outcome'
      : 'do not apply any more',
    example: undefined,
  })),
];

/** What accepting the corpus as it is would change; nothing is written. */
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
    const more = stepsOf(`${corpus.golden}/${it.name}`, run.files, planAccept(run.files));
    if (more.length === 0) unchanged += 1;
    steps.push(...more);
  });
  for (const { path, orphan } of corpus.strays)
    if (orphan) steps.push({ path, text: undefined, cause: 'orphaned, their trace is gone', example: undefined });
  return { steps, errors, cases: corpus.cases.length, unchanged };
};
