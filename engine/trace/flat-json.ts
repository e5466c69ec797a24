// SPDX-License-Identifier: GPL-2.0-only

/** One key of a JSON object whose values are texts and numbers. `column` is where the key begins, from 1. */
export interface FlatEntry {
  readonly key: string;
  readonly value: string;
  /** A number's value is the text it was written as. */
  readonly isNumber: boolean;
  readonly column: number;
}

export type FlatObject =
  | { readonly ok: true; readonly entries: readonly FlatEntry[] }
  | { readonly ok: false; readonly column: number; readonly message: string };

// RFC 8259: white space, strings (escapes are checked afterwards), numbers.
const SPACE = /[ \t\r\n]*/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON strings may not contain them
const STRING = /"(?:[^"\\\u0000-\u001f]|\\.)*"/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;

/** Walks one line; every method answers undefined where the text is something else. */
class Scanner {
  readonly #text: string;
  at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  skipSpace(): void {
    SPACE.lastIndex = this.at;
    SPACE.test(this.#text);
    this.at = SPACE.lastIndex;
  }

  take(character: string): boolean {
    this.skipSpace();
    if (this.#text[this.at] !== character) return false;
    this.at += 1;
    return true;
  }

  #match(pattern: RegExp): string | undefined {
    this.skipSpace();
    pattern.lastIndex = this.at;
    const text = pattern.exec(this.#text)?.[0];
    if (text !== undefined) this.at += text.length;
    return text;
  }

  string(): string | undefined {
    const start = this.at;
    const literal = this.#match(STRING);
    if (literal === undefined) return undefined;
    if (!literal.includes('\\')) return literal.slice(1, -1);
    try {
      // A JSON string literal: the answer is a string.
      return JSON.parse(literal) as string;
    } catch {
      this.at = start;
      return undefined;
    }
  }

  number(): string | undefined {
    return this.#match(NUMBER);
  }

  get ended(): boolean {
    this.skipSpace();
    return this.at >= this.#text.length;
  }
}

const entry = (scanner: Scanner): FlatEntry | string => {
  scanner.skipSpace();
  const column = scanner.at + 1;
  const key = scanner.string();
  if (key === undefined) return 'expected a key in double quotes';
  if (!scanner.take(':')) return `expected a colon after the key "${key}"`;
  scanner.skipSpace();
  const text = scanner.string();
  if (text !== undefined) return { key, value: text, isNumber: false, column };
  const number = scanner.number();
  if (number !== undefined) return { key, value: number, isNumber: true, column };
  return `${key}: expected a text in double quotes or a number (leave the key out for nothing)`;
};

/**
 * Reads one JSON object of texts and numbers. Unlike JSON.parse it says where each key is and keeps a key that is there
 * twice, and no key can be mistaken for a property of the language's own objects.
 */
export const readFlatJson = (line: string): FlatObject => {
  const scanner = new Scanner(line);
  const fail = (message: string): FlatObject => ({ ok: false, column: scanner.at + 1, message });
  const entries: FlatEntry[] = [];
  if (!scanner.take('{')) return fail('expected a JSON object');
  if (!scanner.take('}')) {
    for (;;) {
      const next = entry(scanner);
      if (typeof next === 'string') return fail(next);
      entries.push(next);
      if (scanner.take('}')) break;
      if (!scanner.take(',')) return fail('expected a comma or a closing brace');
    }
  }
  return scanner.ended ? { ok: true, entries } : fail('expected nothing after the object');
};
