// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { runCommand } from './run-command.ts';
import { type Scratch, scratch } from './scratch.ts';

/** What `check` blames for an outcome that is not golden, and where. */

const MACHINE = `machine: 1
arch: x86
devices:
  "0000:00:03.0":
    id: 8086:10d3
    bars: { 0: { kind: mem32, address: 0xfebf0000, size: 0x1000 } }
`;
const TRACE = `# hvreplay-trace: 1
# machine: ../machines/m.yaml
op,dom,sbdf,reg,size,value,note
boot.hwdom_setup,,,,,,
cfg.write,d0,00:03.0,0x4,2,0x2,
checkpoint,,,,,,decoding is on
cfg.write,d0,00:03.0,0x4,2,0x0,
physdev.pci_device_remove,d0,00:03.0,,,,
physdev.pci_device_remove,d0,00:03.0,,,,
physdev.pci_device_add,d0,00:03.0,,,,
`;
const RELEASE = ['--release', 'xen-4.20'];
const EDITED = 'was edited since the golden file was written; xen-4.20: the outcome is not what';

/** One case with golden files of 4.20. */
const corpus = async (): Promise<Scratch> => {
  const here = scratch({
    'traces/machines/m.yaml': MACHINE,
    'traces/s/a.csv': TRACE.replace('# machine', '# releases: xen-4.20\n# machine'),
  });
  expect(await runCommand(['accept', here.at('traces')])).toMatchObject({ exit: 0 });
  return here;
};

const edit = (here: Scratch, path: string, from: string, to: string): void => {
  const text = here.read(path);
  expect(text).toContain(from);
  here.write(path, text.replace(from, to));
};

const check = async (here: Scratch, reporter: string): Promise<string> =>
  (await runCommand(['check', here.at('traces'), ...RELEASE, '--reporter', reporter])).out;

const GOLDEN = 'golden/s/a/xen-4.20.txt';

test('an edited trace is said to be edited, first, and no rule is blamed', async () => {
  const here = await corpus();
  edit(here, 'traces/s/a.csv', 'cfg.write,d0,00:03.0,0x4,2,0x2,\n', '');
  expect(await check(here, 'pretty')).toContain(`\n  the trace ${EDITED}`);
  const github = await check(here, 'github');
  expect(github).toContain(`::the trace ${EDITED}`);
  expect(github).not.toContain('decided by');
  for (const reporter of ['junit', 'tap', 'gitlab'])
    expect(await check(here, reporter)).toContain(`the trace ${EDITED}`);
  expect(JSON.parse(await check(here, 'json'))).toMatchObject({
    cases: [{ findings: [{ edited: 'trace', cause: { name: expect.stringMatching(/^trace-edited:/) } }] }],
  });
});

test('a row that an edited trace has no more is shown alone, without a place', async () => {
  const here = await corpus();
  edit(here, 'traces/s/a.csv', 'physdev.pci_device_remove,d0,00:03.0,,,,\n', '');
  const text = await check(here, 'pretty');
  expect(text).toContain(' (1 fact)\n--- ');
  expect(text).toContain('\n-event 6 physdev.pci_device_remove d0 0000:00:03.0: -ENODEV\n');
  const [{ findings }] = JSON.parse(await check(here, 'json')).cases;
  expect(findings[0].first).toEqual({ key: expect.stringMatching(/^event 6 /), want: '-ENODEV', rules: [] });
});

test('a row more that answers nothing leaves the outcome as it was', async () => {
  const here = await corpus();
  edit(
    here,
    'traces/s/a.csv',
    'physdev.pci_device_remove',
    'cfg.write,d0,00:03.0,0x4,2,0x0,\nphysdev.pci_device_remove',
  );
  expect(await check(here, 'pretty')).toContain('the outcome agrees, but the trace or its machine was edited since');
});

test('so is a machine, and both', async () => {
  const here = await corpus();
  edit(here, 'traces/machines/m.yaml', '0x1000', '0x2000');
  expect(await check(here, 'pretty')).toContain(`\n  the machine ${EDITED}`);
  edit(here, 'traces/s/a.csv', '0x2,\n', '0x0,\n');
  expect(await check(here, 'pretty')).toContain('\n  the trace and machine were edited since ');
});

test('what nobody edited is not said to be', async () => {
  const here = await corpus();
  edit(here, GOLDEN, '-ENODEV', '-EBUSY');
  const json = await check(here, 'json');
  expect(json).not.toContain('edited');
  expect(JSON.parse(json)).toMatchObject({ cases: [{ findings: [{ first: { event: 6, line: 10 } }] }] });
});

test("a checkpoint's note that is another is a fact that differs", async () => {
  const here = await corpus();
  edit(here, GOLDEN, ': decoding is on]', ': decoding was on]');
  expect(await check(here, 'pretty')).toContain('says (1 fact)');
  expect(await check(here, 'github')).toContain('after event 3 note: decoding is on, was decoding was on');
});

test('a fact of the state is at the row that changed it last, also one after a checkpoint', async () => {
  const here = await corpus();
  const inFinal = 'final device 0000:00:03.0 owner: d0';
  edit(here, GOLDEN, inFinal, inFinal.replace('d0', 'io'));
  expect(await check(here, 'github')).toContain('s/a.csv,line=11,');
  expect(await check(here, 'gitlab')).toContain('"begin": 11');
  edit(here, GOLDEN, inFinal.replace('d0', 'io'), inFinal);
  edit(
    here,
    GOLDEN,
    'after event 3 device 0000:00:03.0 bars mapped: yes',
    'after event 3 device 0000:00:03.0 bars mapped: no',
  );
  const mapped = JSON.parse(await check(here, 'json'));
  expect(mapped).toMatchObject({ cases: [{ findings: [{ first: { event: 3, line: 6 } }] }] });
});
