// SPDX-License-Identifier: GPL-2.0-only
import { field } from '../../trace/field.ts';
import { setModelOption } from '../../xen/options.ts';
import { operation } from '../operation.ts';

export const modelOption = operation({
  name: 'model.option',
  summary: 'injects failures, preemption, quarantine, …',
  source: 'the model',
  fields: {
    name: field.oneOf(
      'autorun',
      'preempt',
      'quarantine',
      'iommu',
      'domu_vpci',
      'fail_setup',
      'fail_add',
      'fail_remove',
      'fail_assign',
    ),
    value: field.integer,
  },
  run: (world, { name, value }) => {
    setModelOption(world, name, value);
    return undefined;
  },
});
