// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { discover } from '../../cli/corpus.ts';
import { OPERATIONS } from '../../engine/ops/index.ts';
import { decodeCsv } from '../../engine/trace/csv.ts';
import { csvRowLines, jsonRowLines } from '../../engine/trace/row-lines.ts';

const HEAD = '# hvreplay-trace: 1\n\nop,note\n';

describe('the lines that events begin on', () => {
  test.each([
    ['follow the header row', `${HEAD}note,a\nnote,b\n`, [4, 5]],
    ['count newlines within a cell', `${HEAD}note,"a\nb"\nnote,c`, [4, 6]],
    ['leave empty lines out', `${HEAD}\nnote,a\n\n\nnote,b\n`, [5, 8]],
    ['are the same with CRLF', `${HEAD}note,a\r\n\r\nnote,b\r\n`.replaceAll(/(?<!\r)\n/g, '\r\n'), [4, 6]],
  ])('%s', (_what, text, lines) => {
    expect(csvRowLines(text)).toEqual(lines);
  });

  test('are as many as there are events, for every trace of the corpus', () => {
    const found = discover(['traces'], undefined);
    if (!found.ok) throw new Error(found.message);
    for (const { trace } of found.corpus.cases.filter((one) => one.trace.endsWith('.csv'))) {
      const text = readFileSync(trace, 'utf8');
      const decoded = decodeCsv(text, OPERATIONS);
      expect([trace, csvRowLines(text).length]).toEqual([trace, decoded.ok ? decoded.value.events.length : -1]);
    }
  });

  test('are those of JSON lines after the header object', () => {
    expect(jsonRowLines('{"hvreplay-trace":1}\n\n{"op":"note"}\n{"op":"note"}')).toEqual([3, 4]);
    expect(jsonRowLines('{"hvreplay-trace":1}\n{"machine-text":"machine: 1"}\n{"op":"note"}\n')).toEqual([3]);
  });
});
