// SPDX-License-Identifier: GPL-2.0-only
// Writes the JSON Schema of the report to docs/report.schema.json. Run after `npm run build`.
import { writeFileSync } from 'node:fs';
import { reportJsonSchema } from '../build/cli/reporters/report-schema.js';

const target = new URL('../docs/report.schema.json', import.meta.url);
writeFileSync(target, `${JSON.stringify(reportJsonSchema(), undefined, 2)}\n`);
