// SPDX-License-Identifier: GPL-2.0-only
import { hex } from '../num/u64.ts';
import type { Parsed } from '../trace/problem.ts';
import { ProblemList } from '../trace/problem-list.ts';
import { readYaml } from './yaml-tree.ts';

/** Machine files as plain values, before anything is made of them: to be changed and written again. */

/** The plain value that a machine file says; whether it describes a machine is not looked at. */
export const readDescription = (text: string): Parsed<unknown> => {
  const problems = new ProblemList();
  const tree = readYaml(text, problems);
  if (tree === undefined || problems.count > 0) return { ok: false, problems: problems.list() };
  return { ok: true, value: tree.value };
};

/** Maps and lists are written on one line where that fits. */
const WIDTH = 72;

/** Numbers that people count with; all others are written as addresses, offsets and masks are. */
const COUNTS = new Set(['entries', 'machine', 'segment', 'totalVfs', 'vectors', 'vfStride', 'forceGrant', 'frames']);

const PLAIN_TEXT = /^[A-Za-z_][\w./@-]*$|^[0-9a-fA-F]{4}:[0-9a-fA-F]{4}$|^(?:0x[0-9a-f]+|\d+)-(?:0x[0-9a-f]+|\d+)$/;
/** What YAML 1.2's core schema takes for something other than text (10.3.2), in any case to be safe. */
const RESERVED = /^(?:null|true|false|y|n|yes|no|on|off)$|^\d+:\d+$|^\d+e\d+$/i;

const textOf = (text: string): string => (PLAIN_TEXT.test(text) && !RESERVED.test(text) ? text : JSON.stringify(text));

/** Offsets of registers are numbers, which as keys read as decimal text. */
const keyOf = (key: string): string => {
  if (!/^(?:0|[1-9]\d{0,14})$/.test(key)) return textOf(key);
  return Number(key) < 10 ? key : hex(Number(key));
};

const scalarOf = (value: unknown, key: string): string => {
  if (typeof value === 'string') return textOf(value);
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 10 && !COUNTS.has(key)) return hex(value);
  return String(value);
};

const isBranch = (value: unknown): value is object => typeof value === 'object' && value !== null;

const inline = (value: unknown, key: string): string => {
  if (!isBranch(value)) return scalarOf(value, key);
  if (Array.isArray(value)) return value.length === 0 ? '[]' : `[${value.map((item) => inline(item, key)).join(', ')}]`;
  const entries = Object.entries(value).map(([name, item]) => `${keyOf(name)}: ${inline(item, name)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
};

/** Keys whose value is written out, an item a line, however short it is. */
const OPEN = new Set(['', 'devices', 'memoryMap', 'ecam']);

/** Lines of a map or list, `before` in front of the first one. */
const branchLines = (value: object, key: string, indent: string): readonly string[] => {
  const isList = Array.isArray(value);
  return Object.entries(value).flatMap(([name, item]) => {
    const head = isList ? `${indent}- ` : `${indent}${keyOf(name)}: `;
    const line = head + inline(item, isList ? key : name);
    const fits = line.length <= WIDTH && !(OPEN.has(name) && isBranch(item) && Object.keys(item).length > 0);
    if (!isBranch(item) || fits || Object.keys(item).length === 0) return [line];
    const lines = branchLines(item, isList ? key : name, `${indent}  `);
    if (!isList) return [head.trimEnd(), ...lines];
    const [first = '', ...rest] = lines;
    return [head + first.trimStart(), ...rest];
  });
};

/** A description as a machine file: short maps and lists on one line, numbers from 10 on in hexadecimal. */
export const formatDescription = (description: unknown): string =>
  `${isBranch(description) ? branchLines(description, '', '').join('\n') : inline(description, '')}\n`;
