// SPDX-License-Identifier: GPL-2.0-only
import { field } from '../../trace/field.ts';
import { domainNamed } from '../../xen/domains.ts';
import { findDevice } from '../../xen/look-up.ts';
import { applyRule, leaveDefinedBehaviour } from '../../xen/trail.ts';
import { hasDraftBars, onlyFromHwdom, onlyInDraft } from '../draft/world.ts';
import { ACTOR } from '../fields.ts';
import { operation } from '../operation.ts';

export const physdevMapSbdf = operation({
  name: 'physdev.map_sbdf',
  summary: 'proposal: what a guest calls a device that was assigned to it',
  source: 'PHYSDEVOP_map_sbdf (33.43) of PCI passthrough on Arm, draft 1, section 4',
  fields: { ...ACTOR, domid: field.domain, sbdf: field.sbdf, gsbdf: field.sbdf },
  run: (world, { domid, sbdf, gsbdf }) =>
    onlyInDraft(world, { needs: hasDraftBars }, (draft) =>
      onlyFromHwdom(draft, () => {
        const subject = { sbdf, domain: domid };
        if (findDevice(world, domainNamed(world, domid), sbdf) === undefined)
          leaveDefinedBehaviour(world, 'undefined.draft1-sbdf-of-another', subject);
        applyRule(world, 'draft1.guest-sbdf-set', subject);
        draft.arm.guestSbdfs.set(sbdf, gsbdf);
        return { ret: 0 };
      }),
    ),
});
