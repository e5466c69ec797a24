// SPDX-License-Identifier: GPL-2.0-only
import { basename } from 'node:path';
import type { SystemState } from '../../engine/semantics/states.ts';
import { type Args, textOf } from '../args.ts';
import type { Command } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import type { Io, Terminal } from '../io.ts';
import { MACHINE_OPTION, ONE_RELEASE_OPTION, ONE_TRACE, refuser } from '../shared-options.ts';
import type { OpenedSubject } from '../subject.ts';

/** What is drawn in needs this much room. */
const [MIN_COLUMNS, MIN_ROWS] = [60, 16];

const walkOn = async (
  { trace, subject }: OpenedSubject,
  state: SystemState,
  start: number,
  { terminal, io }: { readonly terminal: Terminal; readonly io: Io },
): Promise<void> => {
  const [{ walkThrough }, { screenOf }, { focusOf, footOf, HELP, press, startAt }, { paint }, { model }] =
    await Promise.all([
      import('../../engine/replay/walk.ts'),
      import('../step/screen.ts'),
      import('../step/session.ts'),
      import('../colour.ts'),
      import('../model.ts'),
    ]);
  const { events } = subject;
  const stepped = { events, walk: walkThrough(subject, state.behaviours) };
  const title = `${basename(trace.path)} on ${state.name}`;
  const colours = paint(io.colour);
  let place = startAt(start);
  const draw = (): void => {
    const size = terminal.size();
    if (size.columns < MIN_COLUMNS || size.rows < MIN_ROWS) {
      terminal.show([`at least ${MIN_COLUMNS} by ${MIN_ROWS}, please`]);
      return;
    }
    const { index } = place;
    const [before, moment] = [stepped.walk.at(index - 1), stepped.walk.at(index)];
    const view = { title, events, registry: model.registry, index, moment, before };
    terminal.show(screenOf({ ...view, focus: focusOf(place, stepped), foot: footOf(place) }, size, colours));
  };
  for (;;) {
    draw();
    const key = await terminal.key();
    if (key.text === '?' && place.prompt === undefined) {
      terminal.show(HELP);
      await terminal.key();
      continue;
    }
    const next = press(place, stepped, key);
    if (next === undefined) return;
    place = next;
  }
};

const refuse = refuser('step');

const run = async (args: Args, io: Io): Promise<ExitCode> => {
  const [{ eventIndex, oneState, openSubject }, { notePartialStates }] = await Promise.all([
    import('../subject.ts'),
    import('../partial-states.ts'),
  ]);
  const opened = await openSubject(args, io);
  if (!opened.ok) return opened.exit;
  const { path, events } = opened.trace;
  const state = oneState(textOf(args, 'release'), opened.applicable);
  if (typeof state === 'string') return refuse(io, state);
  const at = textOf(args, 'at');
  const start = at === undefined ? 0 : eventIndex(opened.trace, 'at', at);
  if (typeof start === 'string') return refuse(io, start);
  if (events.length === 0) return refuse(io, `${path}: has no events to walk through`);
  const terminal = await io.takeTerminal?.();
  if (terminal === undefined)
    return refuse(io, 'stdin and stdout have to be a terminal; hvreplay replay --until N prints the state at an event');
  notePartialStates('step', opened.trace, [state], io);
  return opened.guard(async () => {
    try {
      await walkOn(opened, state, start, { terminal, io });
    } finally {
      terminal.close();
    }
    return EXIT.ok;
  });
};

export const stepCommand: Command = {
  positionals: [ONE_TRACE],
  options: {
    release: ONE_RELEASE_OPTION,
    at: { describe: 'begin at the event with this number', value: 'N', default: 'the first' },
    machine: MACHINE_OPTION,
  },
  details:
    'Keys: n or right: next event; b or left: back; g: go to an event; /: the next event that touches a device (03:00.0), a guest frame (0xfe042) or has a result (-ENODEV); N: the one before; d: the device or domain to show; ?: help; q: quit.\n\n' +
    'Left are the events, what the present one answered and the rules that decided; right is the state after it, what changed marked with a star. Needs 60 columns and 16 lines. Without a terminal: hvreplay replay --until N.',
  examples: [
    ['hvreplay step traces/sriov/vf-before-pf.csv', 'from the first event on, under the newest release'],
    ['hvreplay step t.csv --at 12 --release xen-4.19', 'from event 12 on'],
  ],
  run,
};
