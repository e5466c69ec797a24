// SPDX-License-Identifier: GPL-2.0-only
// Writes the JSON Schema of machine files to traces/machine.schema.json. Run after `npm run build`.
import { writeFileSync } from 'node:fs';
import { machineJsonSchema } from '../build/engine/machine/json-schema.js';

const target = new URL('../traces/machine.schema.json', import.meta.url);
writeFileSync(target, `${JSON.stringify(machineJsonSchema(), undefined, 2)}\n`);
