// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { OPERATIONS } from '../../../engine/ops/index.ts';
import { field } from '../../../engine/trace/field.ts';
import { decodeJsonLines } from '../../../engine/trace/json-lines.ts';
import type { Declaration, Registry } from '../../../engine/trace/operation.ts';
import { decodeProtobuf } from '../../../engine/trace/protobuf/decoder.ts';
import { NUMBERS } from '../../../engine/trace/protobuf/numbers.ts';
import { protoFile } from '../../../engine/trace/protobuf/proto-file.ts';
import { protobufSchema } from '../../../engine/trace/protobuf/schema.ts';

const schema = protobufSchema(OPERATIONS);

const dataFile = (name: string): Buffer => readFileSync(new URL(`../data/${name}`, import.meta.url));

test('traces/hvtrace.proto is what the declarations make; scripts/write-proto.mjs renews it', () => {
  const file = readFileSync(new URL('../../../traces/hvtrace.proto', import.meta.url), 'utf8');
  expect(protoFile(schema)).toBe(file);
});

test('no number stands for two things', () => {
  for (const table of [NUMBERS.ops, NUMBERS.fields]) {
    const numbers = Object.values(table);
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(Math.min(...numbers)).toBe(1);
  }
  // Protobuf keeps these for itself.
  expect(Object.values(NUMBERS.fields).filter((number) => number >= 19_000)).toEqual([]);
});

test('what was recorded with the first version of the format is read for ever', () => {
  // Written once; later operations and fields are not added to these files, so that no number in them can change.
  const recorded = decodeProtobuf(dataFile('every-operation.pb'), schema);
  const meant = decodeJsonLines(dataFile('every-operation.jsonl'), OPERATIONS);
  expect(recorded).toEqual(meant);
  expect(recorded.ok && recorded.value.events.length).toBe(138);
});

const registryOf = (fields: Declaration['fields']): Registry =>
  new Map([['note', { name: 'note', summary: '', source: '', fields }]]);

describe('a schema is refused', () => {
  test.each([
    [
      'for an operation without a number',
      new Map([['x.y', { name: 'x.y', summary: '', source: '', fields: {} }]]),
      'x.y',
    ],
    ['for a field without a number', registryOf({ strange: field.u8 }), 'strange has no number'],
    ['for a field of two kinds', new Map([...OPERATIONS, ...registryOf({ sbdf: field.text })]), 'sbdf is string here'],
    ['for a field that every event has', registryOf({ time: field.u64 }), 'time is a field of every event'],
  ])('%s', (_what, registry, message) => {
    expect(() => protobufSchema(registry)).toThrow(message);
  });
});
