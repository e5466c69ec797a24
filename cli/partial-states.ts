// SPDX-License-Identifier: GPL-2.0-only
import { partialState, type SystemState } from '../engine/semantics/states.ts';
import type { Io } from './io.ts';
import type { LoadedTrace } from './session.ts';

const SUBJECTS = { linux: 'grants of a Linux guest', arm: 'Arm' } as const;

/** Says of states that say nothing of what the trace is about which Xen answers. */
export const notePartialStates = (
  command: string,
  { path, machine }: Pick<LoadedTrace, 'path' | 'machine'>,
  states: readonly Pick<SystemState, 'name'>[],
  io: Io,
): void => {
  for (const { name } of states) {
    const partial = partialState(name);
    if (partial === undefined) continue;
    const { about, xen } = partial;
    if ((about === 'linux' ? machine.grantMachine : machine.armMachine) !== undefined) continue;
    io.note(`hvreplay ${command}: ${name} is about ${SUBJECTS[about]}, and ${path} is not; ${xen} answers\n`);
  }
};
