// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { OPERATIONS } from '../../../engine/ops/index.ts';
import { replayTrace } from '../../../engine/replay/replay.ts';
import { findState } from '../../../engine/semantics/states.ts';
import { loadMachine } from '../../../engine/state/load-machine.ts';
import { decodeCsv } from '../../../engine/trace/csv.ts';

/** Replays rows on an Arm machine and answers what each said. */
const replay = (grants: string, header: string, ...rows: readonly string[]): readonly object[] => {
  const machine = loadMachine(`machine: 1\narch: arm\nmemoryMap: []\ndevices: {}\n${grants}`);
  const text = ['# hvreplay-trace: 1', '# machine: m.yaml', header, ...rows, ''].join('\n');
  const trace = decodeCsv(text, OPERATIONS);
  const state = findState('xen-unstable');
  if (!machine.ok || !trace.ok || state === undefined) throw new Error('machine, trace and state are right');
  const setup = { machine: machine.value, behaviours: state.behaviours };
  return [...replayTrace(setup, trace.value.events)].filter((line) => line.final === undefined);
};

test.each([
  'grant_table.setup_table,d1,,,,,1,',
  'grant_table.query_size,d1,,,,,,',
  'grant_table.set_version,d1,,,,,,1',
  'grant_table.get_version,d1,,,,,,',
  'memory.add_to_physmap,d1,d1,grant_table,0,0x10,,',
  'memory.add_to_physmap_batch,d1,d1,grant_table,0,0x10,0,',
])('a machine without grants cannot replay %s', (row) => {
  let fault: unknown;
  try {
    replay('', 'op,dom,domid,space,idx,gpfn,nr,version', row);
  } catch (thrown) {
    fault = thrown;
  }
  expect(fault).toMatchObject({
    message: expect.stringContaining('the machine file has neither `deviceTree` nor `grants`'),
  });
});

test('a domain that is made again begins with a table of one frame', () => {
  const lines = replay(
    'grants: { guest: d1 }',
    'op,dom,domid,nr',
    'grant_table.setup_table,d0,d2,5',
    'domctl.destroydomain,d0,d2,',
    'grant_table.query_size,d0,d2,',
    'domctl.createdomain,d0,d2,',
    'grant_table.query_size,d0,d2,',
  );
  expect(lines.slice(2)).toMatchObject([{ status: -2 }, { ret: 0 }, { status: 0, nrFrames: 1, maxNrFrames: 64 }]);
});

test("a domain that has the guest's id after it has a table of its own", () => {
  const lines = replay(
    'grants: { guest: d1, frames: 8 }',
    'op,dom,domid,nr',
    'grant_table.setup_table,d0,d1,5',
    'domctl.destroydomain,d0,d1,',
    'domctl.createdomain,d0,d1,',
    'grant_table.setup_table,d1,,2',
    'grant_table.query_size,d1,,',
  );
  expect(lines.slice(3)).toMatchObject([{ frames: ['nowhere*2'] }, { nrFrames: 2, maxNrFrames: 64 }]);
});
