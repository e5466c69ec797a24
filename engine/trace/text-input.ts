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

const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** First bytes of UTF-8 characters of at least two, three and four bytes (RFC 3629, section 3), and of those that follow. */
const LEADS = [0xc0, 0xe0, 0xf0];
const FOLLOWING = 0x80;

/** How much of `bytes` does not end within a character: all, or up to where its last, incomplete one begins. */
const completeLength = (bytes: Uint8Array): number => {
  const { length } = bytes;
  for (let back = 1; back <= Math.min(3, length); back += 1) {
    const byte = bytes[length - back] ?? 0;
    if (byte < FOLLOWING) return length;
    const following = LEADS.filter((lead) => byte >= lead).length;
    if (following > 0) return following >= back ? length - back : length;
  }
  return length;
};

/**
 * Bytes or text in, text out, without a byte order mark at the start. What is decoded is always whole characters, so that
 * no decoder has to be made for each input, which would take longer than a small one does.
 */
export class TextInput {
  /** The beginning of a character, of which the next bytes have the rest. */
  #rest: Uint8Array = new Uint8Array();
  #started = false;

  push(chunk: Chunk): string {
    return this.#withoutMark(typeof chunk === 'string' ? chunk : this.#decode(chunk));
  }

  /** What is left: U+FFFD if the input ended within a character. */
  end(): string {
    return this.#withoutMark(UTF8.decode(this.#rest));
  }

  #decode(chunk: Uint8Array): string {
    let bytes = chunk;
    if (this.#rest.length > 0) {
      bytes = new Uint8Array(this.#rest.length + chunk.length);
      bytes.set(this.#rest);
      bytes.set(chunk, this.#rest.length);
    }
    const end = completeLength(bytes);
    this.#rest = bytes.slice(end);
    return UTF8.decode(bytes.subarray(0, end));
  }

  #withoutMark(text: string): string {
    if (this.#started || text === '') return text;
    this.#started = true;
    return text.startsWith('\ufeff') ? text.slice(1) : text;
  }
}
