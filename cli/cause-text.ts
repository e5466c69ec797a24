// SPDX-License-Identifier: GPL-2.0-only
import type { Cause } from '../engine/replay/compare-causes.ts';
import type { FactDifference } from '../engine/replay/compare-outcome.ts';
import type { Step } from '../engine/replay/compare-steps.ts';
import type { TraceEvent } from '../engine/trace/operation.ts';
import type { Paint } from './colour.ts';
import { counted, short, WIDTH, wrapped } from './text.ts';

/** So many facts are shown of each cause unless all are asked for. */
const FACTS_SHOWN = 3;
const LINES_SHOWN = 2;

const areaName = { xen: '', arm: 'arm.', linux: 'linux.' } as const;

const stepLines = (step: Step, { colours, width = WIDTH }: CauseStyle): readonly string[] => {
  const { area, behaviour, from, to, origin, why, state, undone } = step;
  const where = origin === '' ? state : `${origin}, ${state}`;
  return [
    `  ${colours.strong(`${areaName[area]}${behaviour}`)}: ${from} -> ${to}`,
    ...wrapped(`${undone ? 'taken back: ' : ''}${where}${why === '' ? '' : `: ${why}`}`, 4, { width, hanging: 0 }),
  ];
};

const headingOf = ({ kind, steps }: Cause): string => {
  if (kind === 'one') return 'because of';
  if (kind === 'any-of') return 'because of any one of these changes';
  const isOneCommit = new Set(steps.map(({ origin }) => origin)).size === 1;
  return `because of these changes together, not of fewer${isOneCommit ? '; all of one commit' : ''}`;
};

const valueLines = (name: string, text: string | undefined, other: string | undefined): readonly string[] => {
  if (text === undefined) return [`      ${name}: -`];
  const others = (other ?? '').split('\n');
  const lines = text.split('\n');
  const own = lines.length === 1 ? lines : lines.filter((line) => !others.includes(line));
  const shown = own.slice(0, LINES_SHOWN).map((line) => short(`      ${name}: ${line}`));
  return own.length > shown.length ? [...shown, `      ${name}: ${own.length - shown.length} more`] : shown;
};

const factLines = (
  { key, a, b, again }: Folded,
  names: readonly [string, string],
  whole: boolean,
): readonly string[] => [
  whole ? `    ${key}` : short(`    ${key}`),
  ...valueLines(names[0], a, b),
  ...valueLines(names[1], b, a),
  ...(again.length === 0 ? [] : [short(`      the same ${again.join(', ')}`)]),
];

/** How a cause is shown: with all of its facts, in a width of so many columns. */
interface CauseStyle {
  readonly all: boolean;
  readonly colours: Paint;
  readonly width?: number;
}

const MOMENT = /^(final|after event \d+) /;

/** The same fact at several moments, told once. */
interface Folded extends FactDifference {
  /** The other moments: `after event 8`, `at the end`. */
  readonly again: readonly string[];
}

/** A fact apart from when it holds. */
const factOf = ({ key, a, b }: FactDifference): string => [key.replace(MOMENT, ''), a ?? '', b ?? ''].join('\n');

const folded = (differences: readonly FactDifference[]): readonly Folded[] => {
  const found = new Map<string, { readonly first: FactDifference; readonly again: string[] }>();
  for (const one of differences) {
    const moment = MOMENT.exec(one.key)?.[1];
    const id = moment === undefined ? `${one.key}\n` : factOf(one);
    const known = found.get(id);
    if (known === undefined) found.set(id, { first: one, again: [] });
    else if (moment !== undefined) known.again.push(moment === 'final' ? 'at the end' : moment);
  }
  return [...found.values()].map(({ first, again }) => ({ ...first, again }));
};

/** Facts that are not among those shown already, at whatever moment. */
export const notShown = (
  differences: readonly FactDifference[],
  shown: readonly FactDifference[],
): readonly FactDifference[] => {
  const known = new Set(shown.map(factOf));
  return differences.filter((one) => !known.has(factOf(one)));
};

/** Facts, each told once, or the first of them; `heading` is given how many there are. */
const factsSection = (
  differences: readonly FactDifference[],
  names: readonly [string, string],
  all: boolean,
  heading: (count: number) => string,
): readonly string[] => {
  const facts = folded(differences);
  const shown = all ? facts : facts.slice(0, FACTS_SHOWN);
  const rest = facts.length - shown.length;
  return [
    heading(facts.length),
    ...shown.flatMap((fact) => factLines(fact, names, all)),
    ...(rest > 0 ? [`    and ${rest} more (--all)`] : []),
  ];
};

/** A cause with some of the facts that it explains, or all of them. */
export const causeText = (cause: Cause, names: readonly [string, string], style: CauseStyle): string => {
  const { steps, keptBy, undefinedWithout, differences } = cause;
  const lines = [
    headingOf(cause),
    ...steps.flatMap((step) => stepLines(step, style)),
    ...(keptBy.length > 0
      ? [`with all other changes made, ${keptBy.length > 1 ? 'these are' : 'this is'} needed too`]
      : []),
    ...keptBy.flatMap((step) => stepLines(step, style)),
    ...(undefinedWithout.length > 0 ? ['with all other changes made, but not this, Xen leaves defined behaviour'] : []),
    ...undefinedWithout.flatMap((step) => stepLines(step, style)),
    ...factsSection(differences, names, style.all, (count) => `  ${counted(count, 'fact')}:`),
  ];
  return `${lines.join('\n')}\n`;
};

/** The same for programs. */
export const causeJson = ({ kind, steps, keptBy, undefinedWithout, differences }: Cause): object => ({
  kind,
  changes: steps,
  keptBy,
  undefinedWithout,
  facts: differences.map(({ key, a, b }) => ({ key, a: a ?? null, b: b ?? null })),
});

/** Facts that differ without a listed change behind them. */
export const factsText = (
  differences: readonly FactDifference[],
  names: readonly [string, string],
  all: boolean,
): string =>
  `${factsSection(differences, names, all, (count) => `${counted(count, 'fact')} ${count === 1 ? 'differs' : 'differ'} in all`).join('\n')}\n`;

/** `event 12 cfg.write`, and on a line of its own what the trace notes about it. */
export const eventText = ({ seq, op, note }: TraceEvent): string =>
  `event ${seq} ${op}${note === undefined || note === '' ? '' : `\n  (${note})`}`;
