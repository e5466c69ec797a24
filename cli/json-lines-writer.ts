// SPDX-License-Identifier: GPL-2.0-only

const FIRST_BYTES = 65_536;
const MAX_PLAIN_LENGTH = 64;
/** Whose tenth part, rounded down, is exact, and how many digits it has. */
const MAX_QUICK = 0xffffffff;
const MAX_DIGITS = 10;
/** Bytes of UTF-8 for one UTF-16 unit, at most. */
const MAX_UNIT_BYTES = 3;

const LINE_FEED = 0x0a;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const ZERO = 0x30;
const BACKSLASH = 0x5c;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const TILDE = 0x7e;

/** Whether JSON writes a text as it is: short, and printable ASCII but for quotes and backslashes. */
const isPlain = (text: string): boolean => {
  if (text.length > MAX_PLAIN_LENGTH) return false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < SPACE || code > TILDE || code === QUOTE || code === BACKSLASH) return false;
  }
  return true;
};

/**
 * Puts objects down as lines of JSON in UTF-8, byte for byte as JSON.stringify does. Nearly all lines of a replay are a
 * number and a short text: those become bytes without becoming text first, which takes a third of the time.
 */
export class JsonLinesWriter {
  readonly #encoder = new TextEncoder();
  /** `"key":` of each key, in UTF-8. */
  readonly #keys = new Map<string, Uint8Array>();
  #bytes = new Uint8Array(FIRST_BYTES);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** All that was put down since the last call. */
  take(): Uint8Array {
    const taken = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    return taken;
  }

  write(line: Readonly<Record<string, unknown>>): void {
    let mark: number = OPEN;
    for (const key in line) {
      const value = line[key];
      if (value === undefined) continue;
      this.#reserve(1);
      this.#put(mark);
      mark = COMMA;
      this.#putKey(key);
      this.#putValue(value);
    }
    this.#reserve(3);
    if (mark === OPEN) this.#put(OPEN);
    this.#put(CLOSE);
    this.#put(LINE_FEED);
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const more = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    more.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = more;
  }

  #put(byte: number): void {
    this.#bytes[this.#length] = byte;
    this.#length += 1;
  }

  #putKey(key: string): void {
    let known = this.#keys.get(key);
    if (known === undefined) {
      known = this.#encoder.encode(`${JSON.stringify(key)}:`);
      this.#keys.set(key, known);
    }
    this.#reserve(known.length);
    for (const byte of known) this.#put(byte);
  }

  #putValue(value: unknown): void {
    if (typeof value === 'string' && isPlain(value)) this.#putPlain(value);
    else if (typeof value === 'number' && value > 0 && value <= MAX_QUICK && Number.isInteger(value))
      this.#putDigits(value);
    else this.#putText(JSON.stringify(value));
  }

  #putPlain(text: string): void {
    this.#reserve(text.length + 2);
    this.#put(QUOTE);
    for (let at = 0; at < text.length; at += 1) this.#put(text.charCodeAt(at));
    this.#put(QUOTE);
  }

  /** A whole number from 1 to {@link MAX_QUICK}, from its last digit to its first. */
  #putDigits(value: number): void {
    this.#reserve(MAX_DIGITS);
    let count = 1;
    for (let limit = 10; value >= limit; limit *= 10) count += 1;
    let rest = value;
    for (let at = this.#length + count - 1; at >= this.#length; at -= 1) {
      const tens = Math.floor(rest / 10);
      this.#bytes[at] = ZERO + rest - 10 * tens;
      rest = tens;
    }
    this.#length += count;
  }

  #putText(text: string): void {
    this.#reserve(MAX_UNIT_BYTES * text.length);
    this.#length += this.#encoder.encodeInto(text, this.#bytes.subarray(this.#length)).written;
  }
}
