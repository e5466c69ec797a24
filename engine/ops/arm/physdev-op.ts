// SPDX-License-Identifier: GPL-2.0-only
import { PHYSDEVOP, physdevOp } from '../../arm/physdev.ts';
import { makeSbdf } from '../../num/sbdf.ts';
import type { Field } from '../../trace/field.ts';
import { field } from '../../trace/field.ts';
import { armOperation } from './operation.ts';

const NAMES: readonly (readonly [name: string, command: number])[] = Object.entries(PHYSDEVOP);

/** A physdev operation by name or number. */
const command: Field<number> = {
  kind: 'physdevop',
  expected: `${NAMES.map(([name]) => name).join(', ')} or a number`,
  optional: false,
  parse: (text) => NAMES.find(([name]) => name === text)?.[1] ?? field.u32.parse(text),
  format: (value) => NAMES.find(([, number]) => number === value)?.[0] ?? field.u32.format(value),
  wire: { ...field.u32.wire, meaning: NAMES.map(([name, number]) => `${name}=${number}`).join(' ') },
};

const FIRST_DEVICE = makeSbdf(0, 0, 0);

/** Answers `op`, the operation's number, and `ret`. */
export const physdevOpOp = armOperation(
  {
    name: 'arm.physdev_op',
    summary: 'dom0 reports, removes or resets a device; default 0000:00:00.0, no flags',
    source: 'xen/drivers/pci/physdev.c: pci_physdev_op',
    fields: { command, sbdf: field.optional(field.sbdf), flags: field.optional(field.u32) },
  },
  (arm, { command, sbdf = FIRST_DEVICE, flags = 0 }) => ({
    op: command,
    ret: physdevOp(arm, command, sbdf, flags),
  }),
);
