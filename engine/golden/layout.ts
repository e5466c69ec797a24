// SPDX-License-Identifier: GPL-2.0-only
import { type Edited, editedSince } from './edited.ts';
import { numberedAsNow } from './renumber.ts';
import { formatGolden, type GoldenText, headOf, splitGolden } from './text.ts';

/**
 * The golden files of one case: `<release>.txt` exists where the outcome differs from the release before; the first
 * release that applies to the case always has one. A proposal has a file of its own and inherits nothing.
 */
export interface CaseFiles {
  /** Releases that apply to the case, oldest first. */
  readonly order: readonly string[];
  /** Proposals that are to be compared. */
  readonly proposals: readonly string[];
  /** Text of the golden files that exist, by release or proposal. */
  readonly existing: ReadonlyMap<string, string>;
  /** What the model answers; releases that were not replayed are absent. */
  readonly outcomes: ReadonlyMap<string, GoldenText>;
}

/** Where a case's outcome and its golden files do not fit together. `golden` is the release that names the file. */
export type Finding =
  /** The outcome under `releases`, which is the same for all of them, is not what the file says. */
  | {
      readonly kind: 'differs';
      readonly releases: readonly string[];
      readonly golden: string;
      /** The file's body; if the trace was edited since, with its events numbered as they are now. */
      readonly want: string;
      readonly got: string;
      /** What was edited since the file was written, which may be all that the difference comes from. */
      readonly edited: Edited | undefined;
    }
  /** The outcome agrees but the trace, its title or its machine were edited since it was accepted. */
  | { readonly kind: 'stale'; readonly golden: string }
  /** The first release, or a proposal, has no file; `releases` were replayed and have nothing that they agree with. */
  | { readonly kind: 'missing'; readonly golden: string; readonly releases: readonly string[] }
  /** The file says the same as the one of an older release, `before`. */
  | { readonly kind: 'redundant'; readonly golden: string; readonly before: string }
  /** The file is not a golden file of this version. */
  | { readonly kind: 'malformed'; readonly golden: string }
  /** The release does not apply to this case. */
  | { readonly kind: 'inapplicable'; readonly golden: string };

/** Compares one outcome with one file; consecutive releases with the same difference are one finding. */
const compareOne = (golden: string, text: string, release: string, outcome: GoldenText, findings: Finding[]): void => {
  const file = splitGolden(text);
  if (file === undefined) {
    if (!findings.some((other) => other.kind === 'malformed' && other.golden === golden))
      findings.push({ kind: 'malformed', golden });
    return;
  }
  const [head, got] = [headOf(outcome.header), outcome.body];
  if (file.head === head && file.body === got) return;
  const last = findings.at(-1);
  if (last?.kind === 'differs' && last.golden === golden && last.got === got) {
    findings.splice(-1, 1, { ...last, releases: [...last.releases, release] });
    return;
  }
  const edited = editedSince(file.head, head);
  const want = file.body === got ? got : numberedAsNow(file.body, got, edited);
  if (want !== got) findings.push({ kind: 'differs', releases: [release], golden, want, got, edited });
  else if (!findings.some((other) => other.kind === 'stale' && other.golden === golden))
    findings.push({ kind: 'stale', golden });
};

const isRedundant = (text: string, before: string): boolean => {
  const [file, older] = [splitGolden(text), splitGolden(before)];
  return file !== undefined && older !== undefined && file.body === older.body;
};

/** All that does not fit, oldest release first. Empty: the case agrees with its golden files. */
export const compareCase = (files: CaseFiles): readonly Finding[] => {
  const findings: Finding[] = [];
  const [first] = files.order;
  const without: string[] = [];
  let golden: string | undefined;
  let text: string | undefined;
  for (const release of files.order) {
    const own = files.existing.get(release);
    if (own !== undefined) {
      if (golden !== undefined && text !== undefined && isRedundant(own, text))
        findings.push({ kind: 'redundant', golden: release, before: golden });
      golden = release;
      text = own;
    }
    const outcome = files.outcomes.get(release);
    if (outcome === undefined) continue;
    if (golden !== undefined && text !== undefined) compareOne(golden, text, release, outcome, findings);
    else without.push(release);
  }
  if (first !== undefined && without.length > 0)
    findings.unshift({ kind: 'missing', golden: first, releases: without });
  for (const proposal of files.proposals) {
    const own = files.existing.get(proposal);
    const outcome = files.outcomes.get(proposal);
    if (outcome === undefined) continue;
    if (own === undefined) findings.push({ kind: 'missing', golden: proposal, releases: [proposal] });
    else compareOne(proposal, own, proposal, outcome, findings);
  }
  for (const name of files.existing.keys())
    if (!files.order.includes(name) && !files.proposals.includes(name))
      findings.push({ kind: 'inapplicable', golden: name });
  return findings;
};

/** What accepting the present outcome does to the golden files of a case. */
export interface AcceptPlan {
  /** Full text by release. */
  readonly writes: ReadonlyMap<string, string>;
  readonly removes: readonly string[];
}

/** Every release of `order` and every proposal has to have an outcome. */
export const planAccept = (files: CaseFiles): AcceptPlan => {
  const wanted = new Map<string, string>();
  let before: string | undefined;
  for (const release of files.order) {
    const outcome = files.outcomes.get(release);
    if (outcome === undefined) throw new Error(`no outcome for ${release}`);
    if (outcome.body !== before) wanted.set(release, formatGolden(outcome));
    before = outcome.body;
  }
  for (const proposal of files.proposals) {
    const outcome = files.outcomes.get(proposal);
    if (outcome === undefined) throw new Error(`no outcome for ${proposal}`);
    wanted.set(proposal, formatGolden(outcome));
  }
  return {
    writes: new Map([...wanted].filter(([name, text]) => files.existing.get(name) !== text)),
    removes: [...files.existing.keys()].filter((name) => !wanted.has(name)),
  };
};
