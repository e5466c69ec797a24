// SPDX-License-Identifier: GPL-2.0-only
import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { matchGolden } from '../../cli/golden-matcher.ts';
import { event } from '../../engine/author/event.ts';
import { authorTrace } from '../../engine/author/trace.ts';
import { OPERATIONS } from '../../engine/ops/index.ts';
import { formatCsv } from '../../engine/trace/write-csv.ts';
import { runCommand } from './run-command.ts';
import { type Scratch, scratch } from './scratch.ts';

const [PF, VF] = ['0000:03:00.0', '0000:03:10.0'];
const MACHINE = 'traces/machines/sriov-hotplug.yaml';

const traceOf = (title = 'A VF before its PF', further: Readonly<Record<string, string>> = {}) =>
  authorTrace({ title, machine: '../machines/sriov-hotplug.yaml', releases: 'xen-4.18..xen-4.20', ...further }, [
    event('boot.hwdom_setup'),
    event('hw.plug', { sbdf: PF }),
    event('hw.set', { sbdf: PF, reg: 0x168, size: 2, value: 0x9 }),
    event('physdev.pci_device_add', { dom: 'd0', sbdf: VF, flags: 'virtfn', physfn: PF }),
  ]);

const project = (): Scratch & { readonly folder: string; readonly files: () => readonly string[] } => {
  const here = scratch();
  mkdirSync(here.at('traces/machines'), { recursive: true });
  copyFileSync(fileURLToPath(new URL(`../../${MACHINE}`, import.meta.url)), here.at(MACHINE));
  const folder = here.at('golden/sriov/vf-before-pf');
  return { ...here, folder, files: () => readdirSync(folder).sort() };
};

const ACCEPTED = ['xen-4.18.txt', 'xen-4.19.txt', 'xen-4.20.txt'];

test('what the matcher accepted is what check takes for golden once the trace is written as CSV', async () => {
  const here = project();
  expect(matchGolden(traceOf(), here.folder, {}, 'new')).toEqual({
    pass: true,
    message: expect.any(String),
    changed: 3,
  });
  expect(here.files()).toEqual(ACCEPTED);
  const { header, events } = traceOf();
  here.write('traces/sriov/vf-before-pf.csv', formatCsv(header, events, OPERATIONS));
  const checked = await runCommand(['check', here.at('traces')]);
  expect(checked).toEqual({ exit: 0, out: '1 case, 3 replays: 1 agree\n', notes: '' });
});

test('only `all` touches the files of a case that has some, and writes no more than differs', () => {
  const here = project();
  matchGolden(traceOf(), here.folder, {}, 'new');
  expect(matchGolden(traceOf(), here.folder, {}, 'all')).toMatchObject({ pass: true, changed: 0 });
  const accepted = here.read('golden/sriov/vf-before-pf/xen-4.20.txt');
  here.write('golden/sriov/vf-before-pf/xen-4.20.txt', accepted.replace('-ENODEV', '-EBUSY'));
  for (const update of ['none', 'new'] as const)
    expect(matchGolden(traceOf(), here.folder, {}, update)).toMatchObject({ pass: false, changed: 0 });
  expect(matchGolden(traceOf(), here.folder, { releases: ['xen-4.19'] }, 'none').pass).toBe(true);
  expect(here.read('golden/sriov/vf-before-pf/xen-4.20.txt')).toContain('-EBUSY');
  expect(matchGolden(traceOf(), here.folder, {}, 'all')).toMatchObject({ pass: true, changed: 1 });
  expect(here.read('golden/sriov/vf-before-pf/xen-4.20.txt')).toBe(accepted);
});

test('a trace edited with the same outcome is stale, a file for nothing is one too many; `all` puts both right', () => {
  const here = project();
  matchGolden(traceOf(), here.folder, {}, 'new');
  here.write('golden/sriov/vf-before-pf/notes.md', 'whose file this is, the matcher does not know');
  here.write('golden/sriov/vf-before-pf/xen-4.22.txt', here.read('golden/sriov/vf-before-pf/xen-4.20.txt'));
  const { pass, message } = matchGolden(traceOf('A VF that comes first'), here.folder, {}, 'none');
  expect(pass).toBe(false);
  expect(message).toContain('the outcome agrees, but the trace or its machine was edited since');
  expect(message).toContain('xen-4.22.txt: no release or proposal of this name applies to the case');
  expect(matchGolden(traceOf('A VF that comes first'), here.folder, {}, 'all')).toMatchObject({
    pass: true,
    changed: 4,
  });
  expect(here.files()).toEqual(['notes.md', ...ACCEPTED]);
});

test('waits for whoever writes golden files', () => {
  const here = project();
  here.write('golden/.accept.lock', '4711\n');
  // While the lock is there, it looks what else is.
  const other = spawn('sh', ['-c', 'sleep 0.5; ls golden >seen; rm golden/.accept.lock'], { cwd: here.root });
  expect(other.pid).toBeGreaterThan(0);
  expect(matchGolden(traceOf(), here.folder, {}, 'new')).toMatchObject({ pass: true, changed: 3 });
  expect([here.read('seen'), readdirSync(here.at('golden'))]).toEqual(['', ['sriov']]);
});

test('a trace may hold its machine, as the CSV does then', async () => {
  const here = project();
  const trace = authorTrace({ title: 'Nothing there', machineText: here.read(MACHINE) }, [event('boot.hwdom_setup')]);
  expect(matchGolden(trace, here.folder, {}, 'new')).toMatchObject({ pass: true, changed: 1 });
  here.write('traces/sriov/vf-before-pf.csv', formatCsv(trace.header, trace.events, OPERATIONS));
  expect(await runCommand(['check', here.at('traces')])).toMatchObject({ exit: 0, notes: '' });
});

describe('refused, with nothing written', () => {
  test.each([
    ['a folder that is no case', { folder: 'snapshots/vf' }, 'snapshots/vf: expected a folder golden/<subject>/<case>'],
    ['an unknown release', { releases: ['xen-4.2O'] }, "unknown release 'xen-4.2O'; did you mean xen-4.20?"],
    ['a release for nothing', { releases: ['xen-4.22'] }, 'releases: xen-4.22: expected one that applies to the trace'],
    ['no release', { releases: [] }, 'releases: none: expected one that applies to the trace'],
    ['a trace for no release', { header: { releases: 'xen-5..' } }, "# releases: 'xen-5..' is no release"],
    ['a machine that is not there', { header: { machine: 'none.yaml' } }, 'machine: none.yaml, from '],
    ['a device that is not there', { sbdf: '0000:7f:00.0' }, '0000:7f:00.0'],
  ])('%s', (_, { folder, releases, header, sbdf }: Wrong, message) => {
    const here = project();
    const trace = traceOf('Refused', header);
    const events = sbdf === undefined ? [] : [{ seq: 9, ...event('hw.plug', { sbdf }) }];
    const match = () =>
      matchGolden({ ...trace, events: [...trace.events, ...events] }, folder ?? here.folder, { releases }, 'new');
    expect(match).toThrow(message);
    expect(here.files).toThrow('ENOENT');
  });
});

interface Wrong {
  readonly folder?: string;
  readonly releases?: readonly string[];
  readonly header?: Readonly<Record<string, string>>;
  readonly sbdf?: string;
}
