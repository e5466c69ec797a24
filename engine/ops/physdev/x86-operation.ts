// SPDX-License-Identifier: GPL-2.0-only
import { ERRNO } from '../../num/errno.ts';
import type { FieldSet } from '../../trace/field.ts';
import { applyRule } from '../../xen/trail.ts';
import { type Operation, operation } from '../operation.ts';

/**
 * A physdev operation that only x86 has: Arm's hypercall knows those that pci_physdev_op does, and answers -ENOSYS to all
 * others (xen/arch/arm/physdev.c, do_arm_physdev_op).
 */
export const x86Operation = <F extends FieldSet, const N extends string>(declared: Operation<F, N>): Operation<F, N> =>
  operation({
    ...declared,
    run: (world, args) => {
      if (world.hw.machine.arch !== 'arm') return declared.run(world, args);
      applyRule(world, 'arm.physdev-unknown', { name: declared.name });
      return { ret: -ERRNO.ENOSYS };
    },
  });
