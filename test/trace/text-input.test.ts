// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TextInput } from '../../engine/trace/text-input.ts';

/** Bytes that look like UTF-8 for some time: whole characters, and pieces of characters. */
const bytes = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 3 }).map((text) => new TextEncoder().encode(text)),
      fc.uint8Array({ min: 0x7e, maxLength: 4 }),
    ),
    { maxLength: 8 },
  )
  .map((parts) => Uint8Array.from(parts.flatMap((part) => [...part])));

test('bytes in pieces are the text that they are at once, whichever characters are cut or broken', () => {
  fc.assert(
    fc.property(bytes, fc.array(fc.nat(40), { maxLength: 6 }), (all, cuts) => {
      const places = [0, ...cuts.map((cut) => Math.min(cut, all.length)).sort((a, b) => a - b), all.length];
      const input = new TextInput();
      let text = '';
      for (const [index, place] of places.entries()) text += input.push(all.subarray(places[index - 1] ?? 0, place));
      expect(text + input.end()).toBe(new TextDecoder().decode(all));
    }),
    { numRuns: 2000 },
  );
});
