// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { jsonReporter } from '../../../cli/reporters/json.ts';
import { reportJsonSchema, reportSchema } from '../../../cli/reporters/report-schema.ts';
import { sampleReport } from './sample-report.ts';

test('the published JSON Schema is that of the report (node scripts/write-report-schema.mjs writes it)', () => {
  const published = readFileSync(new URL('../../../docs/report.schema.json', import.meta.url), 'utf8');
  expect(JSON.parse(published)).toEqual(JSON.parse(JSON.stringify(reportJsonSchema())));
});

test('a report is what its schema says, and survives being written and read', () => {
  const report = sampleReport();
  expect(reportSchema.parse(JSON.parse(jsonReporter(report, false)))).toEqual(report);
});
