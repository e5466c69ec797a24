// SPDX-License-Identifier: GPL-2.0-only
import { rangesOf } from '../../arm/device-tree.ts';
import { framesOf } from '../../guest/passthrough/place-bars.ts';
import { gfn, type Mfn, mfn } from '../../num/frames.ts';
import { hex } from '../../num/u64.ts';
import { field } from '../../trace/field.ts';
import { domainNamed } from '../../xen/domains.ts';
import type { Domain } from '../../xen/state.ts';
import { applyRule } from '../../xen/trail.ts';
import { type DraftWorld, draftWorld } from '../draft/world.ts';
import { operation } from '../operation.ts';

/** Guest frames of the host's PCI windows, lowest first, where guests are built around them. */
const windowsLeftOut = ({ arm }: DraftWorld): readonly { readonly first: number; readonly last: number }[] => {
  if (arm.behaviours.guestMemory === 'as-configured') return [];
  return arm.nodes
    .flatMap((node) => {
      const ranges = rangesOf(node);
      return ranges.ok ? ranges.value : [];
    })
    .map(({ address, size }) => framesOf(address, size))
    .sort((a, b) => a.first - b.first);
};

const fill = ({ p2m }: Domain, first: number, count: number, memory: Mfn): void => {
  if (count > 0) p2m.set(gfn(first), count, memory, 'ram_rw');
};

/** Answers `memory`: first and last guest frame of each piece. */
export const toolstackBuild = operation({
  name: 'toolstack.build',
  summary: 'a guest gets nr frames of memory from gfn on, made of machine frames from mfn on',
  source: 'tools/libs/light/libxl_dom.c; PCI passthrough on Arm, draft 1, replies of 11 and 12 June',
  fields: { domid: field.domain, gfn: field.frame, nr: field.frame, mfn: field.frame },
  run: (model, { domid, gfn: start, nr, mfn: memory }) => {
    const draft = draftWorld(model);
    const domain = domainNamed(model, domid);
    let at = start;
    let done = 0;
    for (const { first, last } of windowsLeftOut(draft)) {
      if (last < at || first >= at + (nr - done)) continue;
      applyRule(model, 'draft1.host-windows-left-out', { domain: domid, gfn: first });
      const before = Math.max(0, first - at);
      fill(domain, at, before, mfn(memory + done));
      done += before;
      at = last + 1;
    }
    fill(domain, at, nr - done, mfn(memory + done));
    return { memory: domain.p2m.list().map(({ first, last }) => [hex(first), hex(last)]) };
  },
});
