// SPDX-License-Identifier: GPL-2.0-only
import { checkBar } from '../../arm/check-bar.ts';
import { mfn } from '../../num/frames.ts';
import { frameOf, hex } from '../../num/u64.ts';
import { field } from '../../trace/field.ts';
import { armOperation } from './operation.ts';

/** Answers `mfn`, first and last frame, and `ok`. */
export const checkBarOp = armOperation(
  {
    name: 'arm.check_bar',
    summary: "whether a BAR's bytes, first to last, may be mapped",
    source: 'xen/arch/arm/pci/pci-host-common.c: pci_check_bar',
    fields: { sbdf: field.sbdf, start: field.u64, end: field.u64 },
  },
  (arm, { sbdf, start, end }) => {
    const first = mfn(frameOf(start));
    const last = mfn(frameOf(end));
    return { mfn: [hex(first), hex(last)], ok: checkBar(arm, sbdf, first, last) };
  },
);
