// SPDX-License-Identifier: GPL-2.0-only
import { type FieldSet, field } from '../../engine/trace/field.ts';
import type { Declaration, Registry } from '../../engine/trace/operation.ts';

const declare = (name: string, fields: FieldSet): Declaration => ({ name, summary: name, source: 'a test', fields });

const { optional } = field;

const access = {
  dom: field.domain,
  vcpu: optional(field.u8),
  sbdf: field.sbdf,
  reg: field.unsigned('reg', 0xfff),
  size: field.u8,
};

/** A few operations of every kind of field, for tests of the decoders. */
export const registry: Registry = new Map(
  [
    declare('boot.hwdom_setup', {}),
    declare('note', {}),
    declare('boot.param', { name: field.text, text: optional(field.text) }),
    declare('cfg.read', { ...access, value: optional(field.u64) }),
    declare('cfg.write', { ...access, value: field.u64 }),
    declare('physdev.pci_device_add', {
      dom: field.domain,
      sbdf: field.sbdf,
      flags: optional(field.flags({ extfn: 1, virtfn: 2 })),
      physfn: optional(field.sbdf),
    }),
    declare('p2m.set', {
      dom: field.domain,
      gfn: field.frame,
      type: field.oneOf('ram_rw', 'mmio_direct'),
      level: optional(field.integer),
    }),
  ].map((declaration) => [declaration.name, declaration]),
);

/** `line:column: message` of each problem. */
export const render = (
  problems: readonly { line: number | undefined; column: number | undefined; message: string }[],
): string[] => problems.map(({ line, column, message }) => `${line ?? ''}:${column ?? ''}: ${message}`);
