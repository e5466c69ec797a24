// SPDX-License-Identifier: GPL-2.0-only
import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';

const TRACES = new URL('../../traces/', import.meta.url);
const names = readdirSync(new URL('recorded/', TRACES)).filter((name) => name.endsWith('.csv'));

interface Row {
  readonly op: string;
  readonly sbdf?: string;
  readonly value?: string;
  readonly size?: string;
  readonly ret?: string;
}

const rowsOf = (name: string): readonly Row[] =>
  parse(readFileSync(new URL(`recorded/${name}`, TRACES), 'utf8'), {
    columns: true,
    comment: '#',
    comment_no_infix: true,
  });

const machine: { devices: Readonly<Record<string, object>> } = parseYaml(
  readFileSync(new URL('machines/qemu-q35-pvh.yaml', TRACES), 'utf8'),
);

describe.each(names)('%s', (name) => {
  const rows = rowsOf(name);

  test('names only devices of the machine, or reads of an empty slot', () => {
    const strangers = rows.filter((row) => row.sbdf !== undefined && row.sbdf !== '' && !(row.sbdf in machine.devices));
    for (const row of strangers) expect(row.value).toMatch(/^0xf+$/);
  });

  test('every device add and remove has its recorded result', () => {
    const calls = rows.filter((row) => row.op.startsWith('physdev.'));
    expect(calls.length).toBeGreaterThan(0);
    for (const call of calls) expect(call.ret).toMatch(/^(0|-E[A-Z]+)$/);
  });

  test('every access has a value as wide as its size', () => {
    for (const row of rows.filter((one) => /^(cfg|ecam|mmio)\./.test(one.op)))
      expect(row.value).toHaveLength(2 + 2 * Number(row.size));
  });

  test('ends with a checkpoint', () => {
    expect(rows.at(-1)?.op).toBe('checkpoint');
  });
});

test('there are recorded traces', () => {
  expect(names.length).toBeGreaterThan(5);
});
