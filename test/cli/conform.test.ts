// SPDX-License-Identifier: GPL-2.0-only
import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Ran, runCommand } from './run-command.ts';
import { type Scratch, scratch } from './scratch.ts';

const RECORDED = new URL('../../traces/recorded/', import.meta.url);
const NAMES = readdirSync(RECORDED).filter((name) => name.endsWith('.csv'));
const recorded = (name: string): string => new URL(name, RECORDED).pathname;

/** In the middle of 2026. */
const NOW = { SOURCE_DATE_EPOCH: '1782864000' };

const MACHINE = `machine: 1
arch: x86
devices:
  "0000:00:03.0":
    id: 8086:10c9
    class: 0x020000
    bars:
      0: { kind: mem32, address: 0xfe000000, size: 0x2000 }
    capabilities:
      - { id: msi, offset: 0x50 }
`;

/** The revision is not the machine's; nobody programmed MSI, and two devices that Xen does not know went well. */
const TRACE = `# hvreplay-trace: 1
# machine: m.yaml
# recorded-on: xen-4.20
op,dom,sbdf,reg,size,value,ret
boot.hwdom_setup,,,,,,
cfg.read,d0,0000:00:03.0,0x8,4,0x02000005,
cfg.read,d0,0000:00:03.0,0x8,1,0x05,
cfg.write,d0,0000:00:03.0,0x4,2,0x2,
physdev.pci_device_reset,d0,0000:00:03.0,,,,0
physdev.pci_device_remove,d0,0000:00:04.0,,,,0
cfg.read,d0,0000:00:03.0,0x54,4,0xfee00000,
physdev.pci_device_remove,d0,0000:00:05.0,,,,0
`;

const project = (known?: string, trace = TRACE): Scratch =>
  scratch({ 'm.yaml': MACHINE, 't.csv': trace, ...(known === undefined ? {} : { 't.known.yaml': known }) });

const conformHere = (here: Scratch, ...words: readonly string[]): Promise<Ran> =>
  runCommand(['conform', here.at('t.csv'), ...words], NOW);

describe('recorded traces', () => {
  test('agree with the release that they were recorded on', async () => {
    const { exit, out, notes } = await runCommand(['conform', '--release', 'xen-4.20', ...NAMES.map(recorded)]);
    expect([exit, notes]).toEqual([0, '']);
    const heads = out.split('\n').filter((line) => line.includes(' on xen-4.20: '));
    expect(heads.length).toBe(NAMES.length);
    for (const head of heads) expect(head).toMatch(/compared, 0 learned from the record, 0 explained, 0 diverge$/);
  });

  test.each([
    ['pf-removal-with-vfs.csv', 'xen-4.18', 'event 296 physdev.pci_device_remove', '-EBUSY', '0'],
    ['hotplug-bars-at-zero.csv', 'xen-unstable', 'physdev.pci_device_add', '-EEXIST', '0'],
    ['sriov-vfs-after-pf.csv', 'xen-unstable', 'event 195 physdev.pci_device_add', '-ENODEV', '0'],
  ])('%s parts ways with %s where Xen changed', async (name, release, event, record, model) => {
    const { exit, out } = await runCommand(['conform', '--all', '--release', release, recorded(name)]);
    const [, number, op = event] = /^event (\d+) (.*)$/.exec(event) ?? [];
    expect(exit).toBe(1);
    expect(out).toMatch(new RegExp(`x ${op} ret: `));
    expect(out).toMatch(new RegExp(`event ${number ?? '\\d+'} .*record ${record} +model ${model}\n`));
  });

  test('the first divergence comes with what led to it', async () => {
    const name = recorded('sriov-vfs-after-pf.csv');
    const { out } = await runCommand(['conform', '--release', 'xen-unstable', name]);
    expect(out).toContain('first divergence: event 195 physdev.pci_device_add d0 0000:02:10.0 flags=virtfn');
    expect(out).toContain('\n  record: -ENODEV\n  model:  0\n  rule msix.table-invalid: ');
    expect(out.split('\n').filter((line) => line.startsWith('  event '))).toHaveLength(10);
    expect(out).toContain('\n  event 194 cfg.write d0 0000:02:10.0 reg=0xa8');
    expect(out).toContain('\nstate after it:\n  device 0000:02:10.0 owner: d0\n');
  });
});

describe('values from hardware', () => {
  test('are learned once, and hold from then on', async () => {
    const { out } = await conformHere(project(), '--all');
    expect(out).toContain('1 learned from the record');
    expect(out).toMatch(/learned from the record:\n {2}1 x cfg\.read value: .*\n {4}event 2 .*record 0x02000005/);
  });

  test('are not learned where Xen answers for itself', async () => {
    const { out } = await conformHere(project(), '--all');
    expect(out).toMatch(/event 7 .*record 0xfee00000 +model 0x00000000/);
  });

  test('are counted by operation with what else was compared', async () => {
    const { out } = await conformHere(project());
    expect(out).toContain('3 results and 3 values compared');
    expect(out).toMatch(/\n {2}cfg\.read +0 +3 +2 +1 +0\n/);
    expect(out).toMatch(/\n {2}physdev\.pci_device_remove +2( +0){4}\n/);
  });
});

const entry = (seq: number, what: string, further = ''): string =>
  `  - { seq: ${seq}, what: ${what}, reason: looked into, until: 2026-12-31${further} }\n`;

const ALL_KNOWN = `known:\n${entry(6, 'ret')}${entry(7, 'value')}${entry(8, 'ret')}`;

describe('known divergences', () => {
  test('are none of those that fail', async () => {
    const { exit, out } = await conformHere(project(ALL_KNOWN));
    expect(out).toContain('3 explained, 0 diverge');
    expect(exit).toBe(0);
  });

  test('leave the others', async () => {
    const { exit, out } = await conformHere(project(ALL_KNOWN.replace(entry(7, 'value'), '')));
    expect(out).toContain('2 explained, 1 diverge\n');
    expect(out).toContain('first divergence: event 7 cfg.read');
    expect(exit).toBe(1);
  });

  test('that no longer occur fail', async () => {
    const { exit, out } = await conformHere(project(ALL_KNOWN + entry(5, 'ret')));
    expect(out).toContain('known divergence that no longer occurs: event 5 ret');
    expect(exit).toBe(1);
  });

  test('past their day fail, and explain nothing', async () => {
    const { exit, out } = await conformHere(project(ALL_KNOWN.replace('2026-12-31', '2026-06-30')));
    expect(out).toContain('2 explained, 1 diverge\n');
    expect(out).toContain('known divergence past its day 2026-06-30: event 6 ret');
    expect(exit).toBe(1);
  });

  test('of another release do not count', async () => {
    const { exit, out } = await conformHere(project(ALL_KNOWN + entry(5, 'ret', ', release: xen-4.18')));
    expect(out).toContain('3 explained, 0 diverge\n');
    expect(exit).toBe(0);
  });

  test.each([
    ['[]', 't.known.yaml:1:1: expected one key, known'],
    ['known: [{ seq: -1, what: ret, reason: r, until: 2026-12-31 }]', 'seq: expected the number of an event'],
    [
      'known: [{ seq: 1, what: nothing, reason: r, until: 2026-12-31 }]',
      'what: expected one of ret, value, via, map, hw, end',
    ],
    ['known: [{ seq: 1, what: ret, until: 2026-12-31 }]', 'reason: expected a sentence'],
    ['known: [{ seq: 1, what: ret, reason: r, until: 2026-13-31 }]', 'until: expected the last day'],
    ['known: [{ seq: 1, what: ret, reason: r, until: 2026-12-31, why: w }]', 'unknown key "why"'],
    [`known:\n${entry(6, 'ret')}${entry(6, 'ret')}`, 'is listed twice'],
  ])('are refused where the list is wrong: %j', async (known, message) => {
    expect(await conformHere(project(known))).toMatchObject({
      ...{ exit: 2, out: '', notes: expect.stringContaining(message) },
    });
  });
});

describe('what cannot be compared', () => {
  test.each([
    ['no release named', TRACE.replace('# recorded-on: xen-4.20\n', ''), [], 'does not say what it was recorded on'],
    ['an unknown release', TRACE, ['--release', 'xen-4.2'], "unknown release 'xen-4.2'"],
    [
      'nothing recorded',
      '# hvreplay-trace: 1\n# machine: m.yaml\nop\nboot.scan\n',
      ['-r', 'xen-4.20'],
      'nothing was compared',
    ],
    ['an empty file', '', [], 't.csv:1:1: hvreplay-trace: missing'],
    ['a file that ends in a row', TRACE.slice(0, -20), [], '2 cells; expected 7'],
    ['a flipped byte', TRACE.replace('boot.hwdom', 'boot.hwdgm'), [], 'unknown operation'],
    ['a row that makes no sense', `${TRACE}hw.set,,0000:00:1f.0,0x4,2,0x1,\n`, [], 'event 9 (hw.set)'],
  ])('is refused: %s', async (_what, text, words, message) => {
    const { exit, notes } = await conformHere(project(undefined, text), ...words);
    expect(notes).toContain(message);
    expect(exit).toBe(2);
  });
});
