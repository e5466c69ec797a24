// SPDX-License-Identifier: GPL-2.0-only
import { serveDevice } from '../../guest/passthrough/pciback.ts';
import { readNodes } from '../../guest/passthrough/xenstore.ts';
import { hex } from '../../num/u64.ts';
import { field } from '../../trace/field.ts';
import { applyRule } from '../../xen/trail.ts';
import { mapMmio } from '../draft/map-mmio.ts';
import { sysfsBars } from '../draft/sysfs-bars.ts';
import { draftWorld, hasDraftBars } from '../draft/world.ts';
import { operation } from '../operation.ts';

/**
 * Answers `bars`: what the guest will read of each, and in option (3) what the hypercall answered; `noNodes` for a device
 * that xenstore does not give to the guest.
 */
export const pcibackAttach = operation({
  name: 'pciback.attach',
  summary: 'pciback begins to serve a device to a guest: it reads xenstore once',
  source: 'Linux drivers/xen/xen-pciback/xenbus.c; PCI passthrough on Arm, draft 1, replies of 17 to 26 June',
  fields: { domid: field.domain, sbdf: field.sbdf },
  run: (model, { domid, sbdf }) => {
    const draft = draftWorld(model);
    const { passthrough, arm, world } = draft;
    const nodes = readNodes(passthrough, domid, sbdf);
    if (nodes === undefined) return { noNodes: true };
    if (nodes.bars.size > 0) applyRule(passthrough, 'pciback.virtual-bar-from-xenstore', { sbdf, domain: domid });
    const passed = passthrough.passed.find((device) => device.domain === domid && device.host === sbdf);
    const bars =
      passed?.bars ?? sysfsBars(world.hw, sbdf).map((bar) => ({ ...bar, virtual: nodes.bars.get(bar.index) }));
    serveDevice(passthrough, { domain: domid, host: sbdf, guest: nodes.guest, bars });
    const isForPciback = hasDraftBars(draft) && arm.behaviours.guestBars === 'pciback';
    const asksLater = arm.behaviours.virtualBars === 'xen-answers';
    const calls = isForPciback && !asksLater;
    return {
      bars: bars.map((bar) => ({
        ...{ bar: bar.index, reads: asksLater ? null : hex(bar.virtual ?? bar.physical) },
        ...(calls ? { mapping: mapMmio(draft, world.hwdom, bar.virtual ?? bar.physical, bar.sizeBytes).ret } : {}),
      })),
    };
  },
});
