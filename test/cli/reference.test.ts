// SPDX-License-Identifier: GPL-2.0-only
import { symlinkSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { resolveReference } from '../../cli/reference.ts';
import { scratch } from './scratch.ts';

describe('references to machines', () => {
  const corpus = () =>
    scratch({ 'traces/machines/m.yaml': '', 'traces/s/a.csv': '', 'traces/s/m.yaml': '', 'secret.yaml': '' });

  test('may lie beside the trace or in a folder beside its folder', () => {
    const here = corpus();
    const from = here.at('traces/s/a.csv');
    expect(resolveReference(from, 'm.yaml')).toEqual({ ok: true, value: here.at('traces/s/m.yaml') });
    expect(resolveReference(from, '../machines/m.yaml')).toEqual({
      ok: true,
      value: here.at('traces/machines/m.yaml'),
    });
  });

  test.each([
    ['../../secret.yaml'],
    ['/etc/passwd'],
    ['..\\..\\secret.yaml'],
    ['a\0b'],
    ['../machines/../../secret.yaml'],
  ])('are refused when they lead elsewhere: %j', (reference) => {
    expect(resolveReference(corpus().at('traces/s/a.csv'), reference)).toMatchObject({ ok: false });
  });

  test('are refused when a link leads elsewhere', () => {
    const here = corpus();
    symlinkSync(here.at('secret.yaml'), here.at('traces/s/link.yaml'));
    expect(resolveReference(here.at('traces/s/a.csv'), 'link.yaml')).toMatchObject({
      ok: false,
      message: expect.stringContaining('outside'),
    });
  });
});
