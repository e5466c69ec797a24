// SPDX-License-Identifier: GPL-2.0-only

import type { ArmMachine } from '../arm/description.ts';
import { armState } from '../arm/state.ts';
import { type ArmWorld, createArmWorld } from '../arm/world.ts';
import type { GrantMachine } from '../guest/grants/description.ts';
import { describeGrants } from '../guest/grants/state.ts';
import { type GrantWorld, makeGrantWorld } from '../guest/grants/world.ts';
import { passthroughState } from '../guest/passthrough/state.ts';
import { makePassthroughWorld, type PassthroughWorld } from '../guest/passthrough/world.ts';
import type { PlainMachine } from '../machine/plain.ts';
import type { Behaviours } from '../semantics/behaviours.ts';
import type { SystemBehaviours } from '../semantics/states.ts';
import { P2m } from '../xen/p2m.ts';
import type { World } from '../xen/state.ts';
import { addGuest, createWorld, type WorldSetup } from '../xen/world.ts';
import { hostBus } from './arm-bus.ts';
import type { StateJson } from './result.ts';
import { stateJson } from './state-json.ts';

/** A machine as a replay takes it: config space, and what its file says of grants and of PCI on Arm. */
export interface ModelMachine extends PlainMachine {
  readonly grantMachine?: GrantMachine | undefined;
  readonly armMachine?: ArmMachine | undefined;
}

/** Behaviours of a release; those of its guest and of Arm may be left out where the machine has neither. */
export type ModelBehaviours = Behaviours & Partial<SystemBehaviours>;

/** Everything that operations change: x86 PCI, and the grants and Arm parts where the machine file describes them. */
export interface ModelWorld extends World {
  readonly grants: GrantWorld | undefined;
  readonly arm: ArmWorld | undefined;
  /** Toolstack and pciback on an Arm machine. */
  readonly passthrough: PassthroughWorld | undefined;
}

export interface ModelSetup extends WorldSetup {
  readonly machine: ModelMachine;
  readonly behaviours: ModelBehaviours;
}

export const createModelWorld = (setup: ModelSetup): ModelWorld => {
  const { grantMachine, armMachine } = setup.machine;
  const { linux, arm } = setup.behaviours;
  const world = createWorld(setup);
  const grantsGuest = grantMachine?.grants.guest;
  if (grantsGuest !== undefined && !world.domains.has(grantsGuest)) addGuest(world, grantsGuest);
  return {
    ...world,
    grants:
      grantMachine === undefined || linux === undefined
        ? undefined
        : makeGrantWorld(grantMachine, linux, setup.trail, {
            isArm: setup.machine.arch === 'arm',
            p2m: world.domains.get(grantMachine.grants.guest)?.p2m ?? new P2m(),
          }),
    arm:
      armMachine === undefined || arm === undefined
        ? undefined
        : createArmWorld(armMachine, arm, { trail: setup.trail, bus: (otherwise) => hostBus(world.hw, otherwise) }),
    passthrough: armMachine === undefined ? undefined : makePassthroughWorld(armMachine.guest.areas, setup.trail),
  };
};

/** The whole state as results show it. */
export const modelStateJson = (world: ModelWorld): StateJson => ({
  ...stateJson(world),
  ...(world.grants === undefined ? {} : { grants: describeGrants(world.grants) }),
  ...(world.arm === undefined ? {} : { arm: armState(world.arm) }),
  ...(world.passthrough === undefined ? {} : passthroughState(world.passthrough)),
});
