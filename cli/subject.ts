// SPDX-License-Identifier: GPL-2.0-only
import { renderBody } from '../engine/golden/text.ts';
import type { Subject } from '../engine/replay/compare-outcome.ts';
import { stateNamed } from '../engine/replay/compare-steps.ts';
import type { SystemState } from '../engine/semantics/states.ts';
import { type Applicable, applicableTo } from './applicable.ts';
import { type Args, textOf } from './args.ts';
import { allChoices, unknownName } from './choices.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import type { Io } from './io.ts';
import { model } from './model.ts';
import { formatProblem, type LoadedTrace, makeSession } from './session.ts';
import { replayFault } from './trace-fault.ts';

/** What commands have in common that replay one trace under several states. */

/** Stands for all releases that a trace is meant for. */
export const ALL_STATES = 'all';

const stateOrDefect = (name: string): SystemState => {
  const state = stateNamed(name);
  if (state === undefined) throw new Error(`${name} is a state`);
  return state;
};

/** With proposals added: a release, or the newest of `applicable`, and the same with them. */
export const namesWith = (
  releases: readonly string[],
  added: readonly string[],
  applicable: readonly SystemState[],
): readonly string[] | { readonly wrong: string } => {
  if (added.length === 0) return releases;
  const [release = applicable.at(-1)?.name ?? '', second] = releases;
  if (second !== undefined || release === ALL_STATES)
    return { wrong: '--with adds to one release; expected at most one --release beside it' };
  return [release, [release, ...added].join('+')];
};

export type NamedStates =
  | { readonly ok: true; readonly states: readonly SystemState[] }
  | { readonly ok: false; readonly message: string };

/** The states of these names; without any the oldest and the newest of `applicable`. */
export const statesNamed = (names: readonly string[], applicable: readonly SystemState[]): NamedStates => {
  if (names.length === 0) {
    const [oldest, newest] = [applicable[0], applicable.at(-1)];
    return { ok: true, states: oldest === undefined || newest === undefined ? [] : [oldest, newest] };
  }
  const states: SystemState[] = [];
  for (const name of names) {
    if (name === ALL_STATES) {
      states.push(...applicable);
      continue;
    }
    const state = stateNamed(name);
    if (state === undefined) {
      const known = allChoices(model).map((choice) => choice.name);
      return { ok: false, message: unknownName('release', name, known) };
    }
    states.push(state);
  }
  return { ok: true, states };
};

/** The one state of this name; without a name the newest of `applicable`. Text: what is wrong. */
export const oneState = (name: string | undefined, applicable: readonly SystemState[]): SystemState | string => {
  const named = statesNamed(name === undefined ? [] : [name], applicable);
  return named.ok ? (named.states.at(-1) ?? 'expected a release: --release NAME') : named.message;
};

/** Index of the event whose number an option names. Text: what is wrong. */
export const eventIndex = ({ path, events }: LoadedTrace, option: string, number: string): number | string => {
  if (!/^\d{1,15}$/.test(number)) return `--${option} ${number}: expected the number of an event`;
  const index = events.findIndex(({ seq }) => seq === Number(number));
  if (index >= 0) return index;
  const [first, last] = [events[0], events.at(-1)];
  const there =
    first === undefined || last === undefined ? 'there are none' : `its events are ${first.seq} to ${last.seq}`;
  return `--${option} ${number}: ${path} has no such event; ${there}`;
};

/** A trace as what its outcomes are compared of. */
export const subjectOf = ({ machine, events, header: { directives } }: LoadedTrace): Subject => {
  const { golden } = directives;
  return {
    ...{ machine, events },
    render: (lines, rows) => renderBody(lines, rows, model.registry),
    hardware: golden === 'hardware',
  };
};

/** The releases and then the proposals that a trace is meant for. */
export const meantFor = ({ order, proposals }: Applicable): readonly SystemState[] =>
  [...order, ...proposals].map(({ name }) => stateOrDefect(name));

export interface OpenedSubject {
  readonly ok: true;
  readonly trace: LoadedTrace;
  readonly subject: Subject;
  /** The releases that the trace is meant for, oldest first. */
  readonly applicable: readonly SystemState[];
  /** Those, and the proposals. */
  readonly meantFor: readonly SystemState[];
  /** Runs `task`; a row that makes no sense on the machine is the trace's fault, and reported as that. */
  guard(task: () => Promise<ExitCode>): Promise<ExitCode>;
}

/** Loads the one trace of a command line; what is wrong with it has been reported when it fails. */
export const openSubject = async (
  args: Args,
  io: Io,
): Promise<OpenedSubject | { readonly ok: false; readonly exit: ExitCode }> => {
  const wrong = (message: string): { readonly ok: false; readonly exit: ExitCode } => {
    io.note(message);
    return { ok: false, exit: EXIT.wrongInput };
  };
  const loaded = makeSession(model).loadTrace(textOf(args, 'trace') ?? '', textOf(args, 'machine'));
  if (!loaded.ok) return wrong(loaded.problems.map(formatProblem).join(''));
  const trace = loaded.value;
  const applicable = applicableTo(model, trace);
  if (!applicable.ok) return wrong(applicable.problems.map(formatProblem).join(''));
  return {
    ok: true,
    trace,
    subject: subjectOf(trace),
    meantFor: meantFor(applicable.value),
    applicable: applicable.value.order.map(({ name }) => stateOrDefect(name)),
    guard: async (task) => {
      try {
        return await task();
      } catch (error) {
        const fault = replayFault(model, trace, error);
        if (fault === undefined) throw error;
        io.note(fault);
        return EXIT.wrongInput;
      }
    },
  };
};
