// SPDX-License-Identifier: GPL-2.0-only
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { OPERATIONS } from '../../engine/ops/index.ts';
import { decodeCsv } from '../../engine/trace/csv.ts';
import { protobufSchema } from '../../engine/trace/protobuf/schema.ts';
import { formatProtobuf } from '../../engine/trace/protobuf/write.ts';
import { runCommand } from './run-command.ts';
import { scratch } from './scratch.ts';

const BIN = new URL('../../dist/cli/main.js', import.meta.url).pathname;

const MACHINE = `#| machine: 1
#| arch: x86
#| devices:
#|   "0000:00:03.0": { id: 8086:10d3 }
`;
const ROWS = 'op,dom,sbdf,ret\nboot.hwdom_setup,,,\nphysdev.pci_device_remove,d0,0000:00:03.0,0\n';
const CSV = `# hvreplay-trace: 1\n# recorded-on: xen-4.20\n${MACHINE}${ROWS}`;

const protobuf = (csv: string): Uint8Array => {
  const decoded = decodeCsv(csv, OPERATIONS);
  if (!decoded.ok) throw new Error(JSON.stringify(decoded.problems));
  return formatProtobuf(decoded.value.header, decoded.value.events, protobufSchema(OPERATIONS));
};

const TRACE = protobuf(CSV);
const ANSWERS = 'event 2 physdev.pci_device_remove d0 0000:00:03.0: 0\n';

const changedAt = (at: number): Uint8Array => TRACE.map((byte, index) => (index === at ? (byte + 1) % 256 : byte));

describe('a protobuf trace that holds its machine', () => {
  test.each(['replay', 'why', 'compare', 'bisect', 'conform', 'shrink'])('goes through %s', async (command) => {
    const here = scratch({ 't.pb': TRACE });
    const more: Readonly<Record<string, readonly string[]>> = {
      why: ['--event', '2'],
      shrink: ['--event', '2', '--release', 'xen-4.20'],
    };
    const done = await runCommand([command, here.at('t.pb'), ...(more[command] ?? [])]);
    expect(done).toMatchObject({ exit: expect.toBeOneOf([0, 1]), out: expect.stringMatching(/./) });
  });

  test('answers as the same trace in CSV and JSON lines does', async () => {
    const here = scratch({ 't.pb': TRACE, 't.csv': CSV });
    await runCommand(['convert', here.at('t.pb'), here.at('t.jsonl')]);
    const outs = await Promise.all(
      ['t.pb', 't.csv', 't.jsonl'].map(async (name) => (await runCommand(['replay', here.at(name)])).out),
    );
    expect(outs[0]).toContain(ANSWERS);
    expect(new Set(outs.map((out) => out.slice(out.indexOf('[results]'))))).toHaveLength(1);
  });

  test('is told of what is wrong with the machine, with the line in it', async () => {
    const here = scratch({ 't.pb': protobuf(CSV.replace('arch: x86', 'arch: x87')) });
    const { exit, notes } = await runCommand(['replay', here.at('t.pb')]);
    expect({ exit, notes }).toEqual({
      exit: 2,
      notes: expect.stringMatching(/t\.pb \(machine within the trace\):2:7: /),
    });
  });

  test('may be given another', async () => {
    const here = scratch({ 't.pb': TRACE, 'm.yaml': 'machine: 1\narch: x86\n' });
    const { out } = await runCommand(['replay', here.at('t.pb'), '--machine', here.at('m.yaml')]);
    expect(out).toContain('event 2 physdev.pci_device_remove d0 0000:00:03.0: -ENODEV\n');
  });

  test('is known for what it is on standard input', () => {
    const { status, stdout } = spawnSync(process.execPath, [BIN, 'replay', '-'], { input: TRACE, encoding: 'utf8' });
    expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringContaining(ANSWERS) });
  });
});

describe('a protobuf trace that is damaged', () => {
  test.each<readonly [what: string, trace: Uint8Array, said: RegExp]>([
    ['one byte', changedAt(TRACE.length - 12), /^\S+t\.pb: byte \d+/],
    ['a byte of the header', changedAt(20), /^\S+t\.pb: byte \d+: the checksum of all bytes before/],
    ['a byte of the checksum', changedAt(TRACE.length - 1), /^\S+t\.pb: byte \d+: the checksum of all bytes before/],
    [
      'cut off',
      TRACE.subarray(0, -9),
      /^\S+t\.pb: byte \d+: the recording is cut off .* all \d+ bytes before are good, 1 events/,
    ],
    ['without its checksum', TRACE.subarray(0, -5), /^\S+t\.pb: byte \d+: the recording is cut off here/],
    ['empty', new Uint8Array(), /^\S+t\.pb: byte 0: the file is empty; expected a header/],
    ['a text', new TextEncoder().encode(CSV), /^\S+t\.pb: byte 0: .*this is no protobuf trace/],
  ])('%s: exit status 2, and nothing is replayed', async (_what, trace, said) => {
    const here = scratch({ 't.pb': trace });
    for (const command of ['replay', 'conform', 'bisect'])
      expect(await runCommand([command, here.at('t.pb')])).toEqual({
        exit: 2,
        out: '',
        notes: expect.stringMatching(said),
      });
  });

  test('cut off: --allow-truncated takes what is there, and its conversion says that it is not complete', async () => {
    const here = scratch({ 't.pb': TRACE.subarray(0, -9) });
    expect((await runCommand(['replay', here.at('t.pb'), '--allow-truncated'])).exit).toBe(0);
    const { out } = await runCommand(['convert', here.at('t.pb'), '-', '--to', 'csv', '--allow-truncated']);
    expect(out).toBe(`# hvreplay-trace: 1\n# complete: no\n# recorded-on: xen-4.20\n${MACHINE}op\nboot.hwdom_setup\n`);
  });
});

test('the text formats hold a machine too, and refuse a second one', async () => {
  const both = CSV.replace('# recorded-on', '# machine: m.yaml\n# recorded-on');
  const line = both.split('\n').indexOf('# machine: m.yaml') + 1;
  const here = scratch({ 't.csv': CSV, 'both.csv': both });
  expect((await runCommand(['replay', here.at('t.csv')])).out).toContain(ANSWERS);
  expect(await runCommand(['replay', here.at('both.csv')])).toMatchObject({
    ...{ exit: 2, notes: expect.stringContaining(`both.csv:${line}:1: machine: given as a file and within the trace`) },
  });
});

test('writes to standard output', () => {
  const here = scratch({ 't.csv': CSV });
  const { status, stdout } = spawnSync(process.execPath, [BIN, 'convert', 't.csv', '-', '--to', 'protobuf'], {
    cwd: here.root,
  });
  expect(status).toBe(0);
  expect(Uint8Array.from(stdout)).toEqual(TRACE);
  expect(readFileSync(here.at('t.csv'), 'utf8')).toBe(CSV);
});
