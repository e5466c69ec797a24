// SPDX-License-Identifier: GPL-2.0-only
import type { Args } from './args.ts';
import { discover } from './corpus.ts';
import type { Io } from './io.ts';
import { model } from './model.ts';
import { formatProblem, makeSession } from './session.ts';
import { askedOf } from './shrink-question.ts';
import { caseOf, FINDING, readMachine } from './shrink-report.ts';
import { openSubject } from './subject.ts';

/** What Xen's own code does wrong, from gravest to least. */
export const KINDS = {
  crash: 'Xen follows a pointer to nowhere, or stops itself',
  assertion: 'Xen asserts that this does not happen; without assertions it goes on with what makes no sense',
  'endless loop': 'Xen does not return',
  'freed memory': 'Xen reads or writes memory that it has freed',
  'misread memory': 'Xen, or its guest, takes one thing in memory for another',
  'stale mapping': 'frames stay in a p2m that nothing accounts for any more',
  contradiction: 'what Xen says does not go with what it does',
} as const;

export type Kind = keyof typeof KINDS;

/** One place, with the smallest trace that shows it. */
export interface CorpusFinding {
  readonly name: string;
  readonly title: string;
  readonly kind: Kind;
  /** As ranges. */
  readonly releases: string;
  readonly rules: readonly string[];
  readonly trace: string;
  readonly report: string;
}

/** The question that keeps a finding, as the trace words it: a command line of `shrink`. */
const SHOWS = 'shows';

const WORD = /^--(release|event|rule)$/;

const argsOf = (trace: string, shows: string): Args | undefined => {
  const args: Record<string, string[]> = {};
  const words = shows.split(' ');
  for (let index = 0; index < words.length; index += 2) {
    const [, name] = WORD.exec(words[index] ?? '') ?? [];
    const value = words[index + 1];
    if (name === undefined || value === undefined) return undefined;
    args[name] = [...(args[name] ?? []), value];
  }
  const { rule, ...rest } = args;
  return { trace, ...rest, ...(rule === undefined ? {} : { rule: rule[0] }) };
};

const isKind = (text: string): text is Kind => Object.hasOwn(KINDS, text);

const findingOf = async (name: string, path: string, io: Io): Promise<CorpusFinding | string> => {
  const opened = await openSubject({ trace: path }, io);
  if (!opened.ok) return `${path}: cannot be loaded`;
  const { header, events, machinePath } = opened.trace;
  const kind = header.directives[FINDING] ?? '';
  if (!isKind(kind)) return `${path}: # ${FINDING}: ${kind}: expected one of ${Object.keys(KINDS).join(', ')}`;
  const args = argsOf(path, header.directives[SHOWS] ?? '');
  if (args === undefined) return `${path}: # ${SHOWS}: expected --release NAME, with --event N or --rule ID`;
  const asked = await askedOf(opened, args);
  if (typeof asked === 'string') return asked;
  const description = readMachine(opened.trace);
  if (!description.ok) return `${machinePath}: ${description.message}`;
  const whole = { events, description: description.value, trials: 0, isSmallest: true };
  const { report, finding } = caseOf(opened, asked, whole);
  const { releases = '', rules } = finding;
  return { name, title: header.title ?? name, kind, releases, rules, trace: path, report };
};

const rankOf = ({ kind }: CorpusFinding): number => Object.keys(KINDS).indexOf(kind);

/** All findings among the traces of these paths, gravest first; text: what is wrong with one of them. */
export const findFindings = async (paths: readonly string[], io: Io): Promise<readonly CorpusFinding[] | string> => {
  const found = discover(paths, undefined);
  if (!found.ok) return found.message;
  const session = makeSession(model);
  const findings: CorpusFinding[] = [];
  for (const { name, trace } of found.corpus.cases) {
    const read = session.readTrace(trace);
    if (!read.ok) return read.problems.map(formatProblem).join('').trimEnd();
    if (read.value.decoded.header.directives[FINDING] === undefined) continue;
    const finding = await findingOf(name, trace, io);
    if (typeof finding === 'string') return finding;
    findings.push(finding);
  }
  return findings.sort((a, b) => rankOf(a) - rankOf(b) || (a.name < b.name ? -1 : 1));
};
