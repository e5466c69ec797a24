// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { seedsOf } from '../../bench/fuzz/seeds.ts';
import { TARGETS } from '../../bench/fuzz/targets.ts';
import { parseReport } from '../../cli/merge-reports.ts';
import { OPERATIONS } from '../../engine/ops/index.ts';
import { readExpectations } from '../../engine/replay/expectations.ts';
import { readKnown } from '../../engine/replay/known.ts';
import { loadMachine } from '../../engine/state/load-machine.ts';
import { decodeCsv } from '../../engine/trace/csv.ts';
import { decodeJsonLines } from '../../engine/trace/json-lines.ts';
import type { Parsed } from '../../engine/trace/problem.ts';
import { decodeProtobuf } from '../../engine/trace/protobuf/decoder.ts';
import { protobufSchema } from '../../engine/trace/protobuf/schema.ts';
import { formatProtobuf } from '../../engine/trace/protobuf/write.ts';
import { bytes } from './refused.ts';

/** Each decoder, with what is wrong on purpose: other encodings, names that JavaScript knows, numbers that no number holds, depth. */

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const halfway = (text: string): number => text.indexOf('\n', text.length / 2);

/** What is done to a text that was right, in the order of the table below. */
const ENCODINGS: readonly (readonly [what: string, make: (text: string) => Uint8Array])[] = [
  ['CRLF', (text) => utf8(text.replaceAll('\n', '\r\n'))],
  ['lone CR', (text) => utf8(text.replaceAll('\n', '\r'))],
  ['a byte order mark', (text) => utf8(`\ufeff${text}`)],
  ['a byte order mark at the end', (text) => utf8(`${text}\ufeff`)],
  ['NUL in a line', (text) => utf8(text.replace('\n', '\0\n'))],
  ['NUL at the end', (text) => utf8(`${text}\0`)],
  ['U+2028', (text) => utf8(text.replace('\n', '\u2028\n'))],
  ['UTF-16 with its mark', (text) => Buffer.from(`\ufeff${text}`, 'utf16le')],
  ['UTF-16', (text) => Buffer.from(text, 'utf16le')],
  ['a byte that is missing', (text) => bytes(text.slice(0, halfway(text)), [0xc3, 0x28], text.slice(halfway(text)))],
  ['an overlong NUL', (text) => bytes(text, [0xc0, 0x80])],
  ['half a surrogate pair', (text) => bytes(text, [0xed, 0xa0, 0x80])],
  ['nothing at all', () => new Uint8Array()],
  ['line ends alone', () => utf8('\n\n\n')],
];

/**
 * Accepted or refused, one letter for each encoding. Logs of other programs have lines that are garbled, and pass over them;
 * what people or hvreplay write is refused.
 */
const VERDICTS: Readonly<Record<string, string>> = {
  csv: 'araarrarrrrrrr',
  'json-lines': 'araarrrrrrrrrr',
  machine: 'ararrrarrrrrrr',
  golden: 'rraararrraaarr',
  known: 'ararrrrrrrrrrr',
  expectations: 'ararrrrrrrrrrr',
  report: 'aaarrrrrrrrrrr',
  console: 'aaaaaaarraaarr',
  'dom0-log': 'aaaaaaarraaarr',
  kprobes: 'araaararrarrrr',
  'qemu-log': 'ararararrarrrr',
  'vpci-log': 'aaaaaaarraaarr',
  'lspci-run': 'araaaaarrraarr',
  resource: 'araarrrrrrrrrr',
  mmiotrace: 'araaararrrrrrr',
  steps: 'ararararrarrrr',
  lspci: 'araaaaarrraarr',
};

const BINARY = ['protobuf', 'recording', 'tar', 'gzip', 'device-tree', 'xentrace'];

describe('a text in another encoding', () => {
  test('every decoder of texts is in the table', () => {
    const known = new Set([...Object.keys(VERDICTS), ...BINARY]);
    expect(TARGETS.map(({ name }) => name).filter((name) => !known.has(name))).toEqual([]);
  });

  test.each(TARGETS.filter(({ name }) => !BINARY.includes(name)))('$name', async (target) => {
    const [seed] = seedsOf(target);
    const text = new TextDecoder().decode(seed);
    const verdicts: (readonly [string, string])[] = [];
    for (const [what, make] of ENCODINGS) verdicts.push([what, await target.read(Uint8Array.from(make(text)))]);
    const letters = VERDICTS[target.name] ?? '';
    expect(verdicts).toEqual(ENCODINGS.map(([what], at) => [what, letters[at] === 'a' ? 'accepted' : 'refused']));
  });
});

const said = (parsed: Parsed<unknown>): string =>
  parsed.ok
    ? 'accepted'
    : parsed.problems.map(({ line, column, message }) => `${line}:${column}: ${message}`).join('\n');

const JSON_HEADER = '{"hvreplay-trace":1,"machine":"m"}\n';
const READ = {
  'JSON lines': (text: string) => decodeJsonLines(`${JSON_HEADER}${text}\n`, OPERATIONS),
  'a header of JSON lines': (text: string) =>
    decodeJsonLines(`{"hvreplay-trace":1,"machine":"m",${text}}\n{"op":"note"}\n`, OPERATIONS),
  'a cell of CSV': (text: string) => decodeCsv(`# hvreplay-trace: 1\n# machine: m\nop,seq\nnote,${text}\n`, OPERATIONS),
  'a directive of CSV': (text: string) =>
    decodeCsv(`# hvreplay-trace: 1\n# machine: m\n# ${text}: x\nop\nnote\n`, OPERATIONS),
  'a machine': (text: string) => loadMachine(`machine: 1\narch: x86\n${text}\n`),
  'known divergences': (text: string) => readKnown(`known:\n  - ${text}\n`),
  expectations: (text: string) => readExpectations(`expectations:\n  - ${text}\n`),
} as const;

/** What `Object.prototype` has, and a number that no number holds. */
const PROTOTYPE = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'];
const NUMBERS = ['1e400', `${'9'.repeat(400)}`, `0x${'f'.repeat(10_000)}`, 'NaN', 'Infinity', '1e309', '1.5', '1_000'];

describe.each(PROTOTYPE)('%s is no name that anything has', (name) => {
  test.each<readonly [reader: keyof typeof READ, text: string]>([
    ['JSON lines', `{"op":"${name}"}`],
    ['JSON lines', `{"op":"note","${name}":"1"}`],
    ['JSON lines', `{"op":"note","ret":"${name}"}`],
    ['a cell of CSV', name],
    ['a machine', `${name}: 1`],
    ['a machine', `devices: { ${name}: {} }`],
    ['a machine', `devices: { "0000:00:03.0": { ${name}: {} } }`],
    ['a machine', `devices: { "0000:00:03.0": { capabilities: [{ id: ${name}, offset: 0x40 }] } }`],
    ['a machine', `grants: { ${name}: 1 }`],
    ['a machine', `deviceTree: { pci: { d: { host: ${name}, rid: 8 } } }`],
    ['a machine', `deviceTree: { platform: { d: { iommus: [${name}, 1] } } }`],
    ['known divergences', `{ ${name}: 1 }`],
    ['known divergences', `{ seq: 1, what: ${name}, reason: r, until: 2027-01-31 }`],
    ['expectations', `{ case: s/a, release: xen-4.17, reason: r, until: 2027-01-31, ${name}: 1 }`],
  ])('%s: %s', (reader, text) => {
    expect(said(READ[reader](text))).toMatch(/^\d+:\d+: /);
  });

  test('but may be the name of a node', () => {
    const answer = said(READ['a machine'](`deviceTree: { hostBridges: { ${name}: {} } }`));
    expect(answer).toMatch(name === '__proto__' ? /^3:30: unknown key "__proto__"/ : /^accepted$/);
  });

  test('in a report', () => {
    expect(parseReport(`{"${name}":{"report":1}}`)).toMatchObject({
      ok: false,
      message: expect.stringMatching(/^not a report/),
    });
  });
});

describe.each(NUMBERS)('the number %s', (number) => {
  test.each<readonly [reader: keyof typeof READ, text: string]>([
    ['JSON lines', `{"op":"note","seq":${number}}`],
    ['JSON lines', `{"op":"note","seq":"${number}"}`],
    ['a cell of CSV', number],
    ['a machine', `devices: { "0000:00:03.0": { registers: { 0x0: ${number} } } }`],
    ['a machine', `devices: { "0000:00:03.0": { registers: { ${number}: 0 } } }`],
    ['a machine', `devices: { "0000:00:03.0": { bars: { 0: { kind: mem32, size: ${number} } } } }`],
    ['known divergences', `{ seq: ${number}, what: ret, reason: r, until: 2027-01-31 }`],
  ])('%s: %s', (reader, text) => {
    expect(said(READ[reader](text))).toMatch(/^\d+:\d+: /);
  });
});

describe('the number -0', () => {
  test('is refused in traces', () => {
    expect(said(READ['a cell of CSV']('-0'))).toMatch(/^4:6: seq: expected a number/);
    expect(said(READ['JSON lines']('{"op":"note","seq":-0}'))).toMatch(/^2:\d+: seq: expected a number/);
  });

  test.each(['-0', '-00'])('is refused as a result and as a signed number: %s', (zero) => {
    const rows = `# hvreplay-trace: 1\n# machine: m\nop,name,value,ret\nmodel.option,fail_add,${zero},\nnote,,,${zero}\n`;
    expect(said(decodeCsv(rows, OPERATIONS))).toMatch(
      /^4:23: value: expected a whole number.*\n5:8: ret: expected a result/,
    );
  });

  test('is 0 in a machine, as YAML has it', () => {
    const read = READ['a machine']('devices: { "0000:00:03.0": { registers: { 0x0: -0, -0x4: 0 } } }');
    expect(said(read)).toMatch(/^\d+:\d+: .*-0x4/);
    expect(said(READ['a machine']('devices: { "0000:00:03.0": { registers: { -0: -0 } } }'))).toBe('accepted');
  });
});

describe('depth', () => {
  const DEEP = 50_000;
  test.each<readonly [reader: keyof typeof READ, text: string]>([
    ['JSON lines', `{"op":"note","seq":${'['.repeat(DEEP)}`],
    ['JSON lines', '{"op":'.repeat(DEEP / 10)],
    ['a header of JSON lines', `"title":${'['.repeat(DEEP)}${']'.repeat(DEEP)}`],
    ['a directive of CSV', '['.repeat(DEEP)],
    ['a machine', `x: ${'['.repeat(DEEP)}`],
    ['a machine', `x: ${'{ a: '.repeat(DEEP)}`],
    ['a machine', `x: ${'? '.repeat(DEEP)}`],
    ['a machine', '- '.repeat(DEEP)],
    ['known divergences', '['.repeat(DEEP)],
    ['expectations', `${'{ case: '.repeat(DEEP)}`],
  ])('%s', (reader, text) => {
    expect(said(READ[reader](text))).toMatch(/^\d+:\d+: /);
  });

  test('a report', () => {
    for (const text of ['['.repeat(1_000_000), `{"report":1,"cases":${'['.repeat(DEEP)}${']'.repeat(DEEP)}}`])
      expect(parseReport(text)).toMatchObject({ ok: false, message: expect.stringMatching(/^no(?:t a report| JSON)/) });
  });
});

describe('YAML that is more than data', () => {
  test.each([
    'x: &a 1\ny: *a',
    'x: &a [*a]',
    'x: !!binary AAAA',
    'x: !<tag:yaml.org,2002:js/function> f',
    '<<: { devices: {} }',
    '? [a]\n: 1',
    '? { a: b }\n: 1',
    '...\n---\nmachine: 1',
    `%TAG ! tag:x,2000:\n---`,
    `x: ${'&a '.repeat(1000)}1`,
  ])('%s', (text) => {
    expect(said(READ['a machine'](text))).toMatch(/^\d+:\d+: /);
  });
});

describe('protobuf', () => {
  const SCHEMA = protobufSchema(OPERATIONS);
  const HEADER = formatProtobuf({ version: 1, title: undefined, machine: 'm', directives: {} }, [], SCHEMA).slice(0, 7);
  const EVENT = 0x12;
  const FF = (count: number): readonly number[] => Array.from({ length: count }, () => 0xff);

  /** Right up to these bytes. */
  const answer = (...after: readonly number[]): string => {
    const parsed = decodeProtobuf(bytes([...HEADER], after), SCHEMA, { allowTruncated: true });
    return parsed.ok ? 'accepted' : parsed.problems.map(({ message }) => message).join('\n');
  };
  /** An event of these bytes. */
  const event = (...content: readonly number[]): string => answer(EVENT, content.length, ...content);

  test('without anything wrong', () => {
    expect(answer()).toBe('accepted');
  });

  test.each<readonly [what: string, said: () => string]>([
    ['a field of number 0', () => event(0x00, 0)],
    ['a field of number 2^29 - 1', () => event(0xf8, 0xff, 0xff, 0xff, 0x0f, 0)],
    ['a field of a number beyond', () => event(...FF(9), 0x01, 0)],
    ['a group', () => event(0x0b, 0x0c)],
    ['a group that does not begin', () => event(0x0c)],
    ['a wire type 6', () => event(0x0e)],
    ['a wire type 7', () => event(0x0f)],
    ['a number of 11 bytes', () => event(0x08, ...FF(10), 0x01)],
    ['a number without end', () => event(0x08, ...FF(3))],
    ['a text beyond its event', () => event(0x1a, 0x7f, 0x61)],
    ['a text of 2^32 bytes', () => event(0x1a, ...FF(4), 0x0f)],
    ['a text of 2^63 bytes', () => event(0x1a, ...FF(9), 0x7f)],
    ['an operation that there is not', () => event(0x08, 0xff, 0xff, 0x03)],
    ['no operation', () => event()],
    ['a record of a length of 11 bytes', () => answer(EVENT, ...FF(10), 0x01)],
    ['a record of 2^31 bytes', () => answer(EVENT, ...FF(4), 0x07)],
    ['a record of number 0', () => answer(0x00, 0)],
    ['a group instead of a record', () => answer(0x13, 0x14)],
    ['a second header', () => answer(...HEADER)],
  ])('%s', (_what, answered) => {
    expect(answered()).toMatch(/^byte \d+/);
  });
});
