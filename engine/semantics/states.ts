// SPDX-License-Identifier: GPL-2.0-only

import { ARM_RELEASES, type ArmBehaviours } from './arm.ts';
import { ARM_PROPOSALS, withArmProposals } from './arm-proposals.ts';
import type { Behaviours } from './behaviours.ts';
import type { GrantBehaviours } from './grant-behaviours.ts';
import { applyChanges } from './history.ts';
import { GRANT_PROPOSALS, LINUX_RELEASES, withGrantProposals } from './linux.ts';
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

/** Proposals for Xen on the release that each is based on; those for Arm and for a guest on the newest one. */
export const PROPOSAL_STATES: readonly ProposedState[] = [
  ...PROPOSALS.map(({ name, base, origin, fromText, behaviours }) => ({
    ...{ name, origin, fromText },
    behaviours: completed(base, behaviours),
  })),
  ...ARM_PROPOSALS.map((proposal) => {
    const { behaviours } = newest(XEN_STATES);
    const { name, origin, fromText } = proposal;
    return {
      ...{ name, origin, fromText },
      behaviours: { ...behaviours, arm: withArmProposals(behaviours.arm, [proposal]) },
    };
  }),
  ...GRANT_PROPOSALS.map((proposal) => {
    const { behaviours } = newest(LINUX_STATES);
    const { name, origin, fromText } = proposal;
    return {
      ...{ name, origin, fromText },
      behaviours: { ...behaviours, linux: withGrantProposals(behaviours.linux, [proposal]) },
    };
  }),
];

/** A state with the changes of a proposal made to it. undefined: there is no proposal of that name. */
export const withProposal = (state: SystemState, proposalName: string): SystemState | undefined => {
  const name = `${state.name}+${proposalName}`;
  const { behaviours } = state;
  const forXen = PROPOSALS.find((one) => one.name === proposalName);
  if (forXen !== undefined)
    return { name, behaviours: { ...behaviours, ...applyChanges<Behaviours>(behaviours, forXen.changes) } };
  const forArm = ARM_PROPOSALS.find((one) => one.name === proposalName);
  if (forArm !== undefined)
    return { name, behaviours: { ...behaviours, arm: withArmProposals(behaviours.arm, [forArm]) } };
  const forGuest = GRANT_PROPOSALS.find((one) => one.name === proposalName);
  if (forGuest === undefined) return undefined;
  return { name, behaviours: { ...behaviours, linux: withGrantProposals(behaviours.linux, [forGuest]) } };
};

export const findState = (name: string): SystemState | undefined =>
  [...XEN_STATES, ...LINUX_STATES, ...PROPOSAL_STATES].find((state) => state.name === name);
