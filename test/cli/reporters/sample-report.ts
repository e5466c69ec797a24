// SPDX-License-Identifier: GPL-2.0-only
import { makeReport } from '../../../cli/reporters/report.ts';
import type { CaseReport, FindingReport, Report } from '../../../cli/reporters/report-schema.ts';

/** A finding about one answer, as the check makes it. */
const finding = (name: string, more: Partial<FindingReport> = {}): FindingReport => ({
  ...{ kind: 'differs', golden: `golden/${name}/r3.txt`, releases: ['r3', 'r4'], outcome: '0123456789abcdef' },
  message: `r3 to r4 (2 releases): the outcome is not what golden/${name}/r3.txt says`,
  cause: { name: 'vf.pf-unknown', says: 'the PF of a VF is not known' },
  first: { key: 'event 4 physdev.add', want: '0', got: '-ENODEV', event: 4, line: 9, rules: ['vf.pf-unknown'] },
  differences: [
    { key: 'event 4 physdev.add', field: 'answer', event: 4, op: 'physdev.add', want: '0', got: '-ENODEV' },
  ],
  diff: `--- golden/${name}/r3.txt\n+++ traces/${name}.csv under r3\n@@ -1,2 +1,2 @@\n [results]\n-event 4 physdev.add: 0\n+event 4 physdev.add: -ENODEV\n`,
  ...more,
});

/** A case that agrees, unless `more` says something else. */
export const sampleCase = (name: string, more: Partial<CaseReport> = {}): CaseReport => ({
  ...{ name, trace: `traces/${name}.csv`, title: `What ${name} shows`, status: 'agrees' },
  ...{ releases: ['r1', 'r2', 'r3', 'r4'], cost: 16, findings: [] },
  ...more,
});

/** A case that differs, with one finding that `more` may change. */
export const differingCase = (name: string, more: Partial<FindingReport> = {}): CaseReport =>
  sampleCase(name, { status: 'differs', findings: [finding(name, more)] });

/** One of everything that a report can hold. */
export const sampleReport = (): Report =>
  makeReport(
    {
      cases: [
        sampleCase('bars/agrees'),
        differingCase('bars/differs'),
        sampleCase('bars/known', {
          status: 'known',
          findings: [finding('bars/known', { known: { reason: 'a reviewed one', until: '2030-01-31' } })],
        }),
        sampleCase('bars/stale', {
          status: 'differs',
          findings: [
            {
              ...{ kind: 'stale', golden: 'golden/bars/stale/r1.txt', releases: ['r1'] },
              message: 'golden/bars/stale/r1.txt: the outcome agrees, but the trace or its machine was edited since',
            },
          ],
        }),
        sampleCase('msi/bad', {
          ...{ status: 'error', releases: [], cost: 0, error: "traces/msi/bad.csv:4:1: unknown operation 'x'\n" },
        }),
        sampleCase('msi/crash', {
          ...{ status: 'defect', releases: [], cost: 0, error: 'traces/msi/crash.csv: internal error: Error: oh\n' },
        }),
        sampleCase('msi/skipped', { status: 'skipped', releases: [], cost: 0 }),
      ],
      strays: [{ path: 'golden/bars/gone/r1.txt', message: 'orphaned: no trace', orphan: true }],
      expectations: [
        {
          ...{ file: 'golden/expectations.yaml', line: 2 },
          ...{ case: 'bars/agrees', release: 'r2', reason: 'it was so', until: '2030-01-31' },
          message: 'the outcome is golden again; the entry can go',
        },
      ],
    },
    undefined,
  );
