// SPDX-License-Identifier: GPL-2.0-only
import { ARM_RELEASES, type ArmBehaviours } from './arm.ts';
import { ARM_PROPOSALS } from './arm-proposals.ts';
import type { Behaviours } from './behaviours.ts';
import type { GrantBehaviours } from './grant-behaviours.ts';
import { applyChanges } from './history.ts';
import { GRANT_PROPOSALS, LINUX_RELEASES } from './linux.ts';
import { PROPOSALS } from './proposals.ts';
import { RELEASES } from './releases.ts';

/** All behaviours that a replay asks for: Xen's on x86 and on Arm, and its guest's. */
export interface SystemBehaviours extends Behaviours {
  readonly linux: GrantBehaviours;
  readonly arm: ArmBehaviours;
}

/** A release of Xen, a guest on the newest one, or a proposal, by the name that `--release` takes. */
export interface SystemState {
  readonly name: string;
  readonly behaviours: SystemBehaviours;
}

/** A proposal as a state. */
export interface ProposedState extends SystemState {
  /** The tree it was compared with, and where it was proposed. */
  readonly origin: string;
  /** No code was ever posted: modelled from what was said. */
  readonly fromText: boolean;
}

const newest = <T>(list: readonly T[]): T => {
  const last = list.at(-1);
  if (last === undefined) throw new Error('there is a release');
  return last;
};

/** Adds what a state of Xen on x86 says nothing of: the newest guest, and Arm as in the release of that name. */
const completed = (release: string, behaviours: Behaviours): SystemBehaviours => ({
  ...behaviours,
  linux: newest(LINUX_RELEASES).behaviours,
  arm: (ARM_RELEASES.find(({ name }) => name === release) ?? newest(ARM_RELEASES)).behaviours,
});

/** Releases of Xen, oldest first. */
export const XEN_STATES: readonly SystemState[] = RELEASES.map(({ name, behaviours }) => ({
  name,
  behaviours: completed(name, behaviours),
}));

/** Guests on the newest Xen, oldest first. */
export const LINUX_STATES: readonly SystemState[] = LINUX_RELEASES.map(({ name, behaviours }) => ({
  name,
  behaviours: { ...newest(XEN_STATES).behaviours, linux: behaviours },
}));

type Addition = readonly [name: string, add: (behaviours: SystemBehaviours) => SystemBehaviours];

/** What each proposal makes of the behaviours that it is added to. */
const ADDITIONS: ReadonlyMap<string, Addition[1]> = new Map([
  ...PROPOSALS.map(
    ({ name, changes }): Addition => [name, (to) => ({ ...to, ...applyChanges<Behaviours>(to, changes) })],
  ),
  ...ARM_PROPOSALS.map(
    ({ name, changes }): Addition => [name, (to) => ({ ...to, arm: applyChanges(to.arm, changes) })],
  ),
  ...GRANT_PROPOSALS.map(
    ({ name, changes }): Addition => [name, (to) => ({ ...to, linux: applyChanges(to.linux, changes) })],
  ),
]);

/** A state with the changes of a proposal made to it. undefined: there is no proposal of that name. */
export const withProposal = (state: SystemState, proposal: string): SystemState | undefined => {
  const add = ADDITIONS.get(proposal);
  return add && { name: `${state.name}+${proposal}`, behaviours: add(state.behaviours) };
};

const proposedOn =
  (base: SystemState) =>
  ({ name, origin, fromText }: Omit<ProposedState, 'behaviours'>): ProposedState => ({
    ...{ name, origin, fromText },
    behaviours: withProposal(base, name)?.behaviours ?? base.behaviours,
  });

/** Proposals for Xen on the release that each is based on; those for Arm and for a guest on the newest one. */
export const PROPOSAL_STATES: readonly ProposedState[] = [
  ...PROPOSALS.map(({ name, base, origin, fromText, behaviours }) => ({
    ...{ name, origin, fromText },
    behaviours: completed(base, behaviours),
  })),
  ...ARM_PROPOSALS.map(proposedOn(newest(XEN_STATES))),
  ...GRANT_PROPOSALS.map(proposedOn(newest(LINUX_STATES))),
];

export const findState = (name: string): SystemState | undefined =>
  [...XEN_STATES, ...LINUX_STATES, ...PROPOSAL_STATES].find((state) => state.name === name);

/** A state that says something of guests or of Arm only: on anything else it is the release of Xen that it stands on. */
export interface PartialState {
  readonly about: 'linux' | 'arm';
  readonly xen: string;
}

const isAmong = (name: string, ...lists: readonly (readonly { readonly name: string }[])[]): boolean =>
  lists.some((list) => list.some((one) => one.name === name));

/** undefined: the state is one of Xen itself. What is added to a state, `…+proposal`, does not count. */
export const partialState = (name: string): PartialState | undefined => {
  const [base = ''] = name.split('+');
  const xen = newest(XEN_STATES).name;
  if (isAmong(base, LINUX_STATES, GRANT_PROPOSALS)) return { about: 'linux', xen };
  return isAmong(base, ARM_PROPOSALS) ? { about: 'arm', xen } : undefined;
};
