// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { importKprobes, type KernelTrace } from '../../engine/import/kprobes.ts';
import { parseSbdf } from '../../engine/num/sbdf.ts';
import { readData } from './read-data.ts';

const traceOf = (text: string): KernelTrace => {
  const result = importKprobes(text);
  if (!result.ok) throw new Error(result.problems.map((problem) => problem.message).join('; '));
  return result.value;
};

describe('a recorded dom0', () => {
  const { events, lostEvents } = traceOf(readData('kprobes.txt'));
  const accesses = events.filter((event) => event.kind === 'access');

  test('reads and writes with width, value, path and time', () => {
    expect(accesses[0]).toEqual({
      kind: 'access',
      line: 15,
      time: 60_390_087_000n,
      path: 'ports',
      write: false,
      sbdf: parseSbdf('00:1f.2'),
      reg: 0x04,
      size: 2,
      value: 0x107,
      failed: false,
    });
    expect(accesses.filter((access) => access.write && access.path === 'ecam').at(-1)).toMatchObject({
      sbdf: parseSbdf('02:00.0'),
      reg: 0x168,
      size: 2,
      value: 0x19,
    });
  });

  test('the notifier says add and delete, and what it answered', () => {
    const calls = events.filter((event) => event.kind === 'notification');
    expect(calls.map((call) => `${call.action} ${call.answer}`)).toEqual([
      'bind 0',
      'add 1',
      'delete 1',
      'removed 0',
      'delete 1',
    ]);
    expect(calls[1]?.device).toBe(calls[2]?.device);
  });

  test('nothing was lost', () => {
    expect(lostEvents).toBe(0);
  });
});

describe('other forms', () => {
  const event = (rest: string): string => `  sh-1  [000] .....  1.000002: ${rest}\n`;

  test('probes are known by function, not by name', () => {
    const { events } = traceOf(
      event('mine: (pci_conf1_write+0x4/0xf0) seg=0 bus=0x3 devfn=0x81 reg=0x10 len=1 val=0x1ff'),
    );
    expect(events).toMatchObject([{ sbdf: parseSbdf('03:10.1'), size: 1, value: 0xff, time: 1_000_002_000n }]);
  });

  test('an accessor that failed is marked', () => {
    const { events } = traceOf(
      event('r: (a+0x1/0x2 <- pci_mmcfg_read) seg=0 bus=0x0 devfn=0x0 reg=0x0 len=4 val=0x0 ret=-22'),
    );
    expect(events).toMatchObject([{ failed: true, path: 'ecam' }]);
  });

  test('other probes and entries of reads are left out', () => {
    const text =
      event('x: (do_exit+0x4/0xf0)') +
      event('e: (pci_conf1_read+0x4/0xf0) seg=0 bus=0x0 devfn=0x0 reg=0x0 len=4 val=0x0');
    expect(traceOf(text).events).toEqual([]);
  });

  test('a probe may have the name of the device', () => {
    const { events } = traceOf(event('n: (xen_pci_notifier+0x4/0x550) action=1 dev=0x1 name="0000:02:10.0"'));
    expect(events).toMatchObject([{ action: 'delete', name: parseSbdf('02:10.0') }]);
  });

  test('a call whose return is missing has no answer', () => {
    expect(traceOf(event('n: (xen_pci_notifier+0x4/0x550) action=9 dev=0x1')).events).toMatchObject([
      { action: 'other', device: '0x1', answer: undefined },
    ]);
  });

  test('lost events are counted', () => {
    const text = `# entries-in-buffer/entries-written: 1/8   #P:1\nCPU:0 [LOST 3 EVENTS]\n${event('x: (y+0x1/0x2)')}`;
    expect(traceOf(text).lostEvents).toBe(10);
  });
});

describe('bad input', () => {
  const problemsOf = (text: string): readonly string[] => {
    const result = importKprobes(text);
    return result.ok ? [] : result.problems.map((problem) => `${problem.line}: ${problem.message}`);
  };

  test('a line of another form is named', () => {
    expect(problemsOf('# tracer: nop\nhello\n')).toEqual([
      '2: expected "task-pid [cpu] flags time: probe: (function) name=value"',
    ]);
  });

  test('an access without its arguments is named', () => {
    const line = '  sh-1  [000] .....  1.000002: w: (pci_conf1_write+0x4/0xf0)';
    expect(problemsOf(`${line} seg=0\n`)[0]).toMatch(/needs seg=, bus= and devfn=/);
    expect(problemsOf(`${line} seg=0 bus=0x0 devfn=0x0 reg=0x0 len=3 val=0x0\n`)[0]).toMatch(/len= 1, 2 or 4/);
  });

  test('a text that ends early is refused: its header says how much there was', () => {
    const text = `# entries-in-buffer/entries-written: 2/2   #P:1\n  sh-1  [000] .....  1.000002: x: (y+0x1/0x2)\n`;
    expect(problemsOf(text)).toEqual(['undefined: holds 1 events, its header says 2: the file is truncated']);
  });

  test('two runs, one behind the other, are refused where the second one begins', () => {
    const run = `  sh-1  [000] .....  1.000002: x: (y+0x1/0x2)\n  sh-1  [000] .....  9.000002: x: (y+0x1/0x2)\n`;
    expect(problemsOf(run + run)).toEqual([
      '3: time runs back: another run begins here; expected the lines of one run',
    ]);
  });

  test('a text without events is refused', () => {
    expect(problemsOf('# tracer: nop\n')).toEqual(['undefined: no event: expected the text of a tracefs trace file']);
  });
});
