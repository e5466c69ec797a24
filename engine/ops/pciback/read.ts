// SPDX-License-Identifier: GPL-2.0-only
import { barRegisterAt, readServed, servedDevice } from '../../guest/passthrough/pciback.ts';
import type { ServedDevice } from '../../guest/passthrough/world.ts';
import { hex } from '../../num/u64.ts';
import { field } from '../../trace/field.ts';
import { mapMmio } from '../draft/map-mmio.ts';
import { type DraftWorld, draftWorld } from '../draft/world.ts';
import { ACTOR, recordedValue, register, wordSize } from '../fields.ts';
import { operation } from '../operation.ts';
import { configOf } from './config.ts';

/** Proposal: the first time that a BAR is read pciback has Xen map it, and learns where. */
const askXen = (draft: DraftWorld, device: ServedDevice, reg: number): void => {
  const bar = barRegisterAt(device, reg)?.bar;
  if (draft.arm.behaviours.virtualBars !== 'xen-answers' || bar === undefined || bar.virtual !== undefined) return;
  mapMmio(draft, draft.world.hwdom, bar.physical, bar.sizeBytes);
};

/** Answers `value`, or `error` of the pciif protocol. */
export const pcibackRead = operation({
  name: 'pciback.read',
  summary: 'a guest reads config space of a device, by the name it has for it, through pcifront and pciback',
  source: 'Linux drivers/xen/xen-pciback/conf_space.c: xen_pcibk_config_read',
  fields: { ...ACTOR, sbdf: field.sbdf, reg: register, size: wordSize, value: recordedValue },
  run: (model, { dom, sbdf, reg, size }) => {
    const draft = draftWorld(model);
    const device = servedDevice(draft.passthrough, dom, sbdf);
    if (device === undefined) return { error: 'XEN_PCI_ERR_dev_not_found' };
    askXen(draft, device, reg);
    return { value: hex(readServed(draft.passthrough, device, configOf(model, device.host), reg, size)) };
  },
});
