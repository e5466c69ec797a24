// SPDX-License-Identifier: GPL-2.0-only
import { translaterFrame } from '../../arm/its.ts';
import { gfn } from '../../num/frames.ts';
import { frameOf, hex } from '../../num/u64.ts';
import { field } from '../../trace/field.ts';
import { P2m } from '../../xen/p2m.ts';
import { applyRule } from '../../xen/trail.ts';
import { draftWorld } from '../draft/world.ts';
import { operation } from '../operation.ts';

/** Answers `reaches`: the path of an ITS, `memory`, `mmio` or `nothing`, and `mfn` where there is one. */
export const deviceWrite = operation({
  name: 'device.write',
  summary: 'a device writes to memory, or an MSI, through the SMMU: to an address of the domain that has it',
  source: 'PCI passthrough on Arm, draft 1, section 1',
  fields: { sbdf: field.sbdf, gpa: field.u64 },
  run: (model, { sbdf, gpa }) => {
    const { arm } = draftWorld(model);
    const domain = model.devices.get(sbdf)?.domain;
    const at = gfn(frameOf(gpa));
    const run = domain?.p2m.at(at);
    if (run === undefined) {
      applyRule(model, 'draft1.device-not-mapped', {
        sbdf,
        gfn: at,
        ...(domain === undefined ? {} : { domain: domain.name }),
      });
      return { reaches: 'nothing' };
    }
    const frame = P2m.mfnOf(run, at);
    const its = arm.its.find(({ address }) => translaterFrame(address) === frame);
    const kind = run.type === 'mmio_direct' ? 'mmio' : 'memory';
    return { reaches: its?.path ?? kind, mfn: hex(frame) };
  },
});
