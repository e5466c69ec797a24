// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { csvEventLine, jsonEventLine } from '../../engine/trace/event-line.ts';

describe('the line of an event', () => {
  const csv =
    '\ufeff# hvreplay-trace: 1\n\n# title: "x\nop,dom,note\nboot.scan,,\n\nnote,,"two\nlines, "" quoted"\nboot.scan,,';

  test('is found in CSV after directives, empty lines and cells that hold newlines', () => {
    expect([0, 1, 2, 3].map((index) => csvEventLine(csv, index))).toEqual([5, 7, 9, undefined]);
  });

  test('is found in JSON lines after the header', () => {
    const lines = '{"hvreplay-trace":1}\n{"op":"boot.scan"}\n\n{"op":"boot.scan"}\n';
    expect([0, 1, 2].map((index) => jsonEventLine(lines, index))).toEqual([2, 4, undefined]);
  });
});
