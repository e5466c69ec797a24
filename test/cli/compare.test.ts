// SPDX-License-Identifier: GPL-2.0-only
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { scratch } from './scratch.ts';

/** The commands that compare releases, as users run them (`npm run build`). */

const ROOT = new URL('../..', import.meta.url).pathname;
const VF = 'traces/sriov/vf-before-pf.csv';
const SAME = 'traces/bars/decoding-on-and-off.csv';
const OLD = ['--release', 'xen-4.19'];
const AT_4_18 = ['--release', 'xen-4.18'];
const NEW = ['--release', 'xen-4.20'];

interface Done {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const run = (...args: readonly string[]): Done =>
  spawnSync(process.execPath, [`${ROOT}dist/cli/main.js`, ...args], { cwd: ROOT, encoding: 'utf8' });

describe('compare', () => {
  test('says where two releases part and why, with status 1', () => {
    const { status, stdout, stderr } = run('compare', VF, ...OLD, ...NEW);
    expect([status, stderr]).toEqual([1, '']);
    expect(stdout).toContain('first in the answer to event 4 physdev.pci_device_add\nbecause of\n  vfBeforePf: ');
    expect(stdout).toContain('8fe330a4da, xen-4.20: ');
    expect(stdout).toContain('      xen-4.19: 0\n      xen-4.20: -ENODEV\n');
  });

  test('adds a proposal to a release, and shows the question that the trace answers', () => {
    const done = run('compare', 'traces/sriov/pf-removal-retried.csv', '--release', 'xen-4.18', '--with', 'pfvf-busy');
    expect(done).toMatchObject({ status: 1, stderr: '' });
    expect(done.stdout).toMatch(
      /^The caller takes the device to be there still and retries: .*\n {2}asked in pf-vf-links/,
    );
    expect(done.stdout).toContain('  xen-4.18\n    event 4 physdev.pci_device_remove d0 0000:03:00.0: 0\n');
    expect(done.stdout).toContain(
      '  xen-4.18+pfvf-busy\n    event 4 physdev.pci_device_remove d0 0000:03:00.0: -EBUSY\n',
    );
    expect(run('compare', VF, ...OLD, ...NEW, '--with', 'pfvf-busy')).toMatchObject({ status: 2, stdout: '' });
  });

  test('takes changes back on the way to an older release', () => {
    expect(run('compare', VF, ...NEW, ...OLD).stdout).toContain('    taken back: 8fe330a4da, xen-4.20: ');
  });

  test('shows every fact on demand', () => {
    const few = run('compare', VF, ...OLD, ...NEW).stdout;
    const all = run('compare', VF, ...OLD, ...NEW, '--all').stdout;
    expect(few).toContain('more (--all)');
    expect(all).not.toContain('more (--all)');
    expect(all.length).toBeGreaterThan(few.length);
  });

  test('answers 0 where the outcomes agree', () => {
    expect(run('compare', SAME)).toMatchObject({ status: 0, stdout: `${SAME}\nxen-4.17 and xen-unstable agree\n` });
    expect(run('compare', SAME, '--release', 'all').status).toBe(0);
  });

  test('prints JSON', () => {
    const pair: unknown = JSON.parse(run('compare', VF, ...OLD, ...NEW, '--format', 'json').stdout);
    expect(pair).toMatchObject({
      ...{ trace: VF, a: 'xen-4.19', b: 'xen-4.20', differ: true },
      first: { seq: 4, what: 'answer', causes: [{ kind: 'one', changes: [{ origin: '8fe330a4da' }], keptBy: [] }] },
      causes: [{ kind: 'one' }],
    });
    const matrix: unknown = JSON.parse(run('compare', VF, '--release', 'all', '--format', 'json').stdout);
    expect(matrix).toMatchObject({
      pairs: expect.arrayContaining([{ a: 'xen-4.19', b: 'xen-4.20', seq: 4, facts: expect.any(Number) }]),
    });
  });

  test('takes a release with a proposal', () => {
    const done = run('compare', 'traces/sriov/pf-removed-with-vfs.csv', ...NEW, '--release', 'xen-4.20+pfvf-busy');
    expect(done).toMatchObject({ status: 1, stderr: '' });
    expect(done.stdout).toContain('xen-4.20 and xen-4.20+pfvf-busy differ');
  });

  test.each([
    [['compare', VF, '--release', 'xen-4.2o', ...OLD], "unknown release 'xen-4.2o'; did you mean"],
    [['compare', VF, ...OLD], 'expected two releases'],
    [['compare', VF, '--format', 'xml'], 'expected text, json'],
    [['compare', 'traces/none.csv'], 'traces/none.csv'],
    [['bisect', VF, '--event', 'x'], 'expected the number of an event'],
    [['bisect', VF, '--event', '999'], 'has no such event'],
    [['bisect', VF, '--event', '4', '--field', 'p2m'], 'expected one of them'],
    [['bisect', VF, ...OLD], 'expected two releases'],
  ])('%j is refused with status 2', (args, message) => {
    const done = run(...args);
    expect(done).toMatchObject({ status: 2, stdout: '' });
    expect(done.stderr).toContain(message);
  });
});

/** A VF outlives its PF, and a device that has nothing to do with them is given away. */
const TWO_MATTERS = `# hvreplay-trace: 1
#| machine: 1
#| arch: x86
#| devices:
#|   "0000:03:00.0":
#|     id: 8086:10c9
#|     command: 0x0002
#|     bars: { 0: { kind: mem32, address: 0xf0000000, size: 0x20000 } }
#|     capabilities:
#|       - { id: pcie, offset: 0xa0, type: endpoint }
#|       - { id: sriov, offset: 0x160, totalVfs: 8, firstVfOffset: 0x80, vfStride: 2, vfDevice: 0x10ca, bars: { 0: { kind: mem64, address: 0xf0100000, size: 0x4000 } } }
#|   "0000:03:10.0": { vf: { of: "03:00.0" } }
#|   "0000:05:00.0":
#|     id: 10de:1db4
#|     command: 0x0002
#|     bars: { 0: { kind: mem32, address: 0xf6000000, size: 0x1000000 } }
op,dom,sbdf,flags,physfn,reg,size,value,domid
boot.hwdom_setup,,,,,,,,
cfg.write,d0,03:00.0,,,0x168,2,0x9,
physdev.pci_device_add,d0,03:10.0,virtfn,03:00.0,,,,
physdev.pci_device_remove,d0,03:00.0,,,,,,
physdev.pci_device_remove,d0,03:10.0,,,,,,
physdev.pci_device_remove,d0,03:00.0,,,,,,
domctl.assign_device,d0,05:00.0,,,,,,d1
`;

describe('a state that says nothing of what the trace is about', () => {
  test.each([
    ['compare', 'linux-7.2', 'grants of a Linux guest'],
    ['compare', 'arm-draft1', 'Arm'],
    ['bisect', 'linux-7.2', 'grants of a Linux guest'],
  ])('%s %s says which Xen answers', (command, name, about) => {
    expect(run(command, SAME, '--release', name, ...NEW)).toMatchObject({
      status: 0,
      stderr: `hvreplay ${command}: ${name} is about ${about}, and ${SAME} is not; xen-unstable answers\n`,
    });
  });

  test.each([
    ['replay', []],
    ['why', ['--event', '1']],
  ])('%s says it too', (command, further) => {
    expect(run(command, SAME, '--release', 'linux-7.2', ...further)).toMatchObject({
      status: 0,
      stderr: `hvreplay ${command}: linux-7.2 is about grants of a Linux guest, and ${SAME} is not; xen-unstable answers\n`,
    });
  });

  test('is no matter where the trace is about it', () => {
    const grants = 'traces/grants/odd-maps.csv';
    expect(run('compare', grants, '--release', 'linux-6.12', '--release', 'linux-7.2').stderr).toBe('');
  });
});

describe('bisect', () => {
  test('leaves out what has nothing to do with a fact but for parts of its commit missing', () => {
    const { root } = scratch({ 't.csv': TWO_MATTERS });
    const { stdout } = run('bisect', `${root}/t.csv`, '--field', '05:00.0', ...AT_4_18, ...OLD);
    expect(stdout).toContain('because of\n  vpciOnOwnerChange: kept -> rebuilt\n');
    expect(stdout).toContain('  3 facts:\n');
    expect(stdout).not.toContain('vfLink');
  });

  test('says in plain words what else is needed, and without what nothing is known', () => {
    const lost = run('bisect', 'traces/msix/hole-of-a-new-owner.csv', ...AT_4_18, ...OLD).stdout;
    expect(lost).toContain('\nwith all other changes made, but not this, Xen leaves defined behaviour\n  mapRequest: ');
    const needed = run('bisect', 'traces/deferred/device-removed.csv', ...AT_4_18, ...OLD).stdout;
    expect(needed).toContain('\nwith all other changes made, this is needed too\n  barPlacement: ');
  });

  test('names release and commit, with status 1', () => {
    const { status, stdout } = run('bisect', VF, '--event', '4');
    expect(status).toBe(1);
    expect(stdout).toContain('xen-4.20 changed the answer to event 4\n\nbecause of\n  vfBeforePf: ');
  });

  test('looks at the releases between the two that are given, in their direction', () => {
    expect(run('bisect', VF, '--event', '4', ...OLD, '--release', 'xen-unstable').stdout).toContain('xen-4.20 changed');
    expect(run('bisect', VF, '--event', '4', '--release', 'xen-unstable', ...OLD).stdout).toMatch(
      /\nxen-4.20 changed the answer to event 4: taken back on the way to xen-4.19\n[\s\S]*taken back: 8fe330a4da, xen-4.20/,
    );
    expect(run('bisect', VF, '--event', '4', ...NEW, '--release', 'xen-unstable')).toMatchObject({
      status: 0,
      stdout: `${VF}\nfrom xen-4.20 to xen-unstable nothing changed the answer to event 4\n`,
    });
  });

  test('refuses a text that no fact contains, which is not the same as a fact that never changed', () => {
    expect(run('bisect', VF, '--field', 'bar0')).toMatchObject({
      ...{ status: 2, stdout: '' },
      stderr: 'hvreplay bisect: --field bar0: no fact contains this; did you mean bar 0?\n',
    });
    expect(run('bisect', VF, '--field', 'boot.hwdom_setup')).toMatchObject({ status: 0 });
  });

  test('prints JSON', () => {
    const found: unknown = JSON.parse(run('bisect', VF, '--event', '4', '--format', 'json').stdout);
    expect(found).toMatchObject({
      transitions: [
        { from: 'xen-4.19', to: 'xen-4.20', causes: [{ kind: 'one', changes: [{ origin: '8fe330a4da' }] }] },
      ],
    });
  });
});
