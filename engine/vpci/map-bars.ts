// SPDX-License-Identifier: GPL-2.0-only
import { COMMAND_MEMORY } from '../machine/header-registers.ts';
import { has, without } from '../num/bits.ts';
import { ERRNO } from '../num/errno.ts';
import { crash } from '../xen/domains.ts';
import type { Domain, MapPart, PciDev, PendingMap, World } from '../xen/state.ts';
import { applyRule, leaveDefinedBehaviour } from '../xen/trail.ts';
import { carryOut, carryOutParts, shiftOf } from './carry-out.ts';
import { checkLists, collectInList, collectInOneRangeSet, collectPerBar, type MapRequest } from './collect-ranges.ts';
import { changeDecoding } from './decoding.ts';
import { vpciOf } from './registers.ts';
import { tearDownVpci } from './tear-down.ts';

/** apply_map: at boot a map is carried out at once. Of the per-BAR results only the last one counts. */
const applyAtBoot = (world: World, request: MapRequest, parts: readonly MapPart[] | undefined): number => {
  const { dev, command } = request;
  const domain = dev.domain ?? world.hwdom;
  const job = { domain, isMap: true, preemptible: false };
  let ret = 0;
  if (parts !== undefined) ret = carryOutParts(world, parts, job);
  else
    for (const bar of vpciOf(dev).bars) {
      if (bar.ranges === undefined || bar.ranges.isEmpty()) continue;
      if (ret !== 0) applyRule(world, 'boot.earlier-bar-failure-forgotten', { sbdf: dev.sbdf, bar: bar.index });
      ret = carryOut(world, bar.ranges, { ...job, shift: shiftOf(bar) });
    }
  if (ret === 0) changeDecoding(world, dev, command, false);
  return ret;
};

/**
 * Asks for a device's BARs, or its ROM alone, to be mapped or unmapped as `command` says
 * (xen/drivers/vpci/header.c: modify_bars). At boot that is done at once, later before the vCPU runs again.
 * Answers 0 or a negated errno.
 */
export const requestMap = (world: World, dev: PciDev, command: number, romOnly: boolean): number => {
  const request: MapRequest = { dev, command, romOnly };
  checkLists(world, dev);
  let parts: readonly MapPart[] | undefined;
  switch (world.behaviours.mapRequest) {
    case 'one-range-set':
      parts = [collectInOneRangeSet(world, request)];
      break;
    case 'list-on-vcpu':
      parts = collectInList(world, request);
      break;
    case 'range-set-per-bar': {
      const ret = collectPerBar(world, request);
      if (ret !== 0) return ret;
    }
  }
  if (!world.isActive) return applyAtBoot(world, request, parts);
  const { domain, vcpu } = world.current;
  domain.vcpus.set(vcpu, { dev, command, romOnly, parts });
  applyRule(world, 'map.deferred', { sbdf: dev.sbdf });
  return 0;
};

/** A round of deferred work. */
interface Round {
  readonly domain: Domain;
  readonly pending: PendingMap;
  readonly preemptible: boolean;
}

/** One round of what the vCPU holds: on failure decoding goes off and the device loses its vPCI. */
const resumeParts = (world: World, round: Round, parts: readonly MapPart[]): boolean => {
  const { domain, preemptible } = round;
  const { dev, command, romOnly } = round.pending;
  const ret = carryOutParts(world, parts, { domain, isMap: has(command, COMMAND_MEMORY), preemptible });
  if (ret === -ERRNO.ERESTART) return true;
  if (dev.freed || dev.vpci === undefined) {
    leaveDefinedBehaviour(world, 'undefined.pending-device-gone', { sbdf: dev.sbdf });
    return false;
  }
  changeDecoding(world, dev, ret === 0 ? command : without(command, COMMAND_MEMORY), ret === 0 && romOnly);
  if (ret !== 0) {
    applyRule(world, 'map.failure-ends-vpci', { sbdf: dev.sbdf });
    tearDownVpci(world, dev);
  }
  return false;
};

/** One round with a range set per BAR: on failure decoding goes off, what is pending is dropped, a guest is crashed. */
const resumePerBar = (world: World, { domain, pending, preemptible }: Round): boolean => {
  const { dev, command, romOnly } = pending;
  if (dev.freed || dev.vpci === undefined || dev.domain !== domain) {
    applyRule(world, 'map.pending-dropped', { sbdf: dev.sbdf });
    return false;
  }
  const { bars } = dev.vpci;
  for (const bar of bars) {
    if (bar.ranges === undefined || bar.ranges.isEmpty()) continue;
    const isMap = has(command, COMMAND_MEMORY);
    const ret = carryOut(world, bar.ranges, { domain, isMap, shift: shiftOf(bar), preemptible });
    if (ret === -ERRNO.ERESTART) return true;
    if (ret === 0) continue;
    applyRule(world, 'map.failure-turns-decoding-off', { sbdf: dev.sbdf, bar: bar.index });
    changeDecoding(world, dev, without(command, COMMAND_MEMORY), false);
    for (const other of bars) other.ranges?.clear();
    if (!domain.isHwdom) crash(world, domain);
    return false;
  }
  changeDecoding(world, dev, command, romOnly);
  return false;
};

/**
 * One round of a vCPU's deferred work (vpci_process_pending). `pending`: there was some; `more`: it is not finished,
 * the vCPU must not run yet. `preemptible` false: it is done to the end.
 */
export const resumeVcpu = (
  world: World,
  domain: Domain,
  vcpu: number,
  preemptible = world.options.preempt,
): { readonly pending: boolean; readonly more: boolean } => {
  const pending = domain.vcpus.get(vcpu);
  if (pending === undefined) return { pending: false, more: false };
  const round: Round = { domain, pending, preemptible };
  const more = pending.parts === undefined ? resumePerBar(world, round) : resumeParts(world, round, pending.parts);
  if (!more) domain.vcpus.delete(vcpu);
  return { pending: true, more };
};
