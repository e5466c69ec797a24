// SPDX-License-Identifier: GPL-2.0-only

import type { Concerns, Transition } from '../../engine/replay/bisect.ts';
import type { SystemState } from '../../engine/semantics/states.ts';
import { type Args, choiceOf, flagOf, textOf, textsOf } from '../args.ts';
import type { Command } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import type { Io } from '../io.ts';
import { FORMAT_OPTION, FORMATS, MACHINE_OPTION, ONE_TRACE, refuser } from '../shared-options.ts';
import { formatJson } from '../text.ts';

interface Question {
  readonly concerns: Concerns;
  /** The question's subject in a sentence. */
  readonly what: string;
}

const questionOf = async (args: Args): Promise<Question | string> => {
  const { anything, containing, ofEvent } = await import('../../engine/replay/bisect.ts');
  const field = textOf(args, 'field');
  const event = textOf(args, 'event');
  if (field !== undefined && event !== undefined) return '--field and --event: expected one of them';
  if (field !== undefined) return { concerns: containing(field), what: `facts with '${field}'` };
  if (event === undefined) return { concerns: anything, what: 'the outcome' };
  return { concerns: ofEvent(Number(event)), what: `the answer to event ${Number(event)}` };
};

/** From the one to the other along the releases between them; as they are where no line of releases holds both. */
const way = (line: readonly SystemState[], ends: readonly SystemState[]): readonly SystemState[] => {
  const [from, to, more] = ends;
  if (from === undefined || to === undefined || more !== undefined) return ends;
  const [first, last] = [from, to].map(({ name }) => line.findIndex((state) => state.name === name));
  if (first === undefined || last === undefined || first < 0 || last < 0) return ends;
  return first <= last ? line.slice(first, last + 1) : line.slice(last, first + 1).toReversed();
};

/** Which release changed it: going back, the one that is left. */
const changedBy = (line: readonly SystemState[], { from, to }: Transition, what: string): string => {
  const [first, last] = [from, to].map((name) => line.findIndex((state) => state.name === name));
  const isBack = first !== undefined && last !== undefined && last >= 0 && first > last;
  return isBack ? `${from} changed ${what}: taken back on the way to ${to}` : `${to} changed ${what}`;
};

const transitionsText = async (
  path: string,
  { what }: Question,
  states: readonly SystemState[],
  found: readonly Transition[],
  how: { readonly all: boolean; readonly io: Io; readonly line: readonly SystemState[] },
): Promise<string> => {
  const [{ causeText }, { paint }] = await Promise.all([import('../cause-text.ts'), import('../colour.ts')]);
  const names = `${states[0]?.name} to ${states.at(-1)?.name}`;
  if (found.length === 0) return `${path}\nfrom ${names} nothing changed ${what}\n`;
  const parts = found.flatMap((one) => [
    `${path}\n${changedBy(how.line, one, what)}\n`,
    ...one.causes.map((cause) => causeText(cause, [one.from, one.to], { all: how.all, colours: paint(how.io.colour) })),
  ]);
  return parts.join('\n');
};

const transitionsJson = async (
  path: string,
  states: readonly SystemState[],
  found: readonly Transition[],
): Promise<string> => {
  const { causeJson } = await import('../cause-text.ts');
  const transitions = found.map(({ from, to, causes }) => ({ from, to, causes: causes.map(causeJson) }));
  return formatJson({ trace: path, states: states.map(({ name }) => name), transitions });
};

const refuse = refuser('bisect');

const run = async (args: Args, io: Io): Promise<ExitCode> => {
  const [{ eventIndex, openSubject, statesNamed }, { unknownField }, { bisect }, known, { notePartialStates }] =
    await Promise.all([
      import('../subject.ts'),
      import('../field-option.ts'),
      import('../../engine/replay/bisect.ts'),
      import('../../engine/semantics/states.ts'),
      import('../partial-states.ts'),
    ]);
  const { XEN_STATES, LINUX_STATES } = known;
  const format = choiceOf(args, 'format', FORMATS);
  const question = await questionOf(args);
  if (typeof question === 'string') return refuse(io, question);
  const opened = await openSubject(args, io);
  if (!opened.ok) return opened.exit;
  const ends = statesNamed(textsOf(args, 'release'), opened.applicable);
  if (!ends.ok) return refuse(io, ends.message);
  if (ends.states.length < 2) return refuse(io, 'expected two releases: --release FROM --release TO');
  const onLinux = ends.states.every(({ name }) => LINUX_STATES.some((state) => state.name === name));
  const line = onLinux ? LINUX_STATES : XEN_STATES;
  const states = way(line, ends.states);
  const { path } = opened.trace;
  notePartialStates('bisect', opened.trace, ends.states, io);
  const event = textOf(args, 'event');
  const index = event === undefined ? undefined : eventIndex(opened.trace, 'event', event);
  if (typeof index === 'string') return refuse(io, index);
  return opened.guard(async () => {
    const found = bisect(opened.subject, states, question.concerns);
    const field = textOf(args, 'field');
    const unknown = found.length > 0 || field === undefined ? undefined : unknownField(opened.subject, states, field);
    if (unknown !== undefined) return refuse(io, unknown);
    const text =
      format === 'json'
        ? transitionsJson(path, states, found)
        : transitionsText(path, question, states, found, { all: flagOf(args, 'all'), io, line });
    await io.out(await text);
    return found.length === 0 ? EXIT.ok : EXIT.differs;
  });
};

export const bisectCommand: Command = {
  positionals: [ONE_TRACE],
  options: {
    release: {
      describe: 'where to begin, and given again where to end',
      value: 'NAME',
      repeatable: true,
      short: 'r',
      default: 'the oldest and the newest that apply',
      completes: 'release',
    },
    field: { describe: 'only facts whose line in the golden text contains this', value: 'TEXT' },
    event: { describe: 'only the answer of the event with this number', value: 'N' },
    all: { describe: 'show every fact that changed, not three for each cause' },
    format: FORMAT_OPTION,
    machine: MACHINE_OPTION,
  },
  details:
    'Goes through the releases from the first to the last and names each one that changed the outcome, and the listed change within it, with its commit: the one that makes the difference alone or, where several are needed, the fewest that do together.\n\n' +
    'Exit status: 0 nothing changed, 1 something did.',
  examples: [
    ['hvreplay bisect traces/sriov/vf-before-pf.csv', 'every release that changed the outcome'],
    ['hvreplay bisect t.csv --event 12', 'since when, and why, event 12 is answered otherwise'],
    ["hvreplay bisect t.csv --field 'p2m d0'", 'what changed in the p2m of d0'],
  ],
  run,
};
