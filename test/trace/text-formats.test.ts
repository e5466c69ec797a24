// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { parseSbdf } from '../../engine/num/sbdf.ts';
import { decodeCsv } from '../../engine/trace/csv.ts';
import { type DecodedTrace, decodeWhole } from '../../engine/trace/decoder.ts';
import { decodeJsonLines, JsonLinesDecoder } from '../../engine/trace/json-lines.ts';
import { MAX_LINE_CHARS } from '../../engine/trace/limits.ts';
import type { TraceEvent, TraceHeader } from '../../engine/trace/operation.ts';
import type { Parsed } from '../../engine/trace/problem.ts';
import { formatCsv } from '../../engine/trace/write-csv.ts';
import { formatJsonLines } from '../../engine/trace/write-json-lines.ts';
import { registry, render } from './registry.ts';

const header: TraceHeader = {
  version: 1,
  title: 'a "title": with, everything',
  machine: '../m.yaml',
  directives: { source: 'x', 'SPDX-License-Identifier': 'GPL-2.0-only' },
};

const event = (seq: number, op: string, args: object, rest: Partial<TraceEvent> = {}): TraceEvent => ({
  seq,
  op,
  args: { ...args },
  time: undefined,
  ret: undefined,
  note: undefined,
  ...rest,
});

const sbdf = parseSbdf('0001:03:10.7');

const events: readonly TraceEvent[] = [
  event(1, 'boot.hwdom_setup', {}),
  event(2, 'cfg.write', { dom: 'd0', vcpu: 3, sbdf, reg: 4, size: 8, value: 2n ** 64n - 1n }, { ret: -19 }),
  event(5, 'p2m.set', { dom: 'd1', gfn: 2 ** 52 - 1, type: 'ram_rw', level: -3 }, { time: 12345678901234567890n }),
  event(6, 'physdev.pci_device_add', { dom: 'xen', sbdf, flags: 3, physfn: sbdf }, { ret: 7 }),
  event(7, 'physdev.pci_device_add', { dom: 'xen', sbdf, flags: undefined, physfn: undefined }, { ret: 0 }),
  event(8, 'note', {}, { note: '# a, "b"\nc\r\nd\te \\ 😀 ' }),
  event(9, 'boot.param', { name: '__proto__', text: 'pci-phantom=01:00,1' }),
];

const value = (result: Parsed<DecodedTrace>): DecodedTrace => {
  if (!result.ok) throw new Error(render(result.problems).join('\n'));
  return result.value;
};

describe('writing and reading back', () => {
  test('CSV keeps everything', () => {
    expect(value(decodeCsv(formatCsv(header, events, registry), registry))).toEqual({ header, events });
  });

  test('JSON lines keep everything', () => {
    expect(value(decodeJsonLines(formatJsonLines(header, events, registry), registry))).toEqual({ header, events });
  });

  test('canonical text does not depend on the way it came', () => {
    const csv = formatCsv(header, events, registry);
    const fromCsv = value(decodeCsv(csv, registry));
    const json = formatJsonLines(fromCsv.header, fromCsv.events, registry);
    const fromJson = value(decodeJsonLines(json, registry));
    expect(formatCsv(fromJson.header, fromJson.events, registry)).toBe(csv);
  });

  test('CSV has the columns that are used, in a fixed order', () => {
    const text = formatCsv({ ...header, title: undefined, directives: {} }, events.slice(0, 2), registry);
    expect(text).toBe(
      '# hvreplay-trace: 1\n' +
        '# machine: ../m.yaml\n' +
        'op,dom,vcpu,sbdf,reg,size,value,ret\n' +
        'boot.hwdom_setup,,,,,,,\n' +
        'cfg.write,d0,0x3,0001:03:10.7,0x4,0x8,0xffffffffffffffff,-ENODEV\n',
    );
  });

  test('JSON lines have one object per event', () => {
    expect(formatJsonLines({ ...header, machine: undefined, directives: {} }, events.slice(1, 3), registry)).toBe(
      '{"hvreplay-trace":1,"title":"a \\"title\\": with, everything"}\n' +
        '{"op":"cfg.write","seq":"0x2","dom":"d0","vcpu":"0x3","sbdf":"0001:03:10.7","reg":"0x4","size":"0x8",' +
        '"value":"0xffffffffffffffff","ret":"-ENODEV"}\n' +
        '{"op":"p2m.set","seq":"0x5","time":"0xab54a98ceb1f0ad2","dom":"d1","gfn":"0xfffffffffffff","type":"ram_rw",' +
        '"level":"-3"}\n',
    );
  });
});

describe('JSON lines', () => {
  const HEAD = '{"hvreplay-trace":1}\n';
  const bad = (text: string | Uint8Array): string[] => {
    const result = decodeJsonLines(text, registry);
    return result.ok ? [] : render(result.problems);
  };

  test('may be spaced out, have whole numbers for numeric text, and empty lines', () => {
    const text = `\ufeff { "hvreplay-trace" : "1" }\r\n\r\n{ "op":"p2m.set", "dom":"d0", "gfn":16, "type":"ram_rw", "level":-1 }`;
    expect(value(decodeJsonLines(text, registry)).events).toEqual([
      event(1, 'p2m.set', { dom: 'd0', gfn: 16, type: 'ram_rw', level: -1 }),
    ]);
  });

  const cases: readonly (readonly [string, string, readonly string[]])[] = [
    [
      'what is no flat object',
      `${HEAD}[]\n{"op":"note"\n{"op":"note",}\n{op:1}\n{"op":"note"} x\n{"op" "note"}\n{"op":"no\\qte"}\n{"op":"nope"}\n`,
      [
        '2:1: expected a JSON object',
        '3:13: expected a comma or a closing brace',
        '4:14: expected a key in double quotes',
        '5:2: expected a key in double quotes',
        '6:15: expected nothing after the object',
        '7:7: expected a colon after the key "op"',
        '8:7: op: expected a text in double quotes or a number (leave the key out for nothing)',
        '9:2: op: unknown operation "nope"; did you mean note?',
      ],
    ],
    [
      'values of other types',
      `${HEAD}{"op":"note","note":null}\n{"op":"note","note":{}}\n{"op":true}\n`,
      [
        '2:21: note: expected a text in double quotes or a number (leave the key out for nothing)',
        '3:21: note: expected a text in double quotes or a number (leave the key out for nothing)',
        '4:7: op: expected a text in double quotes or a number (leave the key out for nothing)',
      ],
    ],
    [
      'keys that are unknown, repeated or of the language itself',
      `${HEAD}{"op":"note","nota":"x"}\n{"op":"note","op":"note"}\n{"op":"note","__proto__":"x"}\n{"constructor":"x"}\n`,
      [
        '2:14: unknown key "nota"; did you mean note?',
        '3:14: op: given twice; expected it once',
        '4:14: unknown key "__proto__"',
        '5:2: unknown key "constructor"',
      ],
    ],
    [
      'numbers that text could not be told from, and empty text',
      `${HEAD}{"op":"note","note":1.5}\n{"op":"note","seq":9007199254740993}\n{"op":"note","note":""}\n{"op":"note","seq":1e3}\n`,
      [
        '2:14: note: expected text, or a whole number below 2^53; got "1.5"',
        '3:14: seq: expected text, or a whole number below 2^53; got "9007199254740993"',
        '4:14: note: expected some text, or no such field; got ""',
        '5:14: seq: expected text, or a whole number below 2^53; got "1e3"',
      ],
    ],
    [
      'text that CSV could not hold',
      `${HEAD}{"op":"note","note":"\\ud800"}\n{"op":"note","note":"\\u0000"}\n{"op":"note","note":"\ufffd"}\n`,
      [
        '2:14: note: expected Unicode text without NUL and U+FFFD; got "\\ud800"',
        '3:14: note: expected Unicode text without NUL and U+FFFD; got "\\u0000"',
        '4:22: bytes that are not valid UTF-8 (or the replacement character U+FFFD); expected UTF-8 text',
      ],
    ],
    [
      'fields, with the column of their key',
      `${HEAD}{"op":"cfg.read","dom":"d0","sbdf":"x","reg":"4"}\n{"op":"boot.hwdom_setup","dom":"d0"}\n`,
      [
        '2:1: size: missing; cfg.read needs a number from 0 to 0xff, decimal or 0x…',
        '2:29: sbdf: expected segment:bus:device.function such as 0000:03:10.0; got "x"',
        '3:26: dom: boot.hwdom_setup has no such field; expected nothing here (its fields: none)',
      ],
    ],
    ['no header', '{"op":"note"}\n', ['1:1: hvreplay-trace: missing; expected version 1']],
    [
      'a wrong header',
      '{"hvreplay-trace":2,"title":" x","a b":"c","title":"y","title":"z"}\n{"op":"note"}\n',
      [
        '1:2: hvreplay-trace: expected version 1; got "2"',
        '1:21: title: expected one line of text without blanks around it; got " x"',
        '1:34: expected a key of letters, digits and -; got "a b"',
        '1:56: title: given twice; expected it once',
      ],
    ],
    ['an empty file', '\n', ['1:1: the file is empty; expected a header object {"hvreplay-trace":1}']],
    [
      'a line that is too long',
      `${HEAD}{"op":"note","note":"${'x'.repeat(MAX_LINE_CHARS)}"}\n{"op":"nope"}`,
      [
        '2:1: a line of more than 65536 characters; expected shorter ones',
        '3:2: op: unknown operation "nope"; did you mean note?',
      ],
    ],
  ];

  test.each(cases)('are refused for %s', (_, text, expected) => {
    expect(bad(text)).toEqual(expected);
  });

  test('decode the same in pieces of any size', () => {
    const text = formatJsonLines(header, events, registry);
    const bytes = new TextEncoder().encode(text);
    for (const size of [1, 3, 50]) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.subarray(i * size, (i + 1) * size),
      );
      expect(value(decodeWhole(new JsonLinesDecoder(registry), pieces))).toEqual({ header, events });
    }
  });
});
