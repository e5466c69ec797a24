// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { parseSbdf } from '../../engine/num/sbdf.ts';
import { CsvDecoder, decodeCsv } from '../../engine/trace/csv.ts';
import type { DecodedTrace } from '../../engine/trace/decoder.ts';
import { MAX_COLUMNS, MAX_LINE_CHARS } from '../../engine/trace/limits.ts';
import { MAX_PROBLEMS_LISTED } from '../../engine/trace/problem.ts';
import { registry, render } from './registry.ts';

const HEAD = '# hvreplay-trace: 1\n';

const good = (text: string | Uint8Array): DecodedTrace => {
  const result = decodeCsv(text, registry);
  if (!result.ok) throw new Error(render(result.problems).join('\n'));
  return result.value;
};

const bad = (text: string | Uint8Array): string[] => {
  const result = decodeCsv(text, registry);
  return result.ok ? [] : render(result.problems);
};

const EXAMPLE = `# hvreplay-trace: 1
# title: VF reported before its PF
# machine: ../machines/sriov-nic.yaml
# source: written by hand: here
op,dom,sbdf,flags,physfn,reg,size,value,ret,note
boot.hwdom_setup,,,,,,,,,
physdev.pci_device_add,d0,0000:03:10.0,virtfn,03:00.0,,,,-ENODEV,since 4.20
cfg.write,d0,0000:03:00.0,,,0x4,2,0x0002,,"decoding ""on"", really"
`;

describe('a well-formed CSV trace', () => {
  test('gives its directives as header', () => {
    expect(good(EXAMPLE).header).toEqual({
      version: 1,
      title: 'VF reported before its PF',
      machine: '../machines/sriov-nic.yaml',
      directives: { source: 'written by hand: here' },
    });
  });

  test('gives events with parsed fields and a key for each declared field', () => {
    const { events } = good(EXAMPLE);
    expect(events).toEqual([
      { seq: 1, op: 'boot.hwdom_setup', args: {}, time: undefined, ret: undefined, note: undefined },
      {
        seq: 2,
        op: 'physdev.pci_device_add',
        args: { dom: 'd0', sbdf: parseSbdf('03:10.0'), flags: 2, physfn: parseSbdf('03:00.0') },
        time: undefined,
        ret: -19,
        note: 'since 4.20',
      },
      {
        seq: 3,
        op: 'cfg.write',
        args: { dom: 'd0', vcpu: undefined, sbdf: parseSbdf('03:00.0'), reg: 4, size: 2, value: 2n },
        time: undefined,
        ret: undefined,
        note: 'decoding "on", really',
      },
    ]);
    expect(Object.keys(events[2]?.args ?? {})).toEqual(['dom', 'vcpu', 'sbdf', 'reg', 'size', 'value']);
  });

  test('may have CRLF line ends, a byte order mark, empty lines and no newline at the end', () => {
    const odd = `\ufeff${EXAMPLE.replace('# title', '\n# title').replace('cfg.write', '\n\ncfg.write').trimEnd()}`;
    const expected = good(EXAMPLE);
    expect(good(odd)).toEqual(expected);
    expect(good(odd.replaceAll('\n', '\r\n'))).toEqual(expected);
    expect(good(new TextEncoder().encode(odd))).toEqual(expected);
  });

  test('may have a cell that spans lines', () => {
    const { events } = good(`${HEAD}op,note\nnote,"one\ntwo, ""three""\r\n"\nnote,last\n`);
    expect(events.map(({ note }) => note)).toEqual(['one\ntwo, "three"\r\n', 'last']);
  });

  test('counts rows from 1 unless a row gives its number', () => {
    const { events } = good(`${HEAD}op,seq\nnote,\nnote,7\nnote,8\nnote,0x20\n`);
    expect(events.map(({ seq }) => seq)).toEqual([1, 7, 8, 32]);
  });

  test('may have op as its only column, in which an empty line still is no row', () => {
    expect(good(`${HEAD}op\nnote\n\nboot.hwdom_setup\n`).events.map(({ op }) => op)).toEqual([
      'note',
      'boot.hwdom_setup',
    ]);
  });

  test('may have no rows', () => {
    expect(good(`${HEAD}op\n`).events).toEqual([]);
  });
});

describe('what is wrong is reported with line, column and what was expected', () => {
  const cases: readonly (readonly [string, string, readonly string[]])[] = [
    [
      'an unknown operation',
      `${HEAD}op,dom\ncfg.wirte,d0\npci_device_add,d0\nzzz,d0\n`,
      [
        '3:1: op: unknown operation "cfg.wirte"; did you mean cfg.write?',
        '4:1: op: unknown operation "pci_device_add"; did you mean physdev.pci_device_add?',
        '5:1: op: unknown operation "zzz"',
      ],
    ],
    ['a row without operation', `${HEAD}op,note\n,x\n`, ['3:1: op: missing; expected the name of an operation']],
    [
      'unknown, empty and repeated columns',
      `${HEAD}op,sdbf,note,,note,constructor\nnote,,,,,\n`,
      [
        '2:4: unknown column "sdbf"; did you mean sbdf?',
        '2:14: column 4 has no name; expected the name of a field',
        '2:15: column note is there twice; expected it once',
        '2:20: unknown column "constructor"',
      ],
    ],
    [
      'a required field that is missing',
      `${HEAD}op,dom,sbdf,reg,value\ncfg.write,,03:00.0,4,2\n`,
      [
        '3:1: size: missing, there is no such column; cfg.write needs a number from 0 to 0xff, decimal or 0x…',
        '3:11: dom: missing; cfg.write needs a domain: d0, d1, …, xen or io',
      ],
    ],
    [
      'a cell that the operation has no field for',
      `${HEAD}op,dom,sbdf,note\nboot.hwdom_setup,d0,,fine\nphysdev.pci_device_add,d0,03:00.0,\n`,
      ['3:18: dom: boot.hwdom_setup has no such field; expected nothing here (its fields: none)'],
    ],
    [
      'values that are out of range or of another kind',
      `${HEAD}op,note,dom,sbdf,reg,size,value,ret,time\ncfg.read,"ü, 😀",d0,03:20.0,0x1000,4,,-EFOO,x\n`,
      [
        '3:20: sbdf: expected segment:bus:device.function such as 0000:03:10.0; got "03:20.0"',
        '3:28: reg: expected a number from 0 to 0xfff, decimal or 0x…; got "0x1000"',
        '3:38: ret: expected a result: 0, -ENODEV, -19, …; got "-EFOO"',
        '3:44: time: expected a 64-bit number, decimal or 0x…; got "x"',
      ],
    ],
    [
      'too few and too many cells',
      `${HEAD}op,dom,note\nnote,\nnote,,,x\nnote,,\n`,
      [
        '3:6: 2 cells; expected 3, one for each column of the header row',
        '4:8: 4 cells; expected 3, one for each column of the header row',
      ],
    ],
    [
      'a directive among the rows',
      `${HEAD}op,note\n# title: x\nnote,a\n#,\n`,
      [
        '3:1: a line beginning with # among the rows; expected directives above the header row',
        '5:1: a line beginning with # among the rows; expected directives above the header row',
      ],
    ],
    [
      'directives that are none, empty or repeated',
      `${HEAD}# just words\n#title:\n# title: a\n# title: b\n# __proto__: c\nop\n`,
      [
        '2:1: expected a directive "# key: value"; got "# just words"',
        '3:1: # title: expected a value after the colon',
        '5:1: # title: given twice; expected it once',
        '6:1: expected a directive "# key: value"; got "# __proto__: c"',
      ],
    ],
    [
      'a directive with a carriage return in the middle',
      `${HEAD}# title: a\rb\nop\n`,
      ['2:1: # title: expected one line of text; got "a\\rb"'],
    ],
    ['no version', '# title: x\nop\nnote\n', ['1:1: hvreplay-trace: missing; expected version 1']],
    ['another version', '# title: x\n# hvreplay-trace: 2\nop\n', ['2:1: hvreplay-trace: expected version 1; got "2"']],
    [
      'an empty file',
      '',
      [
        '1:1: hvreplay-trace: missing; expected version 1',
        '1:1: the file ends here; expected a header row naming the columns',
      ],
    ],
    ['no header row', `${HEAD}\n`, ['3:1: the file ends here; expected a header row naming the columns']],
    [
      'rows where the header row should be',
      `${HEAD}note,d0\nnote,d0\n`,
      ['2:1: the header row has no column op; expected one, such as "op,dom,sbdf"', '2:6: unknown column "d0"'],
    ],
    [
      'row numbers that do not ascend',
      `${HEAD}seq,op\n5,note\n5,note\n,note\n6,note\n`,
      [
        '4:1: seq: expected a number above 5, the row before has that; got 5',
        '5:1: seq: expected a number above 5, the row before has that; got none, which stands for row number 3',
      ],
    ],
    [
      'quotes in wrong places, row by row',
      `${HEAD}op,note\nnote,"a"b\nnote,a"b\nnote,"ok"\nnope,"ok"\n`,
      [
        '3:6: text after the closing quote of a cell; expected a comma, or "" for a quote in the text',
        '4:6: a quote in a cell that does not begin with one; expected the whole cell quoted',
        '6:1: op: unknown operation "nope"; did you mean note?',
      ],
    ],
    [
      'a quote that never closes, and what comes after it',
      `${HEAD}op,note\nnote,x\nnote,"open\nnote,y\nnope,z\n`,
      [
        '4:6: a quote that is never closed; expected a closing quote before the end of the row',
        '6:1: op: unknown operation "nope"; did you mean note?',
      ],
    ],
    [
      'NUL and what is not UTF-8',
      `${HEAD}# title: a\0b\nop,note\nnote,x\0\nnote,y\ufffd\nnope,z\n`,
      [
        '2:11: a NUL character; expected text without NUL',
        '4:7: a NUL character; expected text without NUL',
        '5:7: bytes that are not valid UTF-8 (or the replacement character U+FFFD); expected UTF-8 text',
        '6:1: op: unknown operation "nope"; did you mean note?',
      ],
    ],
    [
      'problems after a cell that spans lines',
      `${HEAD}op,note\nnote,"a\nb\nc"\nnope,\nboot.param,"x\ny"\n`,
      [
        '6:1: op: unknown operation "nope"; did you mean note?',
        '7:1: name: missing, there is no such column; boot.param needs text',
      ],
    ],
  ];

  test.each(cases)('%s', (_, text, expected) => {
    expect(bad(text)).toEqual(expected);
    expect(bad(text.replaceAll('\n', '\r\n'))).toEqual(expected);
  });

  test('bytes that are not UTF-8', () => {
    const bytes = new TextEncoder().encode(`${HEAD}op,note\nnote,a?\n`);
    bytes[bytes.indexOf(0x3f)] = 0xc3;
    expect(bad(bytes)).toEqual([
      '3:7: bytes that are not valid UTF-8 (or the replacement character U+FFFD); expected UTF-8 text',
    ]);
    expect(bad(bytes.subarray(0, -1))).toHaveLength(1);
  });

  test('a line that is too long, and what comes after it', () => {
    const long = 'x'.repeat(MAX_LINE_CHARS);
    const message = '3:1: a line of more than 65536 characters; expected shorter ones';
    const after = '4:1: op: unknown operation "nope"; did you mean note?';
    expect(bad(`${HEAD}op,note\nnote,${long}\nnope,\n`)).toEqual([message, after]);
    expect(bad(`${HEAD}op,note\nnote,${long.repeat(5)}\nnope,\n`)).toEqual([message, after]);
    expect(bad(`${HEAD}op,note\nnote,"${long}"\nnope,\n`)).toEqual([message, after]);
    expect(bad(`${HEAD}op,note\nnote,${long}`)).toEqual([message]);
    expect(good(`${HEAD}op,note\nnote,${long.slice(0, -6)}\nnote,\n`).events).toHaveLength(2);
  });

  test('too many columns', () => {
    const names = ['op', ...Array.from({ length: MAX_COLUMNS }, (_, i) => `c${i}`)].join(',');
    expect(bad(`${HEAD}${names}\n`)).toContain(
      `3:1: and ${MAX_COLUMNS - MAX_PROBLEMS_LISTED} more`.replace('3:1', ':'),
    );
  });

  test('the first problems are listed, the others counted', () => {
    const problems = bad(`${HEAD}op\n${'nope\n'.repeat(1000)}`);
    expect(problems).toHaveLength(MAX_PROBLEMS_LISTED + 1);
    expect(problems.at(-1)).toBe(`:: and ${1000 - MAX_PROBLEMS_LISTED} more`);
  });

  test('a row with a problem gives no event and keeps its number', () => {
    const decoder = new CsvDecoder(registry);
    const events = [
      ...decoder.push(`${HEAD}op,note\nnote,a\nnope,\nnote,"b"c\n#\nnote,d,\nnote,e\n`),
      ...decoder.end(),
    ];
    expect(events.map(({ seq, note }) => [seq, note])).toEqual([
      [1, 'a'],
      [6, 'e'],
    ]);
    expect(decoder.problems).toHaveLength(4);
  });
});

describe('decoding as a stream', () => {
  test('gives the same whatever the pieces are', () => {
    const text = `\ufeff${EXAMPLE.replace('really', 'reälly 😀\nand more')}`;
    const bytes = new TextEncoder().encode(text);
    const whole = good(text);
    for (const size of [1, 2, 3, 7, 64]) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.subarray(i * size, (i + 1) * size),
      );
      expect(decodeCsv(pieces, registry)).toEqual({ ok: true, value: whole });
    }
  });

  test('gives the same problems whatever the pieces are', () => {
    const text = `${HEAD}op,note\nnope,\nnote,"a\nb"x\nnote,\nnote,"open\nnope,\n`;
    const expected = bad(text);
    expect(expected).toHaveLength(4);
    for (const size of [1, 2, 5, 11]) {
      const decoder = new CsvDecoder(registry);
      for (let at = 0; at < text.length; at += size) decoder.push(text.slice(at, at + size));
      decoder.end();
      expect(render(decoder.problems)).toEqual(expected);
    }
  });

  test('gives events as soon as their rows are complete', () => {
    const decoder = new CsvDecoder(registry);
    expect(decoder.header).toBeUndefined();
    expect(decoder.push(`${HEAD}op,note\nnote,a\nno`).map(({ note }) => note)).toEqual(['a']);
    expect(decoder.header?.version).toBe(1);
    expect(decoder.push('te,b').length).toBe(0);
    expect(decoder.end().map(({ seq, note }) => [seq, note])).toEqual([[2, 'b']]);
    expect(decoder.problems).toEqual([]);
  });

  test('gets through many rows that are faulty in quick time', () => {
    const text = `${HEAD}op,note\n${'note,"x\nnote,a"b\n\0\n'.repeat(10_000)}`;
    const start = performance.now();
    expect(bad(text)).toHaveLength(MAX_PROBLEMS_LISTED + 1);
    expect(performance.now() - start).toBeLessThan(10_000);
  });
});
