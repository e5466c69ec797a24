// SPDX-License-Identifier: GPL-2.0-only
import { Composer, type Document, isMap, isNode, isScalar, isSeq, Lexer, Parser, Schema } from 'yaml';
import type { Problem } from '../trace/problem.ts';
import { type ProblemList, quoted } from '../trace/problem-list.ts';
import { MAX_DEPTH, MAX_YAML_LEXEMES } from './limits.ts';

/** Keys and list positions that lead to a value. */
export type Path = readonly (string | number)[];

/** The core schema of YAML 1.2 (chapter 10.3), made once: making it costs more than reading a small file. */
const CORE = new Schema({ schema: 'core', merge: false });

/** Parser frames that one level of nesting takes at most. */
const FRAMES_PER_LEVEL = 2;

const TOO_DEEP = `nested more than ${MAX_DEPTH} levels deep`;

/** Line and column, from 1, of an offset in the text. */
export const positionOf = (text: string, offset: number): { readonly line: number; readonly column: number } => {
  let line = 1;
  let start = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) {
    line += 1;
    start = at + 1;
  }
  return { line, column: [...text.slice(start, offset)].length + 1 };
};

/** A parsed YAML text: its plain value, and where in the text its parts are. */
export class YamlTree {
  readonly #text: string;
  readonly #contents: unknown;
  /** Plain objects without prototype, arrays, strings, numbers, booleans, null. */
  readonly value: unknown;

  constructor(text: string, contents: unknown, value: unknown) {
    this.#text = text;
    this.#contents = contents;
    this.value = value;
  }

  /** A problem with what is at `path`, or with the key `key` of it; where there is nothing, with what it is missing in. */
  problem(path: Path, message: string, key?: string): Problem {
    let node = this.#contents;
    let offset = startOf(node);
    for (const step of path) {
      const pair = pairOf(node, step);
      node = pair === undefined ? (isSeq(node) ? node.items[Number(step)] : undefined) : pair.value;
      if (node === undefined) break;
      offset = startOf(node) ?? startOf(pair?.key) ?? offset;
    }
    if (key !== undefined) offset = startOf(pairOf(node, key)?.key) ?? offset;
    return { ...positionOf(this.#text, offset ?? 0), message };
  }
}

const pairOf = (node: unknown, key: string | number) =>
  isMap(node) ? node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key)) : undefined;

const startOf = (node: unknown): number | undefined => (isNode(node) ? node.range?.[0] : undefined);

/** Why a text is not composed, and where. */
interface Refusal {
  readonly offset: number;
  readonly reason: string;
}

/** Lexemes that stand for no text: start of a document, end of a flow collection, a scalar that follows. */
const MARKS: ReadonlySet<string> = new Set(['\u0002', '\u0018', '\u001f']);

/** What a directive, and a line or an escape within a text, count for: each may cost as much as so many words, as a fault. */
const DIRECTIVE_WEIGHT = 1000;
const INNER_WEIGHT = 8;

const weightOf = (lexeme: string): number => {
  if (lexeme.startsWith('%')) return DIRECTIVE_WEIGHT;
  if (lexeme.length < 3 || !/[\\\n]/.test(lexeme)) return 1;
  return 1 + INNER_WEIGHT * lexeme.replaceAll(/[^\\\n]+/g, '').length;
};

const ALIAS = 'an alias; expected the value itself, written out';
const TOO_MUCH = `more than ${MAX_YAML_LEXEMES} words and marks up to here; expected fewer, or a machine as 'hvreplay machine' prints it`;
const SEVERAL = 'more than one YAML document; expected one';

/** Feeds the text to the parser bit by bit, so that its depth is known before anything recursive looks at the result. */
const compose = (text: string): Document.Parsed | Refusal => {
  const parser = new Parser();
  const composer = new Composer({ schema: CORE, uniqueKeys: false, logLevel: 'silent' });
  const documents: Document.Parsed[] = [];
  let offset = 0;
  let count = 0;
  for (const lexeme of new Lexer().lex(text)) {
    count += weightOf(lexeme);
    if (count > MAX_YAML_LEXEMES) return { offset, reason: TOO_MUCH };
    for (const token of parser.next(lexeme)) documents.push(...composer.next(token));
    if (parser.stack.length > FRAMES_PER_LEVEL * MAX_DEPTH) return { offset, reason: TOO_DEEP };
    if (documents.length > 1) return { offset, reason: SEVERAL };
    if (lexeme.startsWith('*')) return { offset, reason: ALIAS };
    if (!MARKS.has(lexeme)) offset += lexeme.length;
  }
  for (const token of parser.end()) documents.push(...composer.next(token));
  documents.push(...composer.end(true, text.length));
  const [only, second] = documents;
  return only === undefined || second !== undefined ? { offset: second?.range[0] ?? 0, reason: SEVERAL } : only;
};

/** Makes plain values of nodes and reports what this reader does not take: odd keys, keys that are there twice. */
class Converter {
  readonly #text: string;
  readonly #problems: ProblemList;

  constructor(text: string, problems: ProblemList) {
    this.#text = text;
    this.#problems = problems;
  }

  report(offset: number, message: string): void {
    this.#problems.add(() => ({ ...positionOf(this.#text, offset), message }));
  }

  convert(node: unknown, depth: number, offset: number): unknown {
    if (node === null || node === undefined) return null;
    if (isScalar(node)) return node.value;
    const start = startOf(node) ?? offset;
    if (depth > MAX_DEPTH) this.report(start, TOO_DEEP);
    else if (isSeq(node)) return node.items.map((item) => this.convert(item, depth + 1, start));
    else if (isMap(node)) return this.#map(node.items, depth, start);
    return null;
  }

  #map(items: readonly { readonly key: unknown; readonly value: unknown }[], depth: number, offset: number): unknown {
    const object: Record<string, unknown> = Object.create(null);
    for (const { key, value } of items) {
      const start = startOf(key) ?? offset;
      const name = isScalar(key) && ['string', 'number'].includes(typeof key.value) ? String(key.value) : undefined;
      if (name === undefined) this.report(start, 'expected a key that is text or a number');
      else if (name === '__proto__') this.report(start, 'unknown key "__proto__"');
      else if (Object.hasOwn(object, name)) this.report(start, `key ${quoted(name)} is there twice; expected it once`);
      else object[name] = this.convert(value, depth + 1, start);
    }
    return object;
  }
}

/**
 * Reads YAML 1.2 (core schema, one document, no aliases). undefined: it is no YAML, or nested too deeply. Other problems
 * are reported and leave null in the value.
 */
export const readYaml = (text: string, problems: ProblemList): YamlTree | undefined => {
  const document = compose(text);
  const converter = new Converter(text, problems);
  if ('reason' in document) {
    converter.report(document.offset, document.reason);
    return undefined;
  }
  const faults = [...document.errors, ...document.warnings];
  for (const { pos, message } of faults) converter.report(pos[0], `not valid YAML: ${message}`);
  if (document.errors.length > 0) return undefined;
  return new YamlTree(text, document.contents, converter.convert(document.contents, 0, 0));
};
