// SPDX-License-Identifier: GPL-2.0-only
import { partialState, type SystemState } from '../engine/semantics/states.ts';
import type { LoadedTrace } from './session.ts';

const SUBJECTS = { linux: 'grants of a Linux guest', arm: 'Arm' } as const;

/** What has to be said of states that say nothing of what the trace is about: which Xen answers. A line for each. */
export const partialStatesNote = (
  command: string,
  { path, machine }: Pick<LoadedTrace, 'path' | 'machine'>,
  states: readonly SystemState[],
): string =>
  states
    .flatMap(({ name }) => {
      const partial = partialState(name);
      if (partial === undefined) return [];
      const { about, xen } = partial;
      if ((about === 'linux' ? machine.grantMachine : machine.armMachine) !== undefined) return [];
      return [`hvreplay ${command}: ${name} is about ${SUBJECTS[about]}, and ${path} is not; ${xen} answers\n`];
    })
    .join('');
