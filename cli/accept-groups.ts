// SPDX-License-Identifier: GPL-2.0-only
import { didYouMean } from '../engine/trace/nearest.ts';
import { type Acceptance, ORPHANED, type Step } from './accept-corpus.ts';
import { counted, short, wrapped } from './text.ts';

/** Files that change for one reason. */
export interface Group {
  readonly id: string;
  readonly says: string;
  readonly steps: readonly Step[];
  /** Whether somebody said that it would be there; always if nobody said anything. */
  readonly isExpected: boolean;
}

/** Largest groups first; what nobody expects above all. */
export const groupSteps = (steps: readonly Step[], expected: readonly string[]): readonly Group[] => {
  const ids = [...new Set(steps.map(({ id }) => id))];
  const groups = ids.map((id): Group => {
    const members = steps.filter((step) => step.id === id);
    const isExpected = id === ORPHANED || expected.length === 0 || expected.some((name) => isNamed(id, name));
    return { id, says: members[0]?.says ?? '', steps: members, isExpected };
  });
  return groups.sort((a, b) => Number(a.isExpected) - Number(b.isExpected) || b.steps.length - a.steps.length);
};

/** By its whole name, by its rule or behaviour alone, or by its kind of fact alone. */
const isNamed = (id: string, name: string): boolean => {
  const colon = id.indexOf(':');
  return id === name || (colon >= 0 && (id.slice(0, colon) === name || id.slice(colon + 1) === name));
};

/** Words of the command line that name none of the groups, with what they may have been meant for. */
export const namesNone = (groups: readonly Group[], words: readonly string[]): readonly string[] =>
  words
    .filter((word) => !groups.some(({ id }) => isNamed(id, word)))
    .map(
      (word) =>
        `'${word}'${didYouMean(
          word,
          groups.map(({ id }) => id),
        )}`,
    );

export const isChosen = ({ id }: Group, words: readonly string[]): boolean => words.some((word) => isNamed(id, word));

/** Without a word of theirs. */
export const isTakenUnasked = ({ id }: Group): boolean => id !== ORPHANED;

/** Cases that files belong to: their folders. */
const caseCount = (steps: readonly Step[]): number =>
  new Set(steps.map(({ path }) => path.slice(0, path.lastIndexOf('/')))).size;

const exampleLines = ({ path, example }: Step): readonly string[] => {
  if (example === undefined) return [];
  const { key, want, got } = example;
  return [
    `  for example ${path}`,
    short(`    ${key}`),
    short(`      was: ${want ?? '-'}`),
    short(`      is: ${got ?? '-'}`),
  ];
};

/** What is done with a group. */
export type Doing = 'would' | 'done' | 'left';

const VERBS: Readonly<Record<Doing, readonly [write: string, remove: string]>> = {
  would: ['would write', 'would remove'],
  done: ['wrote', 'removed'],
  left: ['left', 'left'],
};

export const groupText = ({ id, says, steps, isExpected }: Group, doing: Doing): string => {
  const further = [...new Set(steps.flatMap(({ kinds }) => kinds.slice(1)))];
  const withExample = steps.find(({ example }) => example !== undefined);
  const lines = [
    `${isExpected ? '' : 'UNEXPECTED '}${id}: ${counted(steps.length, 'file')}, ${counted(caseCount(steps), 'case')}`,
    ...wrapped(says, 2),
    ...(withExample === undefined ? [] : exampleLines(withExample)),
    ...(further.length === 0 ? [] : wrapped(`later in these: ${further.join(', ')}`, 2)),
    ...steps.map(({ path, text }) => `  ${VERBS[doing][text === undefined ? 1 : 0]} ${path}`),
  ];
  return `${lines.join('\n')}\n`;
};

export const groupJson = (group: Group, doing: Doing): object => ({
  ...{ id: group.id, says: group.says, expected: group.isExpected, accepted: doing === 'done' },
  files: group.steps.map(({ path, text, kinds, example }) => ({
    ...{ path, action: text === undefined ? 'remove' : 'write', kinds },
    ...(example && { first: { key: example.key, was: example.want ?? null, is: example.got ?? null } }),
  })),
});

/** What was done, or would be, in one line. */
export const summaryText = ({ cases, unchanged }: Acceptance, steps: readonly Step[], doing: Doing): string => {
  const written = steps.filter(({ text }) => text !== undefined).length;
  const [write, remove] = VERBS[doing === 'would' ? 'would' : 'done'];
  const files = `${write} ${counted(written, 'file')}, ${remove} ${steps.length - written}`;
  return `${counted(cases, 'case')}: ${files}; ${counted(unchanged, 'case')} as before\n`;
};
