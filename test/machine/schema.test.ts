// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { machineJsonSchema } from '../../engine/machine/json-schema.ts';

test('the published JSON Schema is that of the loader (node scripts/write-machine-schema.mjs writes it)', () => {
  const published = readFileSync(new URL('../../traces/machine.schema.json', import.meta.url), 'utf8');
  expect(JSON.parse(published)).toEqual(JSON.parse(JSON.stringify(machineJsonSchema())));
});
