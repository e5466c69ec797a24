// SPDX-License-Identifier: GPL-2.0-only
import type { Reader } from 'protobufjs/minimal.js';
import {
  badDirective,
  isDirectiveKey,
  isDirectiveValue,
  machineTextOf,
  makeHeader,
  NOWHERE,
  RECORDING,
  VERSION_KEY,
} from '../header.ts';
import type { TraceHeader } from '../operation.ts';
import { type ProblemList, quoted } from '../problem-list.ts';
import { badText } from '../text-input.ts';
import { tagOf, WIRE_TYPE } from './schema.ts';
import { readVarint } from './varint.ts';

/** Fields of the message `Header`, by number; those that are one line of text, with the directive that they are. */
export const HEADER_FIELD = { version: 1, machineText: 4, directives: 8 } as const;
export const HEADER_LINES: readonly (readonly [number: number, directive: string])[] = [
  [2, 'title'],
  [3, 'machine'],
  [5, RECORDING.source],
  [6, RECORDING.tool],
  [7, RECORDING.xen],
];

/** Fields of the messages `Directive` and `End`. */
export const DIRECTIVE_FIELD = { key: 1, value: 2 } as const;
export const END_FIELD = { complete: 1, lost: 2 } as const;

const text = (number: number): number => tagOf(number, WIRE_TYPE.lengthDelimited);

const VERSION_TAG = tagOf(HEADER_FIELD.version, WIRE_TYPE.varint);
const MACHINE_TAG = text(HEADER_FIELD.machineText);
const DIRECTIVES_TAG = text(HEADER_FIELD.directives);
const KEY_TAG = text(DIRECTIVE_FIELD.key);
const VALUE_TAG = text(DIRECTIVE_FIELD.value);
const COMPLETE_TAG = tagOf(END_FIELD.complete, WIRE_TYPE.varint);
const LOST_TAG = tagOf(END_FIELD.lost, WIRE_TYPE.varint);
const LINE_TAGS: ReadonlyMap<number, string> = new Map(HEADER_LINES.map(([number, key]) => [text(number), key]));

type Report = (message: string) => void;

const unknownField = (message: string, tag: number): string =>
  `${message}: field ${Math.floor(tag / 8)} of wire type ${tag % 8}; expected the schema's fields (a newer version may know more)`;

/** Reads up to `end` with `read`, and puts the reader back. */
const within = (reader: Reader, read: (end: number) => void): void => {
  const { len } = reader;
  const length = reader.size();
  const end = reader.pos + length;
  if (end > len) throw new RangeError('a message longer than the one around it');
  reader.len = end;
  read(end);
  reader.len = len;
};

const readDirective = (reader: Reader, report: Report): readonly [key: string, value: string] => {
  let [key, value] = ['', ''];
  within(reader, (end) => {
    while (reader.pos < end) {
      const tag = reader.tag();
      if (tag === KEY_TAG) key = reader.string();
      else if (tag === VALUE_TAG) value = reader.string();
      else {
        report(unknownField('header: directives', tag));
        reader.pos = end;
      }
    }
  });
  return [key, value];
};

/** Reads the message `Header`, which ends where the reader's data ends. Throws what the reader throws. */
export const readHeader = (reader: Reader, problems: ProblemList, report: Report): TraceHeader | undefined => {
  const before = problems.count;
  const directives = new Map<string, string>();
  let machineText: string | undefined;
  const add = (key: string, value: string): void => {
    if (!isDirectiveKey(key)) report(`header: expected a key of letters, digits and -; got ${quoted(key)}`);
    else if (directives.has(key)) report(`header: ${key}: given twice; expected it once`);
    else if (badText(value) !== undefined || !isDirectiveValue(value))
      report(`header: ${key}: expected one line of text without blanks around it; got ${quoted(value)}`);
    else directives.set(key, value);
  };
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    const line = LINE_TAGS.get(tag);
    if (line !== undefined) add(line, reader.string());
    else if (tag === VERSION_TAG) add(VERSION_KEY, String(readVarint(reader)));
    else if (tag === MACHINE_TAG) machineText = reader.string();
    else if (tag === DIRECTIVES_TAG) add(...readDirective(reader, report));
    else {
      report(unknownField('header', tag));
      return undefined;
    }
  }
  const bad = machineText === undefined ? undefined : badText(machineText);
  if (bad !== undefined) report(`header: machine_text: ${bad}`);
  if (problems.count > before) return undefined;
  return makeHeader(directives, machineTextOf(machineText ?? ''), () => NOWHERE, problems);
};

/** Reads the message `End`, as the directives that say the same in a text format. */
export const readEnd = (reader: Reader, report: Report): Readonly<Record<string, string>> => {
  let said: Readonly<Record<string, string>> = {};
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (tag === COMPLETE_TAG) said = { ...said, [RECORDING.complete]: readVarint(reader) === 0 ? 'no' : 'yes' };
    else if (tag === LOST_TAG) said = { ...said, [RECORDING.lost]: String(readVarint(reader)) };
    else {
      report(unknownField('end', tag));
      break;
    }
  }
  for (const [key, value] of Object.entries(said)) {
    const bad = badDirective(key, value);
    if (bad !== undefined) report(`end: ${bad}`);
  }
  return said;
};
