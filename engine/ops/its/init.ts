// SPDX-License-Identifier: GPL-2.0-only
import { translaterFrame } from '../../arm/its.ts';
import { gfn, mfn } from '../../num/frames.ts';
import { hex } from '../../num/u64.ts';
import { field } from '../../trace/field.ts';
import { domainNamed } from '../../xen/domains.ts';
import { mapMmioOnArm } from '../../xen/p2m-arm.ts';
import type { Domain } from '../../xen/state.ts';
import { applyRule, leaveDefinedBehaviour } from '../../xen/trail.ts';
import { type DraftWorld, draftWorld } from '../draft/world.ts';
import { operation } from '../operation.ts';

interface Page {
  readonly guest: number;
  readonly host: number;
}

/** dom0 has the pages of all ITSes where they are, a guest that of the host's one ITS in its virtual one. */
const pagesOf = ({ world, arm }: DraftWorld, domain: Domain): readonly Page[] => {
  const host = arm.its.map(({ address }) => translaterFrame(address));
  if (domain.isHwdom) return host.map((frame) => ({ guest: frame, host: frame }));
  if (arm.guest.its === undefined) return [];
  const guest = translaterFrame(arm.guest.its);
  if (host.length > 1)
    leaveDefinedBehaviour(world, 'undefined.draft1-its-page-of-which', { domain: domain.name, gfn: guest });
  return host.map((frame) => ({ guest, host: frame }));
};

/** Answers `pages`: guest and machine frame of each. */
export const itsInit = operation({
  name: 'its.init',
  summary: "a domain's virtual ITS is set up",
  source: 'PCI passthrough on Arm, draft 1, section 3',
  fields: { dom: field.domain },
  run: (model, { dom }) => {
    const draft = draftWorld(model);
    const domain = domainNamed(model, dom);
    const pages = draft.arm.behaviours.itsPage === 'mapped' ? pagesOf(draft, domain) : [];
    for (const { guest, host } of pages) {
      applyRule(model, 'draft1.its-page-mapped', { domain: dom, gfn: guest });
      mapMmioOnArm(domain.p2m, gfn(guest), 1, mfn(host));
    }
    return { ret: 0, pages: pages.map(({ guest, host }) => ({ gfn: hex(guest), mfn: hex(host) })) };
  },
});
