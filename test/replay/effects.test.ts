// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Ran, runCommand } from '../cli/run-command.ts';
import { scratch } from '../cli/scratch.ts';

const TRACE = readFileSync(new URL('../../traces/deferred/expected-effects.csv', import.meta.url), 'utf8');
const MACHINE = readFileSync(new URL('../../traces/machines/two-nics.yaml', import.meta.url), 'utf8');

const conformed = (change: (trace: string) => string): Promise<Ran> => {
  const here = scratch({ 'm.yaml': MACHINE, 't.csv': change(TRACE.replace('../machines/two-nics.yaml', 'm.yaml')) });
  return runCommand(['conform', '--all', '-r', 'xen-4.20', here.at('t.csv')]);
};

const without =
  (start: string) =>
  (trace: string): string =>
    trace
      .split('\n')
      .filter((line) => !line.startsWith(start))
      .join('\n');

test('ranges and writes that the record and the model share are counted', async () => {
  const { exit, out } = await conformed((trace) => trace);
  expect(out).toContain(
    '1 route, 4 maps and 2 hardware writes compared, 0 learned from the record, 0 explained, 0 diverge',
  );
  expect(exit).toBe(0);
});

describe('diverges', () => {
  test.each([
    [
      'a range that the record has not',
      without('expect.unmap'),
      'record nothing of the kind',
      'model d0 unmap 0xfe010-0xfe011',
    ],
    [
      'a range of another size',
      (t: string) => t.replace('0xfe004,1,', '0xfe004,2,'),
      'd0 map 0xfe004-0xfe005',
      'd0 map 0xfe004-0xfe004',
    ],
    [
      'a map that failed',
      (t: string) => t.replace('0xfe010,2,0xfe010,,,,,,0,', '0xfe010,2,0xfe010,,,,,,-22,'),
      '-EINVAL',
      ': 0',
    ],
    [
      'a write that the record has not',
      (t: string) => t.replace(/expect\.hw_write[^\n]*,0x2,[^\n]*\n/, ''),
      'record nothing',
      '0x4 = 0x2',
    ],
    [
      'a write that the model does not make',
      (t: string) => `${t}expect.hw_write,,0000:00:04.0,,,,0xc,1,0x10,,,,\n`,
      '0xc = 0x10',
      'nothing of the kind',
    ],
    [
      'a write of another size',
      (t: string) => t.replace('0x4,2,0x2,,,,\n', '0x4,4,0x2,,,,\n'),
      'record 0000:00:04.0 0x4 = 0x2',
      'model 0000:00:04.0 0x4 = 0x2',
    ],
    ['an access that went elsewhere', (t: string) => t.replace(',direct,', ',msix,'), 'record msix', 'model direct'],
  ])('%s', async (_what, change, record, model) => {
    const { exit, out } = await conformed(change);
    expect(out).toContain(record);
    expect(out).toContain(model);
    expect(exit).toBe(1);
  });
});

test('of what the record has nothing at all nothing is asked', async () => {
  const { exit, out } = await conformed(without('expect.'));
  expect(out).toContain('1 result, 0 values and 1 route compared, 0 learned from the record, 0 explained, 0 diverge');
  expect(exit).toBe(0);
});

test("writes of Xen's interrupt code are not the model's to make", async () => {
  const { out, exit } = await conformed(
    (trace) => `${trace}expect.hw_write,,0000:00:04.0,,,,0x4,2,0x400,,,,INTx off\n`,
  );
  expect(out).toContain("1 recorded writes of Xen's interrupt code");
  expect(exit).toBe(0);
});
