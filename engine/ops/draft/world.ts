// SPDX-License-Identifier: GPL-2.0-only
import type { ArmWorld } from '../../arm/world.ts';
import type { PassthroughWorld } from '../../guest/passthrough/world.ts';
import { ERRNO } from '../../num/errno.ts';
import type { ModelWorld } from '../../state/model-world.ts';
import type { Answer } from '../../state/result.ts';
import { TraceFault } from '../../xen/domains.ts';
import { applyRule, leaveDefinedBehaviour } from '../../xen/trail.ts';

/** The parts of the model that the drafts for Arm are about. */
export interface DraftWorld {
  readonly world: ModelWorld;
  readonly arm: ArmWorld;
  readonly passthrough: PassthroughWorld;
}

/** Faults the trace on a machine that is not described as an Arm one. */
export const draftWorld = (world: ModelWorld): DraftWorld => {
  const { arm, passthrough } = world;
  if (arm === undefined || passthrough === undefined)
    throw new TraceFault('the machine file has no `arm`, which the operation needs');
  return { world, arm, passthrough };
};

/** A hypercall of the drafts, which releases do not know: -ENOSYS. */
export const onlyInDraft = (
  model: ModelWorld,
  { needs }: { readonly needs: (draft: DraftWorld) => boolean },
  run: (draft: DraftWorld) => Answer,
): Answer => {
  const draft = draftWorld(model);
  if (needs(draft)) return run(draft);
  applyRule(model, 'arm.physdev-unknown', {});
  return { ret: -ERRNO.ENOSYS };
};

/** What is for dom0 to say; the draft has nothing for a guest that says it. */
export const onlyFromHwdom = ({ world }: DraftWorld, run: () => Answer): Answer => {
  const { domain } = world.current;
  if (domain.isHwdom) return run();
  leaveDefinedBehaviour(world, 'undefined.draft1-said-by-guest', { domain: domain.name });
  return {};
};

/** Draft 1 in one of its forms: BARs are not for vPCI to map. */
export const hasDraftBars = ({ arm }: DraftWorld): boolean => arm.behaviours.guestBars !== 'vpci';
