// SPDX-License-Identifier: GPL-2.0-only
import type { Problem } from '../trace/problem.ts';
import { ProblemList, quoted } from '../trace/problem-list.ts';
import { type Path, readYaml } from './yaml-tree.ts';

/** What is wrong with a part of a machine file that another room validates; `path` leads to it from the file's top. */
export interface PartProblem extends Problem {
  readonly path: Path;
  /** What is wrong is this key of it. */
  readonly key?: string;
}

/** A part of a machine file, or all that is wrong with it. */
export type ParsedPart<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly PartProblem[] };

const NOWHERE = { line: undefined, column: undefined };

/** What a schema says is wrong; `keys`: those that it does not know. */
interface SchemaIssue {
  readonly code?: string;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly keys?: readonly PropertyKey[];
}

/** What a schema found; `root` leads to what it was given. */
export const partProblems = (root: Path, issues: readonly SchemaIssue[]): readonly PartProblem[] =>
  issues.flatMap((issue): PartProblem[] => {
    const path = [...root, ...issue.path.map((step) => (typeof step === 'number' ? step : String(step)))];
    const say = (message: string): string => (path.length === 0 ? message : `${path.join('.')}: ${message}`);
    if (issue.code !== 'unrecognized_keys') return [{ ...NOWHERE, path, message: say(issue.message) }];
    return (issue.keys ?? [])
      .map(String)
      .map((key) => ({ ...NOWHERE, path, key, message: say(`unknown key ${quoted(key)}`) }));
  });

/** The problems with their places in the text. */
export const placedIn = (text: string, problems: readonly PartProblem[]): readonly Problem[] => {
  const list = new ProblemList();
  const tree = readYaml(text, new ProblemList());
  for (const problem of problems) {
    const { path, key, message } = problem;
    list.add(() => (tree === undefined ? { ...NOWHERE, message } : tree.problem(path, message, key)));
  }
  return list.list();
};
