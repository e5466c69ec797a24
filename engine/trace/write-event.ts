// SPDX-License-Identifier: GPL-2.0-only
import { ENVELOPE, type Field } from './field.ts';
import type { Registry, TraceEvent } from './operation.ts';

/** Columns that come first and last, whatever else a trace has. */
const FIRST = ['op', 'dom', 'vcpu', 'seq', 'time'];
const LAST = ['value', 'ret', 'note'];

/**
 * The texts of an event's fields by name: what is absent is left out, and so is `seq` if it is the row's number `row`.
 * The operation has to be in the registry: an event of another was not decoded with it, which is a defect.
 */
export const eventTexts = (event: TraceEvent, row: number, registry: Registry): Map<string, string> => {
  const declaration = registry.get(event.op);
  if (declaration === undefined) throw new Error(`no operation ${event.op}`);
  const texts = new Map([['op', event.op]]);
  const put = (name: string, field: Field<unknown>, value: unknown): void => {
    if (value !== undefined) texts.set(name, field.format(value));
  };
  // Each value was made by the field of its name, or is to be formatted by it.
  const envelope = (name: keyof typeof ENVELOPE): void =>
    put(name, ENVELOPE[name] as Field<unknown>, name === 'seq' && event.seq === row ? undefined : event[name]);
  for (const name of ['seq', 'time'] as const) envelope(name);
  for (const [name, field] of Object.entries(declaration.fields)) put(name, field, event.args[name]);
  for (const name of ['ret', 'note'] as const) envelope(name);
  return texts;
};

/** All columns in the order of canonical CSV: {@link FIRST}, the operations' fields as declared, {@link LAST}. */
export const columnOrder = (registry: Registry): readonly string[] => {
  const names = new Set(FIRST);
  for (const { fields } of registry.values())
    for (const name of Object.keys(fields)) if (!LAST.includes(name)) names.add(name);
  return [...names, ...LAST];
};
