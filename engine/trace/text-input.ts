// SPDX-License-Identifier: GPL-2.0-only
import type { Chunk } from './decoder.ts';
import { quoted } from './problem-list.ts';

/**
 * What no text trace may contain. U+FFFD is what decoding puts in place of bytes that are not UTF-8, so a file that
 * contains that character is refused like one with such bytes.
 */
const BAD_CHARACTER = /[\0\ufffd]/;

/** Whether `text` holds a character that {@link badCharacter} reports. */
export const hasBadCharacter = (text: string): boolean => BAD_CHARACTER.test(text);

/** The first character that a text trace may not contain. */
export const badCharacter = (text: string): { readonly offset: number; readonly message: string } | undefined => {
  const offset = text.search(BAD_CHARACTER);
  if (offset < 0) return undefined;
  const message =
    text[offset] === '\0'
      ? 'a NUL character; expected text without NUL'
      : 'bytes that are not valid UTF-8 (or the replacement character U+FFFD); expected UTF-8 text';
  return { offset, message };
};

/** Half of a surrogate pair, which no UTF-8 text can hold; JSON escapes can write it. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/** What a text may not be that is the value of a field, in a format that can say so; undefined: it may be. */
export const badText = (text: string): string | undefined => {
  if (text === '') return 'expected some text, or no such field; got ""';
  if (!LONE_SURROGATE.test(text) && !hasBadCharacter(text)) return undefined;
  return `expected Unicode text without NUL and U+FFFD; got ${quoted(text)}`;
};

/** Bytes or text in, text out, without a byte order mark at the start. */
export class TextInput {
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  #started = false;

  push(chunk: Chunk): string {
    return this.#withoutMark(typeof chunk === 'string' ? chunk : this.#decoder.decode(chunk, { stream: true }));
  }

  /** What is left: U+FFFD if the input ended within a character. */
  end(): string {
    return this.#withoutMark(this.#decoder.decode());
  }

  #withoutMark(text: string): string {
    if (this.#started || text === '') return text;
    this.#started = true;
    return text.startsWith('\ufeff') ? text.slice(1) : text;
  }
}
