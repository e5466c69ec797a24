// SPDX-License-Identifier: GPL-2.0-only
import { applyBootParameter } from '../../passthrough/boot-parameters.ts';
import { field } from '../../trace/field.ts';
import { operation } from '../operation.ts';

export const bootParam = operation({
  name: 'boot.param',
  summary: 'a Xen command line option: pci, pci-phantom, iommu or dom0; others change nothing, and the answer says so',
  source: 'docs/misc/xen-command-line.pandoc',
  fields: { name: field.text, text: field.optional(field.text) },
  run: (world, { name, text }) => {
    const ret = applyBootParameter(world, name, text ?? '');
    return ret === undefined ? { ret: 0, modelled: false } : { ret };
  },
});
