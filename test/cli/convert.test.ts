// SPDX-License-Identifier: GPL-2.0-only
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseErrno } from '../../engine/num/errno.ts';
import { OPERATIONS } from '../../engine/ops/index.ts';
import { decodeCsv } from '../../engine/trace/csv.ts';
import type { DecodedTrace } from '../../engine/trace/decoder.ts';
import type { Field } from '../../engine/trace/field.ts';
import { decodeJsonLines } from '../../engine/trace/json-lines.ts';
import type { Declaration, TraceEvent, TraceHeader } from '../../engine/trace/operation.ts';
import type { Parsed } from '../../engine/trace/problem.ts';
import { decodeProtobuf } from '../../engine/trace/protobuf/decoder.ts';
import { protobufSchema } from '../../engine/trace/protobuf/schema.ts';
import { formatProtobuf } from '../../engine/trace/protobuf/write.ts';
import { formatCsv } from '../../engine/trace/write-csv.ts';
import { formatJsonLines } from '../../engine/trace/write-json-lines.ts';
import { cases } from '../property/parameters.ts';
import { runCommand } from './run-command.ts';
import { scratch } from './scratch.ts';

const succeeded = <T>(parsed: Parsed<T>): T => {
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value;
};

/** What a trace may hold: Unicode without NUL and U+FFFD. */
const anyText = fc
  .oneof(
    fc.string({ minLength: 1, maxLength: 12, unit: 'binary' }),
    fc.constantFrom('"', ',', '# x', ' a ', '\n', '\r\n', '\r', 'x\ny', '""', '\u2028', '😀', '__proto__'),
  )
  .filter((text) => text !== '' && !/[\0\ufffd]|\p{Surrogate}/u.test(text));

const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const number = fc.nat({ max: 0xffff });

/** Texts that a field takes: those of its kind, and whatever its error message lists. */
const textFor = (field: Field<unknown>): fc.Arbitrary<string> => {
  const { kind, expected } = field;
  const limit = /^a number from 0 to (0x[0-9a-f]+)/.exec(expected)?.[1];
  if (limit !== undefined)
    return fc.oneof(fc.bigInt({ min: 0n, max: BigInt(limit) }), fc.constantFrom(0n, BigInt(limit))).map(String);
  if (kind === 'text') return anyText;
  if (kind === 'u64') return fc.oneof(u64, fc.constantFrom(0n, 2n ** 53n + 1n, 2n ** 64n - 1n)).map(String);
  if (kind === 'domain') return fc.constantFrom('d0', 'd1', 'd32751', 'd32752', 'd65535', 'xen', 'io');
  if (kind === 'integer') return fc.integer().map(String);
  if (kind === 'errno') return fc.constantFrom('0', '-ENODEV', '-200', '5');
  if (kind === 'sbdf') return fc.constantFrom('0:0:0.0', '03:10.7', 'ffff:ff:1f.7', '0001:02:03.4');
  if (kind === 'segments') return fc.tuple(number, number, number).map((parts) => `${parts.join(':')};1:2:3`);
  if (kind === 'addresses') return u64.map((address) => `0=${address};5=0x0`);
  if (kind.startsWith('flags ')) return fc.nat({ max: 0xffffffff }).map(String);
  const names = expected.replace(/^(?:one of|a size in bytes:) | or a number$/g, '').split(', ');
  return fc.constantFrom(...names);
};

const valueFor = (field: Field<unknown>): fc.Arbitrary<unknown> => {
  const given = textFor(field).map((text) => {
    const value = field.parse(text);
    if (value === undefined) throw new Error(`${field.kind} does not take ${JSON.stringify(text)}`);
    return value;
  });
  return field.optional ? fc.oneof(given, fc.constant(undefined)) : given;
};

const perhaps = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });

const eventOf = ({ name, fields }: Declaration): fc.Arbitrary<Omit<TraceEvent, 'seq'>> => {
  const args = Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, valueFor(field)]));
  const unless = <T>(key: string, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
    Object.hasOwn(fields, key) ? fc.constant(undefined) : perhaps(arbitrary);
  return fc.record({
    ...{ op: fc.constant(name), args: fc.record(args), time: unless('time', u64), note: unless('note', anyText) },
    ret: unless(
      'ret',
      fc.integer({ min: -999_999_999, max: 999_999_999 }).filter((ret) => parseErrno(String(ret)) === ret),
    ),
  });
};

const oneLine = anyText.filter((text) => text.trim() === text && !/[\r\n]/.test(text));

const machineLine = anyText.map((text) => text.replaceAll(/[\r\n]/g, ' '));

const machine: fc.Arbitrary<Pick<TraceHeader, 'machine' | 'machineText'>> = fc.oneof(
  fc.record({ machine: perhaps(oneLine) }),
  fc
    .array(fc.oneof(machineLine, fc.constantFrom('', '  - a', '#| x')), { minLength: 1, maxLength: 4 })
    .map((lines) => ({
      ...{ machine: undefined, machineText: `${lines.join('\n')}\n` },
    })),
);

const recording = fc.record(
  {
    ...{ source: oneLine, tool: oneLine, 'xen-version': oneLine, complete: fc.constantFrom('yes', 'no') },
    lost: fc.nat().map(String),
  },
  { requiredKeys: [] },
);

const header: fc.Arbitrary<TraceHeader> = fc
  .tuple(
    fc.record({ version: fc.constant(1), title: perhaps(oneLine) }),
    ...([
      machine,
      recording,
      fc.dictionary(fc.stringMatching(/^x[A-Za-z0-9-]{0,8}$/), oneLine, { maxKeys: 4 }),
    ] as const),
  )
  .map(([head, hardware, known, further]) => ({ ...head, ...hardware, directives: { ...known, ...further } }));

const ALL = [...OPERATIONS.values()];

const trace: fc.Arbitrary<DecodedTrace> = fc.record({
  header,
  events: fc
    .array(fc.tuple(fc.oneof(...ALL.map(eventOf)), fc.constantFrom(1, 1, 1, 2, 2 ** 40)), { maxLength: 8 })
    .map((list) => {
      let seq = 0;
      return list.map(([event, step]) => {
        seq += step;
        return { seq, ...event };
      });
    }),
});

const throughCsv = ({ header: head, events }: DecodedTrace): DecodedTrace =>
  succeeded(decodeCsv(formatCsv(head, events, OPERATIONS), OPERATIONS));

const throughJson = ({ header: head, events }: DecodedTrace): DecodedTrace =>
  succeeded(decodeJsonLines(formatJsonLines(head, events, OPERATIONS), OPERATIONS));

const SCHEMA = protobufSchema(OPERATIONS);

const throughProtobuf = ({ header: head, events }: DecodedTrace): DecodedTrace =>
  succeeded(decodeProtobuf(formatProtobuf(head, events, SCHEMA), SCHEMA));

describe('events of every operation', () => {
  test.each(ALL.map(({ name }) => [name]))('%s survives CSV, JSON lines and protobuf', (name) => {
    const declaration = OPERATIONS.get(name);
    if (declaration === undefined) throw new Error('there is such an operation');
    const one = eventOf(declaration).map((event) => ({
      header: { version: 1, title: undefined, machine: undefined, directives: {} },
      events: [{ seq: 1, ...event }],
    }));
    fc.assert(
      fc.property(one, (given) => {
        expect(throughCsv(given)).toEqual(given);
        expect(throughJson(given)).toEqual(given);
        expect(throughProtobuf(given)).toEqual(given);
      }),
      cases(10),
    );
  });

  test('canonical text is the same after protobuf, byte for byte', () => {
    fc.assert(
      fc.property(trace, (given) => {
        const { header: head, events } = throughCsv(given);
        const back = throughProtobuf({ header: head, events });
        expect(formatCsv(back.header, back.events, OPERATIONS)).toBe(formatCsv(head, events, OPERATIONS));
      }),
      cases(100),
    );
  });

  test('whole traces survive the way there and back, in both orders', () => {
    fc.assert(
      fc.property(trace, (given) => {
        expect(throughProtobuf(throughJson(throughCsv(given)))).toEqual(given);
        expect(throughCsv(throughJson(throughProtobuf(given)))).toEqual(given);
      }),
      cases(200),
    );
  });
});

const RECORDED = new URL('../../traces/recorded/', import.meta.url);

const ONE = '# hvreplay-trace: 1\n# title: t\n# recorded-on: xen-4.20\nop,text,name\nboot.param,"a,b",x\n';
const ONE_JSON =
  '{"hvreplay-trace":1,"title":"t","recorded-on":"xen-4.20"}\n{"op":"boot.param","name":"x","text":"a,b"}\n';

describe('convert', () => {
  test.each(readdirSync(RECORDED).filter((name) => name.endsWith('.csv')))('keeps all of %s', async (name) => {
    const here = scratch();
    const source = new URL(name, RECORDED);
    const files = [source.pathname, here.at('t.jsonl'), here.at('t.pb'), here.at('back.csv')];
    for (const [nth, file] of files.slice(1).entries())
      expect(await runCommand(['convert', files[nth] ?? '', file])).toEqual({ exit: 0, out: '', notes: '' });
    expect(succeeded(decodeCsv(here.read('back.csv'), OPERATIONS))).toEqual(
      succeeded(decodeCsv(readFileSync(source), OPERATIONS)),
    );
  });

  test('does not need the machine, and writes to standard output', async () => {
    const here = scratch({ 'one.csv': ONE });
    expect(await runCommand(['convert', here.at('one.csv'), '-', '--to', 'json-lines'])).toEqual({
      ...{ exit: 0, out: ONE_JSON, notes: '' },
    });
  });

  test('takes --from and --to before names', async () => {
    const here = scratch({ 'one.txt': ONE_JSON });
    const done = await runCommand([
      'convert',
      here.at('one.txt'),
      here.at('out'),
      '--from',
      'json-lines',
      '--to',
      'csv',
    ]);
    expect(done.exit).toBe(0);
    expect(here.read('out')).toBe(ONE.replace('text,name', 'name,text').replace('"a,b",x', 'x,"a,b"'));
  });

  test('writes nothing where the input is wrong', async () => {
    const here = scratch({ 'bad.csv': ONE.replace('boot.param', 'boot.parm'), 'old.jsonl': 'old\n' });
    const done = await runCommand(['convert', here.at('bad.csv'), here.at('old.jsonl')]);
    expect(done).toMatchObject({ exit: 2, notes: expect.stringContaining('bad.csv:5:1: op: unknown operation') });
    expect(here.read('old.jsonl')).toBe('old\n');
  });

  test.each([
    [['one.csv', '-'], 'the format of standard output is not known'],
    [['one.csv', 'out.bin'], 'is no trace by its name'],
    [['one.csv', 'out.csv', '--to', 'xml'], '--to xml: expected csv, json-lines, protobuf'],
    [['one.csv', 'out.csv', '--from', 'xml'], '--from xml: expected csv, json-lines, protobuf'],
    [['gone.csv', 'out.csv'], 'no such file'],
    [['one.csv', 'folder.csv'], 'is a folder; expected a file'],
  ])('refuses %j', async ([input = '', output = '', ...options], message) => {
    const here = scratch({ 'one.csv': ONE, 'folder.csv/file': '' });
    const out = output === '-' ? '-' : here.at(output);
    expect(await runCommand(['convert', here.at(input), out, ...options])).toMatchObject({
      ...{ exit: 2, out: '', notes: expect.stringContaining(message) },
    });
  });
});
