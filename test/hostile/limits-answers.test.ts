// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { outcomesOf } from '../../cli/case-outcomes.ts';
import { htmlReporter } from '../../cli/reporters/html/html.ts';
import { makeReport } from '../../cli/reporters/report.ts';
import type { LoadedTrace, Session } from '../../cli/session.ts';
import { diffSequences } from '../../engine/golden/sequences.ts';
import { OPERATIONS } from '../../engine/ops/index.ts';
import { compareStates } from '../../engine/replay/compare.ts';
import { replayTrace } from '../../engine/replay/replay.ts';
import { findState } from '../../engine/semantics/states.ts';
import { loadMachine } from '../../engine/state/load-machine.ts';
import { decodeCsv } from '../../engine/trace/csv.ts';
import { differingCase, sampleCase } from '../cli/reporters/sample-report.ts';
import { state, trace } from '../replay/corpus.ts';
import { limitOf } from './limit-of.ts';

/** What is said of large inputs: all of it at a limit, and beyond it less, with a note. */

test('states that compare keeps: beyond them the first one that differs is found by replaying again', () => {
  const limit = limitOf('MAX_STATES', 'engine/replay/compare-first.ts');
  const { subject } = trace('hidden/look-up');
  const [head] = subject.events;
  if (head === undefined) throw new Error('the trace has events');
  const notes = Array.from({ length: limit }, (_, nth) => ({ ...head, seq: 100 + nth, op: 'note', args: {} }));
  for (const length of [limit, limit + 1]) {
    const events = [...subject.events, ...notes].slice(0, length);
    const { first } = compareStates({ ...subject, events }, state('xen-4.17'), state('xen-4.18'));
    expect([events.length, first]).toEqual([
      length,
      expect.objectContaining({ what: 'state', event: expect.objectContaining({ seq: 3 }) }),
    ]);
  }
});

test('MSI-X entries that are looked at', () => {
  const limit = limitOf('MAX_ENTRIES_SHOWN', 'engine/state/state-json.ts');
  const machine = loadMachine(`machine: 1
arch: x86
devices:
  "0000:00:03.0":
    id: 8086:10c9
    bars: { 0: { kind: mem32, address: 0xfe000000, size: 0x10000 } }
    capabilities: [{ id: msix, offset: 0x70, entries: 128, table: { bar: 0, offset: 0 }, pba: { bar: 0, offset: 0x8000 } }]
`);
  const entry = (nth: number): string => `mmio.write,d0,,,4,0x1,0x${(0xfe000000 + 16 * nth).toString(16)}\n`;
  const rows = decodeCsv(
    `# hvreplay-trace: 1\n# machine: m\nop,dom,sbdf,reg,size,value,gpa\nboot.hwdom_setup,,,,,,\ncfg.write,d0,0000:00:03.0,0x4,2,0x2,\n${entry(limit - 1)}${entry(limit)}`,
    OPERATIONS,
  );
  const behaviours = findState('xen-unstable')?.behaviours;
  if (!machine.ok || !rows.ok || behaviours === undefined) throw new Error(JSON.stringify([machine, rows]));
  const lines = [...replayTrace({ machine: machine.value, behaviours }, rows.value.events)];
  const msix = lines.at(-1)?.state?.devices['0000:00:03.0']?.vpci?.msix;
  expect(msix).toMatchObject({ entries: 128, changed: [{ n: limit - 1 }] });
});

test('lines that differ', () => {
  const limit = limitOf('MAX_EDITS', 'engine/golden/sequences.ts');
  const numbered = (count: number): readonly string[] => Array.from({ length: count }, (_, nth) => `${nth}`);
  const changes = (count: number): number => diffSequences(['same'], ['same', ...numbered(count)]).length;
  expect(changes(limit)).toBe(2);
  expect(diffSequences(['same'], ['same', ...numbered(limit + 1)])[0]).toMatchObject({
    removed: true,
    value: ['same'],
  });
});

/** What a map says of a trace of so many events, whose map takes so many characters. */
const mapOf = (events: number, length: number) => {
  const choice = { name: 'r1', timeline: () => ({ steps: [], text: 'x'.repeat(length) }) };
  const session = { model: { series: [[choice]], proposals: [] } } as unknown as Session;
  const loaded = { events: { length: events }, lineOf: () => undefined } as unknown as LoadedTrace;
  return outcomesOf(session, loaded, new Map([['r1', { header: '', body: '' }]] as never))[0];
};

test('events of a trace with a map', () => {
  const limit = limitOf('MAX_TIMELINE_EVENTS', 'cli/case-outcomes.ts');
  expect(mapOf(limit, 1)?.leftOut).toBeUndefined();
  expect(mapOf(limit + 1, 1)).toMatchObject({ leftOut: `${limit + 1} events, ${limit} at most` });
});

test('the data of a map, and of all maps', () => {
  const limit = limitOf('MAX_TIMELINE_LENGTH', 'cli/case-outcomes.ts');
  const besides = mapOf(1, 0)?.timeline?.length ?? 0;
  expect(mapOf(1, limit - besides)?.timeline).toHaveLength(limit);
  expect(mapOf(1, limit - besides + 1)).toMatchObject({ leftOut: expect.stringContaining(`${limit} at most`) });
  const all = limitOf('MAX_TIMELINES_LENGTH', 'cli/reporters/html/html.ts');
  const maps = Array.from({ length: all / limit + 1 }, (_, nth) =>
    sampleCase(`s/${nth}`, { outcomes: [{ releases: ['r1'], timeline: 'x'.repeat(limit) }] }),
  );
  const leftOut = (cases: typeof maps): number =>
    htmlReporter(makeReport({ cases, strays: [], expectations: [] }, undefined), false).split('MiB of maps already')
      .length - 1;
  expect([leftOut(maps.slice(1)), leftOut(maps)]).toEqual([0, 1]);
});

test('lines of a difference side by side', () => {
  const limit = limitOf('MAX_DIFF_ROWS', 'cli/reporters/html/html.ts');
  const left = (rows: number): string => {
    const diff = `--- a\n+++ b\n@@ -0,0 +1,${rows} @@\n${'+event 1 note: 0\n'.repeat(rows)}`;
    const page = htmlReporter(
      makeReport({ cases: [differingCase('s/a', { diff })], strays: [], expectations: [] }, undefined),
      false,
    );
    return /"rowsLeftOut":(\d+)/.exec(page)?.[1] ?? '';
  };
  expect([left(limit), left(limit + 1)]).toEqual(['0', '1']);
});
