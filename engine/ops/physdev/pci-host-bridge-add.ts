// SPDX-License-Identifier: GPL-2.0-only
import { bindSegment } from '../../arm/bind-segment.ts';
import { field } from '../../trace/field.ts';
import { onlyFromHwdom, onlyInDraft } from '../draft/world.ts';
import { ACTOR } from '../fields.ts';
import { operation } from '../operation.ts';

export const physdevPciHostBridgeAdd = operation({
  name: 'physdev.pci_host_bridge_add',
  summary: 'proposal: dom0 says which segment the host bridge with this config window is, in bytes',
  source: 'PHYSDEVOP_pci_host_bridge_add (33.44) of PCI passthrough on Arm, draft 1, section 2.2',
  fields: { ...ACTOR, seg: field.u16, cfg_base: field.u64, cfg_size: field.u64 },
  run: (world, { seg, cfg_base, cfg_size }) =>
    onlyInDraft(world, { needs: ({ arm }) => arm.behaviours.bridgeSegment === 'bound-by-dom0' }, (draft) =>
      onlyFromHwdom(draft, () => ({
        ret: bindSegment(draft.arm, world, { segment: seg, address: cfg_base, size: cfg_size }),
      })),
    ),
});
