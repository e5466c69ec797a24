// SPDX-License-Identifier: GPL-2.0-only

import type { Comparison, MatrixCell, PartingPoint } from '../../engine/replay/compare.ts';
import type { Cause } from '../../engine/replay/compare-causes.ts';
import type { Subject } from '../../engine/replay/compare-outcome.ts';
import type { SeedAnswer } from '../../engine/replay/seed-answers.ts';
import type { SystemState } from '../../engine/semantics/states.ts';
import { type Args, choiceOf, flagOf, textOf, textsOf } from '../args.ts';
import type { Command } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import type { Io } from '../io.ts';
import type { LoadedTrace } from '../session.ts';
import { FORMAT_OPTION, FORMATS, type Format, MACHINE_OPTION, ONE_TRACE, refuser } from '../shared-options.ts';
import type { OpenedSubject } from '../subject.ts';
import { formatJson } from '../text.ts';

interface Request {
  readonly format: Format;
  readonly all: boolean;
}

/** The question of a discussion that the trace answers, and what two states answer to it. */
interface Question {
  readonly seed: string;
  readonly question: string;
  readonly answers: readonly SeedAnswer[];
}

/** What each of the two answers to the trace's question, by the facts that the page of discussions shows. */
const questionOf = async (
  { trace, subject, meantFor }: OpenedSubject,
  two: readonly SystemState[],
): Promise<Question | undefined> => {
  const { seed, question, answer } = trace.header.directives;
  if (seed === undefined || question === undefined) return undefined;
  const { seedAnswers } = await import('../../engine/replay/seed-answers.ts');
  const others = two.filter(({ name }) => !meantFor.some((state) => state.name === name));
  const { answers } = seedAnswers(subject, [...meantFor, ...others], answer);
  const ofTwo = two.flatMap(({ name }) =>
    answers.filter(({ states }) => states.includes(name)).map(({ facts }) => ({ states: [name], facts })),
  );
  return { seed, question, answers: ofTwo };
};

const questionText = async ({ seed, question, answers }: Question): Promise<string> => {
  const { answerLines } = await import('../seed-text.ts');
  return `${[question, `  asked in ${seed}`, ...answerLines(answers)].join('\n')}\n\n`;
};

const jsonOf = async (
  path: string,
  { a, b, first, causes }: Comparison,
  question: Question | undefined,
): Promise<string> => {
  const { causeJson } = await import('../cause-text.ts');
  const at = first && {
    ...{ seq: first.event.seq, op: first.event.op, what: first.what },
    causes: first.causes.map(causeJson),
  };
  return formatJson({
    trace: path,
    ...(question === undefined ? {} : { question }),
    a,
    b,
    differ: first !== undefined,
    first: at ?? null,
    causes: causes.map(causeJson),
  });
};

/** The state at the parting point under the name of its event. */
const placed = ({ event, causes }: PartingPoint): readonly Cause[] =>
  causes.map((cause) => ({
    ...cause,
    differences: cause.differences.map((one) => ({
      ...one,
      key: one.key.replace(/^final /, `after event ${event.seq} `),
    })),
  }));

/** What differs besides what the parting point has shown, which later is mostly still there. */
const furtherCauses = async ({ first, causes }: Comparison): Promise<readonly Cause[]> => {
  const { notShown } = await import('../cause-text.ts');
  const shown = first?.causes.flatMap(({ differences }) => differences) ?? [];
  return causes
    .map((cause) => ({ ...cause, differences: notShown(cause.differences, shown) }))
    .filter(({ differences }) => differences.length > 0);
};

const textOfComparison = async (path: string, comparison: Comparison, request: Request, io: Io): Promise<string> => {
  const [{ causeText, eventText }, { counted }, { paint }] = await Promise.all([
    import('../cause-text.ts'),
    import('../text.ts'),
    import('../colour.ts'),
  ]);
  const { a, b, first } = comparison;
  if (first === undefined) return `${path}\n${a} and ${b} agree\n`;
  const how = { all: request.all, colours: paint(io.colour) };
  const further = await furtherCauses(comparison);
  const parts = [
    `${path}\n${a} and ${b} differ\n`,
    `first in the ${first.what === 'answer' ? 'answer to' : 'state after'} ${eventText(first.event)}\n` +
      placed(first)
        .map((cause) => causeText(cause, [a, b], how))
        .join('\nand '),
    ...(further.length === 0
      ? []
      : [
          `further facts by ${counted(further.length, 'cause')}\n`,
          ...further.map((cause) => causeText(cause, [a, b], how)),
        ]),
  ];
  return parts.join('\n');
};

const matrixText = async (
  path: string,
  states: readonly SystemState[],
  cells: readonly MatrixCell[],
): Promise<string> => {
  const { columns } = await import('../columns.ts');
  const cell = (a: SystemState, b: SystemState): string => {
    const found = cells.find((one) => (one.a === a.name && one.b === b.name) || (one.a === b.name && one.b === a.name));
    return found?.seq === undefined ? '=' : String(found.seq);
  };
  const rows = [
    ['', ...states.slice(0, -1).map(({ name }) => name)],
    ...states.slice(1).map((a, index) => [a.name, ...states.slice(0, index + 1).map((b) => cell(a, b))]),
  ];
  return `${path}\nfirst event at which two of them part; = means that they agree\n\n${columns(rows)}`;
};

const runMatrix = async (
  trace: LoadedTrace,
  subject: Subject,
  states: readonly SystemState[],
  request: Request,
  io: Io,
): Promise<ExitCode> => {
  const { compareAll } = await import('../../engine/replay/compare.ts');
  const cells = compareAll(subject, states);
  if (request.format === 'json') {
    const pairs = cells.map(({ seq, ...pair }) => ({ ...pair, seq: seq ?? null }));
    await io.out(formatJson({ trace: trace.path, states: states.map(({ name }) => name), pairs }));
  } else await io.out(await matrixText(trace.path, states, cells));
  return cells.some(({ seq, facts }) => seq !== undefined || facts > 0) ? EXIT.differs : EXIT.ok;
};

const runPair = async (
  opened: OpenedSubject,
  [a, b]: readonly [SystemState, SystemState],
  request: Request,
  io: Io,
): Promise<ExitCode> => {
  const { compareStates } = await import('../../engine/replay/compare.ts');
  const { trace, subject } = opened;
  const comparison = compareStates(subject, a, b);
  const question = await questionOf(opened, [a, b]);
  if (request.format === 'json') await io.out(await jsonOf(trace.path, comparison, question));
  else {
    if (question !== undefined) await io.out(await questionText(question));
    await io.out(await textOfComparison(trace.path, comparison, request, io));
  }
  return comparison.first === undefined ? EXIT.ok : EXIT.differs;
};

const refuse = refuser('compare');

const noteStates = async ({ trace }: OpenedSubject, states: readonly SystemState[], io: Io): Promise<void> => {
  const { notePartialStates } = await import('../partial-states.ts');
  notePartialStates('compare', trace, states, io);
};

/** Two traces under one release. */
const runTraces = async (opened: OpenedSubject, args: Args, request: Request, io: Io): Promise<ExitCode> => {
  const [{ ALL_STATES, oneState, openSubject }, { tracesText, tracesJson }] = await Promise.all([
    import('../subject.ts'),
    import('../compare-traces.ts'),
  ]);
  const names = textsOf(args, 'release');
  if (names.length > 1 || names.includes(ALL_STATES) || textsOf(args, 'with').length > 0)
    return refuse(io, 'two traces: expected one --release at most; RELEASE+PROPOSAL adds a proposal');
  const state = oneState(names[0], opened.applicable);
  if (typeof state === 'string') return refuse(io, state);
  await noteStates(opened, [state], io);
  const other = await openSubject({ ...args, trace: textOf(args, 'other') }, io);
  if (!other.ok) return other.exit;
  return opened.guard(() =>
    other.guard(async () => {
      const say = request.format === 'json' ? tracesJson : tracesText;
      const { text, differ } = say(opened, other, state, request.all);
      await io.out(text);
      return differ ? EXIT.differs : EXIT.ok;
    }),
  );
};

const run = async (args: Args, io: Io): Promise<ExitCode> => {
  const { ALL_STATES, namesWith, openSubject, statesNamed } = await import('../subject.ts');
  const format = choiceOf(args, 'format', FORMATS);
  const opened = await openSubject(args, io);
  if (!opened.ok) return opened.exit;
  const names = namesWith(textsOf(args, 'release'), textsOf(args, 'with'), opened.applicable);
  if ('wrong' in names) return refuse(io, names.wrong);
  const states = statesNamed(names, opened.applicable);
  if (!states.ok) return refuse(io, states.message);
  const request: Request = { format, all: flagOf(args, 'all') };
  if (textOf(args, 'other') !== undefined) return runTraces(opened, args, request, io);
  const [a, b, more] = states.states;
  await noteStates(opened, states.states, io);
  const isMatrix = names.includes(ALL_STATES) || more !== undefined;
  if (a === undefined || b === undefined)
    return refuse(io, 'expected two releases: --release A --release B, or --release all');
  return opened.guard(() =>
    isMatrix
      ? runMatrix(opened.trace, opened.subject, states.states, request, io)
      : runPair(opened, [a, b], request, io),
  );
};

export const compareCommand: Command = {
  positionals: [
    ONE_TRACE,
    { name: 'other', describe: 'another trace: the two are compared under one release', completes: 'trace' },
  ],
  options: {
    release: {
      describe: 'release, guest or proposal; two of them, or more for a matrix; all: all that the trace is meant for',
      value: 'NAME',
      repeatable: true,
      short: 'r',
      default: 'the oldest and the newest that apply',
      completes: 'release',
    },
    with: {
      describe: 'compare the release with itself and this proposal',
      value: 'PROPOSAL',
      repeatable: true,
      completes: 'release',
    },
    all: { describe: 'show every fact that differs, not three for each cause' },
    format: FORMAT_OPTION,
    machine: MACHINE_OPTION,
  },
  details:
    'Finds the first event at which answers or state differ, the listed changes behind it with their commits, and all further differences by cause. A change is found by making it alone, and where no single change makes the difference, by leaving out those that are not needed: what is named makes the difference, and nothing less does. Between releases only changes up to the one from which on a fact is what it is in the end can be named. RELEASE+PROPOSAL is a release with a proposal. Of a trace that answers a question of a discussion, the question comes first, with what each of two states answers (see hvreplay seeds).\n\n' +
    'Two traces are compared under one release (default: the newest that applies to the first): rows that both have side by side, rows that only one has, the first row at which answers or state part and the first answer that differs, each with the rules that one side applied and the other did not, and all facts that differ. Answers of rows that only one has are left out.\n\n' +
    'Exit status: 0 the outcomes agree, 1 they differ.',
  examples: [
    ['hvreplay compare traces/sriov/vf-before-pf.csv --release xen-4.19 --release xen-4.20', 'where and why they part'],
    ['hvreplay compare t.csv --release xen-4.20 --release pfvf-v6', 'what a proposal would change'],
    ['hvreplay compare t.csv --release xen-4.18 --with pfvf-v6', 'what it would change in another release'],
    ['hvreplay compare before.csv after.csv', 'what an edit of a trace changes'],
    ['hvreplay compare t.csv --release all', 'a matrix over all releases'],
  ],
  run,
};
