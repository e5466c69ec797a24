// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { runCommand } from './run-command.ts';

const PAGE = 'traces/hidden/page-shared-with-hwdom.csv';
const VFS = 'traces/sriov/pf-removed-with-vfs.csv';
const VF = '0000:03:10.0';
const SCREEN = 80;

const why = (...words: readonly string[]) => runCommand(['why', ...words]);

describe('why --event', () => {
  test('prints the answer, then rules with what they say and where Xen decides so', async () => {
    expect(await why(VFS, '--event', '4', '--release', 'xen-4.20')).toEqual({
      exit: 0,
      out: [
        `${VFS} on xen-4.20`,
        'event 4 physdev.pci_device_remove d0 0000:03:00.0 (pf-removed-with-vfs.csv:12)',
        '  answered: -EBUSY',
        'decided by, in this order:',
        '  remove.pf-has-vfs: 0000:03:00.0',
        '    a PF with VFs stays: -EBUSY, PF and VFs are broken',
        '    xen/drivers/passthrough/pci.c: pci_remove_device',
        '',
      ].join('\n'),
      notes: '',
    });
  });

  test('takes the newest release that applies, unless told otherwise', async () => {
    expect((await why(VFS, '--event', '4')).out).toContain(`${VFS} on xen-unstable\n`);
    expect((await why(VFS, '--event', '4', '-r', 'xen-4.18')).out).not.toContain('remove.pf-has-vfs');
  });

  test('names all frames that a rule was about', async () => {
    const { out } = await why('traces/p2m/toolstack-maps-a-bar.csv', '--event', '7', '-r', 'xen-4.17');
    expect(out).toContain('  map.no-iomem-right: d1 gfn 0xf0000-0xf0001\n');
  });

  test('says where no rule decided', async () => {
    expect((await why(VFS, '--event', '2')).out).toContain('answered: nothing\n  no rule decided');
  });
});

describe('why --gfn', () => {
  test('goes back from the event that took a page away', async () => {
    const { out } = await why(PAGE, '--gfn', '0xfe101', '--release', 'xen-4.17');
    expect(out).toContain('p2m d0 gfn 0xfe101: absent, since event 6\n');
    expect(out.indexOf('event 6 cfg.write')).toBeLessThan(out.indexOf('event 2 boot.hwdom_setup'));
    expect(out).toContain('\n  mfn 0xfe101 mmio_direct -> absent\n');
  });

  test('says what was mapped after an earlier event', async () => {
    const { out } = await why(PAGE, '--gfn', '0xfe101', '--release', 'xen-4.17', '--at', '5');
    expect(out).toContain('p2m d0 gfn 0xfe101: mfn 0xfe101 mmio_direct, since event 2\n');
    expect(out).not.toContain('event 6');
  });

  test('says plainly what was never mapped, and which rule is why', async () => {
    const { out } = await why('traces/msix/table-traps.csv', '--gfn', '0xfe400');
    expect(out).toContain('p2m d0 gfn 0xfe400: never mapped\n  covered by 0000:00:03.0 bar 0, enabled\n');
    expect(out).toContain('  msix.hole-made: 0000:00:03.0 gfn 0xfe400\n');
    expect((await why(PAGE, '--gfn', '0x77')).out).toContain('never mapped\n  no BAR that Xen emulates covers it\n');
  });
});

describe('why --gfn where work is deferred or the replay ends', () => {
  test('leads from the vCPU that ran again to the event that queued it', async () => {
    const { out } = await why('traces/deferred/carried-out-later.csv', '--gfn', '0xfe010');
    expect(out).toContain('since event 6\n');
    expect(out).toContain('event 6 vcpu.resume d0 (carried-out-later.csv:10)\n  absent -> ');
    expect(out).toContain('  carries out what an earlier event deferred\n');
    expect(out).toMatch(
      /left it as it was:\n\nevent 3 cfg\.write .*\n {2}\(carried-out-later\.csv:7\)\n {2}map\.deferred: /,
    );
  });

  test('says from where on nothing is known', async () => {
    const { out } = await why('traces/msix/device-gone.csv', '--gfn', '0xfe400', '-r', 'xen-4.22');
    expect(out).toContain('\nnothing is known from event 5 on: undefined (undefined.msix-of-freed-device)\n  ');
  });
});

describe('why --device', () => {
  test('prints old and new values of a field, newest first', async () => {
    const { out } = await why(VFS, '--device', '0000:03:10.0', '--field', 'flags', '--at', '6');
    expect(out).toContain("device 0000:03:10.0: facts with 'flags' changed by 2 events\n  flags: broken virtfn\n");
    expect(out).toContain('  flags: virtfn -> broken virtfn\n    remove.pf-has-vfs: 0000:03:00.0\n');
  });

  test('tells what became of one BAR, in the emulation and in the hardware', async () => {
    const { out } = await why(PAGE, '--device', '0000:00:03.0', '--bar', '0', '--release', 'xen-4.17');
    expect(out).toMatch(/facts of bar 0 changed by \d+ events?\n {2}bar 0: .*\n {2}hardware bar 0: 0x/);
    expect(out).not.toMatch(/bar [1-5]|rom enable/);
  });

  test('takes a number for an address where no such frame is known, but that of the address is', async () => {
    const trace = 'traces/msix/table-traps.csv';
    const [address, frame] = [await why(trace, '--gfn', '0xfe400000'), await why(trace, '--gfn', '0xfe000')];
    expect(address.out).toMatch(/: never mapped\n.*\n {2}as an address it is in frame 0xfe400\n$/);
    expect(frame.out).not.toContain('address');
  });

  test.each([
    [
      'traces/msix/table-traps.csv',
      '0000:00:03.0',
      '1',
      'd0: gfn 0xfe402-0xfe403 mapped, the rest of 0xfe400-0xfe403 not',
    ],
    ['traces/bars/decoding-on-and-off.csv', '0000:00:04.0', '1', 'd0: gfn 0xfe010-0xfe011 not mapped'],
    ['traces/bars/decoding-on-and-off.csv', '0000:00:04.0', '2', 'd0: gfn 0xfe010-0xfe011 mapped'],
    ['traces/hidden/mapped.csv', '0000:00:16.0', '2', 'd0: gfn 0xfe102 mapped'],
  ])('says what of a BAR is mapped: %s, %s, after event %s', async (trace, device, at, mapping) => {
    const { out } = await why(trace, '--device', device, '--bar', '0', '--at', at);
    expect(out).toContain(`\n  p2m ${mapping}\n`);
  });

  test('shows the newest events, and all of them on demand', async () => {
    const words = ['traces/recorded/boot-whole-machine.csv', '--device', '0000:00:1f.0'];
    const [few, all] = [await why(...words), await why(...words, '--all')];
    expect(few.out).toMatch(/\nand \d+ more \(--all\)\n$/);
    expect(all.out).not.toContain('more (--all)');
    expect(all.out.match(/^event /gm)?.length).toBeGreaterThan(few.out.match(/^event /gm)?.length ?? 0);
    for (const line of few.out.split('\n')) expect(line.length).toBeLessThanOrEqual(SCREEN);
  });
});

describe('why --format json', () => {
  const json = async (...words: readonly string[]): Promise<unknown> =>
    JSON.parse((await why(...words, '--release', 'xen-4.20', '--format', 'json')).out);

  test('has the same for programs', async () => {
    const rules = [{ rule: 'remove.pf-has-vfs', sbdf: '0000:03:00.0', where: expect.stringContaining('pci.c') }];
    expect(await json(VFS, '--event', '4')).toMatchObject({
      ...{ trace: VFS, release: 'xen-4.20', event: { seq: 4, row: 4, line: 12, answer: { ret: -16 }, rules } },
    });
    expect(await json(PAGE, '--gfn', '0xfe101')).toMatchObject({
      ...{ domain: 'd0', gfn: '0xfe101', now: 'mfn 0xfe101 mmio_direct' },
      changes: [{ seq: 2, before: null, after: 'mfn 0xfe101 mmio_direct' }],
      kept: [{ seq: 6 }, { seq: 4 }],
    });
    expect(await json(VFS, '--device', '0000:03:10.0', '--field', 'flags', '--at', '4')).toMatchObject({
      facts: { flags: 'broken virtfn' },
      changes: [{ seq: 4, fields: [{ field: 'flags', before: 'virtfn', after: 'broken virtfn' }], rules }, { seq: 3 }],
    });
  });
});

describe('what why cannot answer', () => {
  test.each([
    [[], 'expected one of --event N, --gfn FRAME and --device SBDF'],
    [['--event', '4', '--gfn', '1'], 'expected one of --event N, --gfn FRAME and --device SBDF'],
    [['--event', '99'], `--event 99: ${VFS} has no such event; its events are 1 to 9\n`],
    [['--event', 'x'], '--event x: expected the number of an event'],
    [['--gfn', 'fe101'], '--gfn fe101: expected the number of a guest frame, as 0xfe042'],
    [['--gfn', '1', '--at', '99'], `--at 99: ${VFS} has no such event`],
    [['--gfn', '1', '--domain', 'd9'], `--domain d9: ${VFS} has no such domain; there are d0`],
    [['--device', 'nic'], '--device nic: expected a device, as 0000:03:00.0'],
    [
      ['--device', '0000:7f:1f.7'],
      `--device 0000:7f:1f.7: neither ${VFS} nor its machine has such a device; there are `,
    ],
    [['--device', VF, '--field', 'weather'], `--field weather: no such fact of ${VF}; there are owner, `],
    [['--device', VF, '--field', 'flsgs'], `--field flsgs: no such fact of ${VF}; did you mean flags?\n`],
    [['--device', VF, '--bar', '5'], `--bar 5: no such fact of ${VF}; there are owner`],
    [['--device', VF, '--bar', '6'], '--bar 6: expected a number from 0 to 5, or rom'],
    [['--device', VF, '--bar', '0', '--field', 'bar 0'], '--field and --bar: expected one of them'],
    [['--event', '4', '--bar', '0'], '--bar goes with --device'],
    [['--event', '4', '--field', 'bar 0'], '--field goes with --device'],
    [['--event', '4', '--at', '3'], '--at goes with --gfn or --device'],
    [['--event', '4', '--release', 'xen-9'], "unknown release 'xen-9'"],
  ])('is refused with a message: %j', async (words, message) => {
    const { exit, out, notes } = await why(VFS, ...words);
    expect([exit, out]).toEqual([2, '']);
    expect(notes).toMatch(/^hvreplay why: .*\n$/);
    expect(notes).toContain(message);
  });
});
