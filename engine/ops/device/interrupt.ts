// SPDX-License-Identifier: GPL-2.0-only
import { formatSbdf } from '../../num/sbdf.ts';
import { field } from '../../trace/field.ts';
import { leaveDefinedBehaviour } from '../../xen/trail.ts';
import { nameInGuest } from '../draft/guest-device.ts';
import { draftWorld } from '../draft/world.ts';
import { operation } from '../operation.ts';

/** Answers `domain` that gets it, and `device`, what that domain calls the device. */
export const deviceInterrupt = operation({
  name: 'device.interrupt',
  summary: 'proposal: an interrupt of a device is to be injected into the domain that has it',
  source: 'PCI passthrough on Arm, draft 1, section 4',
  fields: { sbdf: field.sbdf, kind: field.oneOf('msi', 'intx') },
  run: (model, { sbdf, kind }) => {
    const draft = draftWorld(model);
    if (kind === 'intx') {
      leaveDefinedBehaviour(model, 'undefined.draft1-intx', { sbdf });
      return {};
    }
    const domain = model.devices.get(sbdf)?.domain;
    if (domain === undefined) return { domain: null };
    const name = nameInGuest(draft, domain, sbdf);
    return { domain: domain.name, device: name === undefined ? null : formatSbdf(name) };
  },
});
