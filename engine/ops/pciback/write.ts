// SPDX-License-Identifier: GPL-2.0-only
import { servedDevice, writeServed } from '../../guest/passthrough/pciback.ts';
import { field } from '../../trace/field.ts';
import { draftWorld } from '../draft/world.ts';
import { ACTOR, register, wordSize } from '../fields.ts';
import { operation } from '../operation.ts';
import { configOf } from './config.ts';

/** Answers nothing, or `error` of the pciif protocol. */
export const pcibackWrite = operation({
  name: 'pciback.write',
  summary: 'a guest writes config space of a device, by the name it has for it, through pcifront and pciback',
  source: 'Linux drivers/xen/xen-pciback/conf_space.c: xen_pcibk_config_write',
  fields: { ...ACTOR, sbdf: field.sbdf, reg: register, size: wordSize, value: field.u32 },
  run: (model, { dom, sbdf, reg, size, value }) => {
    const { passthrough, arm } = draftWorld(model);
    const device = servedDevice(passthrough, dom, sbdf);
    if (device === undefined) return { error: 'XEN_PCI_ERR_dev_not_found' };
    const mayMove = arm.behaviours.guestBars === 'guest-places';
    writeServed({ world: passthrough, device, config: configOf(model, device.host), mayMove }, reg, size, value);
    return {};
  },
});
