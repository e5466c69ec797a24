// SPDX-License-Identifier: GPL-2.0-only
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { packTar } from 'modern-tar';
import { describe, expect, test } from 'vitest';
import { type Ran, runCommand } from './run-command.ts';
import { type Scratch, scratch } from './scratch.ts';

const RUN = fileURLToPath(new URL('../import/data/run/', import.meta.url));
const PLAIN = fileURLToPath(new URL('../import/data/plain/', import.meta.url));
const FILES = readdirSync(RUN);

const importTo = (here: Scratch, ...sources: readonly string[]): Promise<Ran> =>
  runCommand(['import', ...sources, '--out', here.at('out')]);

const put = (here: Scratch, name: string, bytes: Uint8Array): string => {
  writeFileSync(here.at(name), bytes);
  return here.at(name);
};

const tarOf = (entries: readonly (readonly [string, Uint8Array])[]): Promise<Uint8Array> =>
  packTar(entries.map(([name, body]) => ({ header: { name, size: body.length }, body })));

describe('a cut of a recorded run', () => {
  test('becomes a machine and a trace that agrees with its release in all kinds of records', async () => {
    const here = scratch();
    const { exit, out, notes } = await importTo(here, RUN);
    expect([exit, notes]).toEqual([0, '']);
    expect(out).toBe(here.read('out/report.txt'));
    expect(out).toMatch(/accesses from the vPCI log\n/);
    const head = here.read('out/trace.csv').split('\n').slice(0, 9);
    expect(head).toEqual(
      expect.arrayContaining(['# recorded-on: xen-4.20', '# xen-version: 4.20.4', '# machine: machine.yaml']),
    );
    const conformed = await runCommand(['conform', here.at('out')]);
    expect(conformed.out).toMatch(
      / 14 results, 1902 values, 204 maps and 584 hardware writes compared, \d+ learned from the record, 0 explained, 0 diverge\n/,
    );
    expect(conformed.exit).toBe(0);
  });

  test('gives the same from a folder, from its files, and from a compressed tar', async () => {
    const [folder, files, tar] = [scratch(), scratch(), scratch()];
    await importTo(folder, RUN);
    await importTo(files, ...FILES.map((name) => RUN + name).reverse());
    const archive = await tarOf(FILES.map((name) => [`./${name}`, readFileSync(RUN + name)]));
    const { exit } = await importTo(tar, put(tar, 'run.tar.gz', gzipSync(archive)));
    expect(exit).toBe(0);
    const texts = [folder, files, tar].map((here) => [here.read('out/trace.csv'), here.read('out/machine.yaml')]);
    expect(texts[1]).toEqual(texts[0]);
    expect(texts[2]).toEqual(texts[0]);
  });

  test('can be written as JSON lines', async () => {
    const here = scratch();
    const { exit } = await runCommand(['import', RUN, '-o', here.at('out'), '--format', 'json-lines']);
    expect(exit).toBe(0);
    expect(JSON.parse(here.read('out/trace.jsonl').split('\n')[0] ?? '')).toMatchObject({ 'recorded-on': 'xen-4.20' });
  });

  test('can be written as protobuf, and conforms as well', async () => {
    const here = scratch();
    await runCommand(['import', RUN, '-o', here.at('out'), '--format', 'protobuf']);
    const { exit, out } = await runCommand(['conform', here.at('out')]);
    expect(out).toMatch(/204 maps and 584 hardware writes compared, .* 0 diverge\n/);
    expect(exit).toBe(0);
  });

  test('without the log, the trace of Xen says what happened, with sizes inferred', async () => {
    const here = scratch();
    const others = FILES.filter((name) => !name.startsWith('vpci-log') && !name.startsWith('qemu'));
    const { exit, out } = await importTo(here, ...others.map((name) => RUN + name), `${PLAIN}xentrace.gz`);
    expect(exit).toBe(0);
    expect(out).toMatch(/accesses from xentrace\n/);
    expect(out).toMatch(/0 from kernel probes, 0 from the steps log, \d+ inferred\n/);
    expect(out).toMatch(/16 named by the console, 1 by what they left, 0 unknown/);
    const conformed = await runCommand(['conform', here.at('out')]);
    expect(conformed.out).toMatch(/^.*: 1[56] results, \d+ values compared|^.*: 1[56] results and \d+ values compared/);
    expect(conformed.out).toMatch(/, 0 explained, 0 diverge\n/);
  });
});

test('kernel probes alone begin in the middle of a run, from the state of the dump', async () => {
  const here = scratch();
  const data = fileURLToPath(new URL('../import/data/', import.meta.url));
  const { exit, out } = await importTo(here, `${data}kprobes.txt`, `${RUN}lspci-vvvxxxx.0.gz`, `${RUN}console.gz`);
  expect(exit).toBe(0);
  expect(out).toMatch(/accesses from kernel probes\n/);
  expect(here.read('out/trace.csv')).toMatch(/cfg\.write,d0,.*0000:00:04\.0.*0x8000,+what dom0 had done before/);
  expect((await runCommand(['conform', here.at('out')])).out).toMatch(/, 0 explained, 0 diverge\n/);
});

test('the archive of the recorder alone tells results of removals, by the log of dom0 in it', async () => {
  const here = scratch();
  const archive = fileURLToPath(new URL('../import/data/recorder.tar.gz', import.meta.url));
  const { exit, out } = await importTo(here, archive);
  expect([exit, out]).toEqual([
    0,
    expect.stringMatching(/dom0-dmesg\.txt +dom0's log +24 devices found, 11 refusals\n/),
  ]);
  const removals = here
    .read('out/trace.csv')
    .split('\n')
    .filter((row) => row.startsWith('physdev.pci_device_remove'));
  const ofThem = (text: RegExp): number => removals.filter((row) => text.test(row)).length;
  expect([ofThem(/,0,$/), ofThem(/,-EBUSY,$/), ofThem(/,dom0 says that it was refused but not why$/)]).toEqual([
    1, 1, 4,
  ]);
  const conformed = await runCommand(['conform', here.at('out')]);
  expect(conformed.out).toMatch(/: 10 results and \d+ values compared, .*, 0 explained, 0 diverge\n/);
  expect(conformed.exit).toBe(0);
});

const CONSOLE = `(XEN) Xen version 4.20.1 (x) debug=n
(XEN) PCI add device 0000:00:00.0
(XEN) PCI: Using MCFG for segment 0000 bus 00-ff
(XEN) Foo bar baz
(XEN) d0: PCI add something 0000:00:10.0
hello
(XEN) [VT-D]DMAR:[DMA Read] Request device [0000:00:04.0] fault addr 1000
`;

test('an archive within an archive is refused by its name', async () => {
  const here = scratch();
  const inner = await tarOf([['lspci', readFileSync(`${RUN}lspci-vvvxxxx.0.gz`)]]);
  const outer = put(here, 'outer.tar', await tarOf([['inner.tar', inner]]));
  expect(await importTo(here, outer)).toMatchObject({
    exit: 2,
    notes: `${outer}:inner.tar: is an archive within an archive; unpack it first\n`,
  });
});

describe('lines of logs', () => {
  const linesOf = (out: string): string => /\nLines\n([\s\S]*?)\n\n/.exec(out)?.[1] ?? '';

  test('are counted, and what seems to be about PCI and is not understood is quoted with its line', async () => {
    const here = scratch();
    const cut = '[    0.1] pci 0000:00:04.0: Failed to a';
    const other = '[    0.200000] e1000: hello';
    const { out } = await importTo(
      here,
      `${RUN}lspci-vvvxxxx.0.gz`,
      put(here, 'xen.txt', Buffer.from(CONSOLE)),
      put(here, 'dmesg.txt', Buffer.from(`[    0.000000] Linux version 6.12\n${cut}\n${other}\n`)),
    );
    expect(linesOf(out).replaceAll(here.at(''), '').split('\n')).toEqual([
      expect.stringMatching(/xen.txt +7 read, 2 used, 2 not understood though they seem to be about PCI, 3 others$/),
      expect.stringMatching(/dmesg.txt +3 read, 0 used, 1 not understood though they seem to be about PCI, 2 others$/),
      expect.stringMatching(/xen.txt:5: not understood: "\(XEN\) d0: PCI add something 0000:00:10.0"$/),
      expect.stringMatching(/xen.txt:7: not understood: "\(XEN\) \[VT-D\]DMAR/),
      expect.stringMatching(/dmesg.txt:2: not understood: ".* Failed to a"$/),
    ]);
  });

  test('of a vPCI log are all used, but for those that are garbled', async () => {
    const here = scratch();
    const log = '(XEN) @V 1 d0v0 P R 0000:00:00.0 000/4 29c08086\n(XEN) @V 1 d0v0 P R 0000:00\n';
    const { out } = await importTo(here, `${RUN}lspci-vvvxxxx.0.gz`, put(here, 'log', Buffer.from(CONSOLE + log)));
    expect(linesOf(out)).toMatch(/ 9 read, 3 used, 3 not understood/);
  });

  test('are counted to the last one, whole or cut', async () => {
    const here = scratch();
    const { out } = await importTo(
      here,
      `${RUN}lspci-vvvxxxx.0.gz`,
      put(here, 'log', Buffer.from('(XEN) @V 1 d0v0 P R 0000:00:00.0 000/4 29c08086\n(XEN) @V 1 d0v0 P R 0000:00')),
    );
    expect(linesOf(out)).toMatch(/ 2 read, 1 used, 1 not understood though they seem to be about PCI, 0 others$/m);
  });

  test('are quoted up to a number', async () => {
    const here = scratch();
    const text = `(XEN) hello\n${'(XEN) strange PCI\n'.repeat(50)}`;
    const { out } = await importTo(here, `${RUN}lspci-vvvxxxx.0.gz`, put(here, 'xen.txt', Buffer.from(text)));
    expect(linesOf(out)).toMatch(/ 51 read, 0 used, 50 not understood/);
    expect(linesOf(out).match(/strange PCI/g)).toHaveLength(5);
  });
});

describe('devices alone', () => {
  test('become a machine file and no trace', async () => {
    const here = scratch();
    const { exit, out, notes } = await importTo(here, `${RUN}lspci-vvvxxxx.0.gz`, `${RUN}resource.0.gz`);
    expect([exit, notes]).toEqual([
      0,
      expect.stringMatching(/^hvreplay import: no trace is written, since .*xentrace/),
    ]);
    expect(out).toMatch(/\nTrace\n {2}no trace is written, since nothing here tells accesses; /);
    expect(readdirSync(here.at('out')).sort()).toEqual(['machine.yaml', 'report.txt']);
    expect((await runCommand(['machine', here.at('out/machine.yaml')])).exit).toBe(0);
  });
});

test('a trace of another import is not left beside a new machine', async () => {
  const here = scratch();
  await importTo(here, RUN);
  const before = here.read('out/machine.yaml');
  const refused = await importTo(here, `${RUN}lspci-vvvxxxx.0.gz`);
  expect(refused.exit).toBe(2);
  expect(refused.notes).toContain(`${here.at('out')}/trace.csv is of another import; remove it, or`);
  expect(here.read('out/machine.yaml')).toBe(before);
  expect((await importTo(here, RUN)).exit).toBe(0);
});

test('the console adds no trace to devices, and conform says that there is none', async () => {
  const here = scratch();
  const { exit, notes } = await importTo(here, `${RUN}lspci-vvvxxxx.0.gz`, put(here, 'xen.txt', Buffer.from(CONSOLE)));
  expect([exit, notes]).toEqual([0, expect.stringContaining('no trace is written')]);
  const conformed = await runCommand(['conform', here.at('out')]);
  expect(conformed).toMatchObject({
    exit: 2,
    notes: expect.stringContaining('out: has no trace.csv, .jsonl or .pb; import writes none where no source tells'),
  });
});

describe('what is no record is refused', () => {
  const packed = readFileSync(`${PLAIN}xentrace.gz`);
  const raw = gunzipSync(packed);
  const flipped = (bytes: Uint8Array, at: number): Uint8Array =>
    Uint8Array.from(bytes, (byte, index) => (index === at ? 255 - byte : byte));
  const archive = tarOf([['a/lspci.txt', readFileSync(`${RUN}lspci-vvvxxxx.0.gz`)]]);

  test.each([
    ['an empty file', () => new Uint8Array(), 'f: is empty'],
    [
      'lspci without a hex dump',
      () => Buffer.from('00:00.0 Host bridge: Intel Corporation 82G33\n\tLatency: 0\n'),
      'f: is lspci without -xxxx: it has no hex dump; run lspci -Dvvvxxxx, as root',
    ],
    ['some other file', () => Buffer.from('hello\n'), 'f: is nothing that can be imported; expected lspci'],
    ['compressed data with a flipped byte', () => flipped(packed, 5000), 'f: cannot be inflated'],
    [
      'compressed data that ends early',
      () => packed.subarray(0, 5000),
      'f: cannot be inflated (unexpected end of file)',
    ],
    ['a trace of Xen with a flipped byte', () => flipped(raw, 8), 'f: byte 0: '],
    ['a trace of Xen that ends early', () => raw.subarray(0, 5000), 'f: byte 0: a piece of'],
    [
      'a dump that ends in a row',
      () => Buffer.from(`00:00.0 Host bridge: x\n00:${' 86'.repeat(16)}\n10: 86 80`),
      'f:3: a hex row needs 16 bytes',
    ],
    [
      'a tar that ends early',
      async () => (await archive).subarray(0, 1000),
      'f: is no whole tar: Tar archive is truncated',
    ],
    [
      'a flattened device tree, which is for another command',
      () => readFileSync(new URL('../import/data/virtio.dtb', import.meta.url)),
      'f: is a flattened device tree, which hvreplay machine FILE makes a machine file of',
    ],
    ['a tar with a flipped byte', async () => flipped(await archive, 3), 'f: is no whole tar: '],
    ['a tar that leads out of itself', () => tarOf([['../etc/x', Buffer.from('x')]]), 'has a file "../etc/x"'],
  ])('%s', async (_what, bytes, message) => {
    const here = scratch();
    const { exit, out, notes } = await importTo(here, put(here, 'f', await bytes()));
    expect(notes).toContain(message);
    expect([exit, out]).toEqual([2, '']);
    expect(readdirSync(here.root)).toEqual(['f']);
  });

  test('files of two runs', async () => {
    const here = scratch();
    const { exit, notes } = await importTo(here, `${PLAIN}xentrace.gz`, put(here, 'f', packed));
    expect(notes).toContain('several files of xentrace; expected the files of one run');
    expect(exit).toBe(2);
  });

  test('a file that does not exist, a format that does not', async () => {
    const here = scratch();
    expect(await importTo(here, here.at('none'))).toMatchObject({
      exit: 2,
      notes: expect.stringContaining('no such file'),
    });
    expect(await runCommand(['import', RUN, '--format', 'xml'])).toMatchObject({
      exit: 2,
      notes: expect.stringMatching(/^hvreplay import: --format xml: expected csv, json-lines, protobuf\n/),
    });
  });
});
