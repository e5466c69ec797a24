// SPDX-License-Identifier: GPL-2.0-only
import { findIts } from '../../arm/its.ts';
import { formatSbdf } from '../../num/sbdf.ts';
import { field } from '../../trace/field.ts';
import { domainNamed } from '../../xen/domains.ts';
import { leaveDefinedBehaviour } from '../../xen/trail.ts';
import { deviceCalled } from '../draft/guest-device.ts';
import { draftWorld } from '../draft/world.ts';
import { operation } from '../operation.ts';

/** Answers `device`, the host's name, and `its`, the path of the ITS that the command is for. */
export const itsCommand = operation({
  name: 'its.command',
  summary: "proposal: the domain's ITS driver configures MSIs of a device that it calls sbdf, which traps",
  source: 'PCI passthrough on Arm, draft 1, sections 4 to 6',
  fields: { dom: field.domain, sbdf: field.sbdf },
  run: (model, { dom, sbdf }) => {
    const draft = draftWorld(model);
    const device = deviceCalled(draft, domainNamed(model, dom), sbdf);
    if (device === undefined) return {};
    const { its } = findIts(draft.arm, device);
    if (its === undefined) leaveDefinedBehaviour(model, 'undefined.draft1-no-its', { sbdf: device });
    return { device: formatSbdf(device), its: its?.path };
  },
});
