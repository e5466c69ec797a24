// SPDX-License-Identifier: GPL-2.0-only
import { ERRNO } from '../../num/errno.ts';
import { type Gfn, MAX_FRAME, type Mfn } from '../../num/frames.ts';
import { field } from '../../trace/field.ts';
import { changeMmio } from '../../xen/change-mmio.ts';
import { denyUnprivileged, domctlDomain, refuseArgument } from '../../xen/domains.ts';
import { mapMmioOnArm, unmapMmioOnArm } from '../../xen/p2m-arm.ts';
import type { World } from '../../xen/state.ts';
import { applyRule } from '../../xen/trail.ts';
import { ACTOR } from '../fields.ts';
import { operation } from '../operation.ts';

/** Frames to map or unmap for a domain. */
interface MappingRequest {
  readonly domid: string;
  readonly gfn: number;
  readonly mfn: number;
  readonly nr: number;
  /** 1 maps, 0 unmaps. */
  readonly add: number;
}

/** The last machine frame that an address has room for, on x86 hardware that uses all of its bits (PADDR_BITS). */
const LAST_MFN = { x86: 2 ** (52 - 12) - 1, arm: 2 ** (48 - 12) - 1 } as const;

/** Of one call: Arm's tables take a region at once, and nothing interrupts that. */
const MAX_FRAMES_ON_ARM = 64;

/**
 * Maps or unmaps by one call, or as libxc does, which makes as many as Xen wants (tools/libs/ctrl/xc_domain.c,
 * xc_domain_memory_mapping): on Arm they end as a single one without a limit would, since an error undoes them all.
 */
export const changeMapping = (
  world: World,
  { domid, gfn, mfn, nr, add }: MappingRequest,
  calls: 'one' | 'as-needed',
): number => {
  const domain = domctlDomain(world, domid);
  if (typeof domain === 'number') return domain;
  const last = mfn + nr - 1;
  const isArm = world.hw.machine.arch === 'arm';
  if (last < mfn || last > LAST_MFN[isArm ? 'arm' : 'x86'] || gfn + nr - 1 > MAX_FRAME) return refuseArgument(world);
  const denied = denyUnprivileged(world);
  if (denied !== 0) return denied;
  if (isArm && calls === 'one' && nr > MAX_FRAMES_ON_ARM) {
    applyRule(world, 'arm.too-many-frames', { domain: domain.name, gfn, lastGfn: gfn + nr - 1 });
    return -ERRNO.E2BIG;
  }
  const targetMatters = add === 1 || world.behaviours.unmapRights === 'caller-and-target';
  if (!world.current.domain.iomem.contains(mfn, last) || (targetMatters && !domain.iomem.contains(mfn, last))) {
    applyRule(world, 'map.no-iomem-right', { domain: domain.name, gfn, lastGfn: gfn + nr - 1 });
    return -ERRNO.EPERM;
  }
  const { p2m } = domain;
  if (isArm) {
    const change = add === 1 ? mapMmioOnArm : unmapMmioOnArm;
    const ret = change(p2m, gfn as Gfn, nr, mfn as Mfn);
    if (ret !== 0) applyRule(world, 'arm.other-memory-there', { domain: domain.name, gfn, lastGfn: gfn + nr - 1 });
    return ret;
  }
  return changeMmio(world, domain, { start: gfn as Gfn, count: nr, mfn: mfn as Mfn }, add === 1, 'one');
};

export const domctlMemoryMapping = operation({
  name: 'domctl.memory_mapping',
  summary:
    'the toolstack maps (add 1) or unmaps (0) machine frames for a domain; a positive answer asks to go on there',
  source: 'XEN_DOMCTL_memory_mapping (36.39); xen/common/domctl.c: do_domctl',
  fields: {
    ...ACTOR,
    domid: field.domain,
    gfn: field.frame,
    mfn: field.frame,
    nr: field.frame,
    add: field.unsigned('0 or 1', 1),
  },
  run: (world, request) => ({ ret: changeMapping(world, request, 'one') }),
});
