// SPDX-License-Identifier: GPL-2.0-only
import { releaseDevices } from '../../passthrough/assign.ts';
import { field } from '../../trace/field.ts';
import { refuseMissing, targetDomain } from '../../xen/domains.ts';
import { ACTOR } from '../fields.ts';
import { operation } from '../operation.ts';

export const domctlReleaseDevices = operation({
  name: 'domctl.release_devices',
  summary: 'what a dying domain triggers: all its devices are taken back',
  source: 'xen/drivers/passthrough/pci.c: pci_release_devices',
  fields: { ...ACTOR, domid: field.domain },
  run: (world, { domid }) => {
    const domain = targetDomain(world, domid);
    return { ret: domain === undefined ? refuseMissing(world, domid) : releaseDevices(world, domain) };
  },
});
