// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { event } from '../../engine/author/event.ts';
import { authorTrace } from '../../engine/author/trace.ts';
import { OPERATIONS } from '../../engine/ops/index.ts';
import { decodeCsv } from '../../engine/trace/csv.ts';
import { formatCsv } from '../../engine/trace/write-csv.ts';

/** What `@ts-expect-error` says is checked by `npm run types`; that JavaScript is refused too, here. */

const SBDF = '0000:03:00.0';

const decoded = (columns: string, row: string) => {
  const trace = decodeCsv(`# hvreplay-trace: 1\n${columns}\n${row}\n`, OPERATIONS);
  if (!trace.ok) throw new Error(trace.problems.map(({ message }) => message).join());
  const [first] = trace.value.events;
  return { ...first, seq: undefined };
};

describe('an event', () => {
  test('is what the decoder makes of the same row', () => {
    const made = event('cfg.write', { dom: 'd0', sbdf: SBDF, reg: 0x4, size: 2, value: 0x2 }, { note: 'decoding' });
    expect(made).toEqual(decoded('op,dom,sbdf,reg,size,value,note', `cfg.write,d0,${SBDF},0x4,2,0x2,decoding`));
  });

  test('takes names of flags, of errors and of devices, and numbers in their place', () => {
    const row = decoded('op,dom,sbdf,flags,physfn,ret', `physdev.pci_device_add,d0,03:10.0,virtfn,${SBDF},-ENODEV`);
    const device = { dom: 'd0', sbdf: '0000:03:10.0', physfn: SBDF };
    expect(event('physdev.pci_device_add', { ...device, flags: 'virtfn' }, { ret: '-ENODEV' })).toEqual(row);
    expect(event('physdev.pci_device_add', { ...device, flags: 2 }, { ret: -19 })).toEqual(row);
  });

  test('holds 64-bit values exactly', () => {
    const write = (value: bigint) => event('cfg.write', { dom: 'd0', sbdf: SBDF, reg: 0x10, size: 4, value });
    expect(write(2n ** 64n - 1n).args['value']).toBe(0xffffffffffffffffn);
    expect(() => write(2n ** 64n)).toThrow('cfg.write: value: expected a 64-bit number, decimal or 0x…; got "18446');
  });

  test('may have no fields at all', () => {
    expect(event('boot.hwdom_setup')).toEqual(decoded('op', 'boot.hwdom_setup'));
    expect(event('checkpoint', {}, { note: 'set up' })).toMatchObject({ op: 'checkpoint', note: 'set up' });
  });

  test('may be one of those on Arm and of grants', () => {
    expect(event('arm.conf_read', { sbdf: SBDF, reg: 0, size: 4 }).args).toMatchObject({ reg: 0, size: '4' });
    expect(event('dma.map_sg', { device: 'disk', segments: '0x10:0:4096', dir: 'to_device' }).args).toMatchObject({
      segments: [{ pfn: 0x10, offset: 0, sizeBytes: 4096 }],
    });
    // @ts-expect-error: a direction that there is not
    expect(() => event('dma.map_sg', { device: 'disk', segments: '0x10:0:1', dir: 'up' })).toThrow(
      'dma.map_sg: dir: expected one of bidir, to_device, from_device, none; got "up"',
    );
  });

  test('of no operation, with a field too many, or without one that is needed, is an error of types, and thrown', () => {
    // @ts-expect-error: the operation is misspelled
    expect(() => event('cfg.writ', {})).toThrow('unknown operation "cfg.writ"; did you mean cfg.write?');
    // @ts-expect-error: no operation has such a field
    expect(() => event('boot.hide', { sbdf: SBDF, colour: 'red' })).toThrow('colour: boot.hide has no such field');
    // @ts-expect-error: another operation has this field
    expect(() => event('boot.hide', { sbdf: SBDF, physfn: SBDF })).toThrow('physfn: boot.hide has no such field');
    // @ts-expect-error: there are no fields
    expect(() => event('boot.scan', { dom: 'd0' })).toThrow('dom: boot.scan has no such field');
    // @ts-expect-error: sbdf is missing
    expect(() => event('boot.hide', {})).toThrow('boot.hide: sbdf: missing');
    // @ts-expect-error: there have to be fields
    expect(() => event('boot.hide')).toThrow('boot.hide: sbdf: missing');
    // @ts-expect-error: an SBDF is not a number
    expect(() => event('boot.hide', { sbdf: 3 })).toThrow('boot.hide: sbdf: expected segment:bus:device.function');
    // @ts-expect-error: a domain is not a number
    expect(() => event('vcpu.resume', { dom: 0 })).toThrow('vcpu.resume: dom: expected a domain');
  });

  test('with a value that is none is a TypeError that says what was expected', () => {
    const write = (reg: number | string) => () => event('cfg.write', { dom: 'd0', sbdf: SBDF, reg, size: 2, value: 0 });
    expect(write(0x10000)).toThrow(TypeError);
    expect(write(0x10000)).toThrow('cfg.write: reg: expected a number from 0 to 0xffff, decimal or 0x…; got "65536"');
    expect(write('four')).toThrow('got "four"');
    expect(write(-1)).toThrow('got "-1"');
    expect(write(1.5)).toThrow('cfg.write: reg: expected text, a whole number below 2^53 or a bigint; got 1.5');
    expect(write(2 ** 53)).toThrow('got 9007199254740992');
    expect(() => event('note', {}, { note: 'a\0b' })).toThrow('note: note: a NUL character');
    expect(() => event('checkpoint', {}, { ret: 'ENODEV' })).toThrow('ret: expected a result: 0, -ENODEV, -19');
  });
});

describe('a trace', () => {
  const header = { title: 'Memory decoding', machine: '../machines/two-nics.yaml', releases: 'xen-4.19..' };

  test('written as CSV and read again is the same', () => {
    const write = event('cfg.write', { dom: 'd0', sbdf: SBDF, reg: 4, size: 2, value: 2 }, { note: 'a "b",\nc' });
    const trace = authorTrace(header, [event('boot.hwdom_setup'), write, write]);
    const again = decodeCsv(formatCsv(trace.header, trace.events, OPERATIONS), OPERATIONS);
    expect(again).toEqual({ ok: true, value: trace });
    expect(trace.events.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });

  test('of the corpus, written in TypeScript, is what its file says', () => {
    const text = readFileSync(new URL('../../traces/sriov/vf-before-pf.csv', import.meta.url), 'utf8');
    const corpus = decodeCsv(text, OPERATIONS);
    if (!corpus.ok) throw new Error('a trace of the corpus');
    const { title, machine, directives } = corpus.value.header;
    const addVf = event('physdev.pci_device_add', {
      ...{ dom: 'd0', sbdf: '0000:03:10.0', flags: 'virtfn', physfn: SBDF },
    });
    const inTypeScript = authorTrace({ title, machine, ...directives }, [
      event('boot.hwdom_setup'),
      event('hw.plug', { sbdf: SBDF }),
      event('hw.set', { sbdf: SBDF, reg: 0x168, size: 2, value: 0x9 }),
      addVf,
      event('checkpoint'),
      event(
        'physdev.pci_device_add',
        { dom: 'd0', sbdf: SBDF },
        { note: 'with VFs enabled their BARs cannot be sized' },
      ),
      addVf,
    ]);
    expect(inTypeScript).toEqual(corpus.value);
  });

  test('may hold its machine', () => {
    const trace = authorTrace({ machineText: 'machine: 1\narch: x86' }, [event('boot.hwdom_setup')]);
    expect(trace.header.machineText).toBe('machine: 1\narch: x86\n');
    expect(decodeCsv(formatCsv(trace.header, trace.events, OPERATIONS), OPERATIONS)).toEqual({
      ok: true,
      value: trace,
    });
  });

  test.each([
    [{ title: 'two\nlines' }, 'title: expected one line of text'],
    [{ title: ' ' }, 'title: expected one line of text'],
    [{ title: 'a\0b' }, 'title: a NUL character'],
    [{ 'no key': 'x' }, 'expected a key of letters, digits and -'],
    [{ 'hvreplay-trace': '2' }, 'hvreplay-trace: expected version 1'],
    [{ complete: 'maybe' }, 'complete: expected yes or no'],
    [{ machine: 'm.yaml', machineText: 'machine: 1' }, 'machine: given as a file and within the trace'],
  ])('is refused with a header that no trace can have: %j', (wrong, message) => {
    expect(() => authorTrace(wrong, [])).toThrow(TypeError);
    expect(() => authorTrace(wrong, [])).toThrow(message);
  });
});
