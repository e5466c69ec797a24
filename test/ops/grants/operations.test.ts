// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { grantField } from '../../../engine/ops/grants/fields.ts';
import { grantOperations } from '../../../engine/ops/grants/index.ts';

test('every operation has a name of its own and says what it is and where it comes from', () => {
  const names = grantOperations.map(({ declaration }) => declaration.name);
  expect(new Set(names).size).toBe(names.length);
  for (const { declaration } of grantOperations) {
    expect(declaration.summary).toMatch(/^(?:[^A-Z]|Xen).*[^.]$/);
    expect(declaration.source).not.toBe('');
  }
});

describe('segments', () => {
  test('are written as they are read', () => {
    const text = '0x1000:0x0:0x1000;0x2000:0x10:0x2000';
    const value = grantField.segments.parse(text);
    expect(value).toEqual([
      { pfn: 0x1000, offset: 0, sizeBytes: 0x1000 },
      { pfn: 0x2000, offset: 16, sizeBytes: 0x2000 },
    ]);
    expect(value && grantField.segments.format(value)).toBe(text);
  });

  test.each(['', '1:2', '1:2:3:4', '1:2:3;', '-1:0:1', '1:0:x'])('are not %j', (text) => {
    expect(grantField.segments.parse(text)).toBeUndefined();
  });
});

test('flags of a map request can be names or the number that Xen has for them', () => {
  expect(grantField.mapFlags.parse('host_map|readonly')).toBe(6);
  expect(grantField.mapFlags.format(6)).toBe('host_map|readonly');
  expect(grantField.mapFlags.parse('18')).toBe(18);
});
