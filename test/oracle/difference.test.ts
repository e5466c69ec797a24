// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { inheritedAnswers } from './cases.ts';
import { type Answer, compareAnswers, difference } from './difference.ts';

describe('a value', () => {
  test('may hold more than is asked for', () => {
    expect(difference({ a: 1, list: [{ b: null }] }, { a: 1, c: 2, list: [{ b: null, d: 3 }] })).toBeUndefined();
  });

  test.each([
    ['another value', { a: 1 }, { a: 2 }, '.a: want 1, got 2'],
    ['a missing key', { a: { b: 0 } }, { a: {} }, '.a.b: missing, want 0'],
    ['another type', { a: '1' }, { a: 1 }, '.a: want "1", got 1'],
    ['null for an object', { a: {} }, { a: null }, '.a: want an object, got null'],
    ['a list that is too long', { a: [1] }, { a: [1, 2] }, '.a: want [1], got [1,2]'],
    ['a list in another order', { a: ['x', 'y'] }, { a: ['y', 'x'] }, '.a[0]: want "x", got "y"'],
    ['no list', { a: [] }, { a: {} }, '.a: want [], got {}'],
  ])('differs by %s', (_, want, got, text) => {
    expect(difference(want, got)).toBe(text);
  });

  test('that stands for an address in the heap matches a number, and only in sizes of VF BARs', () => {
    expect(difference({ vfBarSizes: ['0x7f01'] }, { vfBarSizes: ['heap-address'] })).toBeUndefined();
    expect(difference({ vfBarSizes: ['none'] }, { vfBarSizes: ['heap-address'] })).toBeDefined();
    expect(difference({ value: '0x7f01' }, { value: 'heap-address' })).toBeDefined();
  });

  test('that stands for freed memory matches what that was filled with, and only in lists of VFs', () => {
    expect(difference({ vfs: ['6b6b:6b:0d.3'] }, { vfs: ['freed'] })).toBeUndefined();
    expect(difference({ vfs: ['0000:03:10.0'] }, { vfs: ['freed'] })).toBeDefined();
    expect(difference({ pf: '6b6b:6b:0d.3' }, { pf: 'freed' })).toBeDefined();
  });
});

describe('answers', () => {
  const final = { final: true, state: {} };
  const differencesOf = (want: readonly Answer[], got: readonly Answer[]): readonly string[] =>
    compareAnswers(want, got).differences;

  test('are compared row by row, the final state too', () => {
    const want = [{ seq: 1, ret: 0 }, { seq: 3, ret: 0 }, final];
    expect(compareAnswers(want, want)).toEqual({ compared: 3, differences: [] });
    expect(differencesOf(want, [{ seq: 1, ret: -1 }, { final: true }])).toEqual([
      'row 1.ret: want 0, got -1',
      'row 3.ret: missing, want 0',
      'final state.state: missing, want {}',
    ]);
  });

  test('differ by one that nobody asked for', () => {
    expect(differencesOf([final], [{ seq: 2, ret: 0 }, final])).toEqual(['row 2: want no answer, got {"ret":0}']);
  });

  test('differ by an access to hardware only where those are recorded', () => {
    const first = { seq: 1, hw: ['w a'] };
    const got = [first, { seq: 2, ret: 0, hw: ['w b'] }, { seq: 3, hw: ['w c'] }, final];
    expect(differencesOf([{ seq: 2, ret: 0 }, final], got)).toEqual([]);
    expect(differencesOf([first, { seq: 2, ret: 0 }, final], got)).toEqual([
      'row 2.hw: want none, got ["w b"]',
      'row 3.hw: want none, got ["w c"]',
    ]);
  });

  test('have to leave defined behaviour at the same row', () => {
    const before = { seq: 1, ret: 0 };
    const end = { seq: 2, undefined: true };
    const laterEnd = { seq: 3, undefined: true, rule: 'some.rule' };
    expect(compareAnswers([before, end], [before, end])).toEqual({ compared: 2, differences: [] });
    expect(differencesOf([before, end], [before, laterEnd])).toEqual([
      'want undefined at row 2, got undefined at row 3 by "some.rule"',
    ]);
    expect(differencesOf([before, end], [before, final])).toEqual(['want undefined at row 2, got defined to the end']);
    expect(differencesOf([before, laterEnd], [before, end])).toHaveLength(1);
    expect(differencesOf([before, final], [before, laterEnd])).toEqual([
      'want defined to the end, got undefined at row 3 by "some.rule"',
    ]);
    expect(differencesOf([before, final], [before, { final: true, undefined: true }])).toHaveLength(1);
  });

  test('that stop without a final state leave defined behaviour after their last row', () => {
    const want = [{ seq: 2, ret: 0 }];
    expect(differencesOf(want, [...want, { final: true, undefined: true }])).toEqual([]);
    expect(differencesOf(want, [...want, { seq: 4, undefined: true }])).toEqual([]);
    expect(differencesOf(want, [{ seq: 2, undefined: true }])).toHaveLength(1);
    expect(differencesOf(want, [...want, final])).toHaveLength(2);
  });
});

describe('a release', () => {
  const releases = ['old', 'middle', 'new'];
  const expected = { middle: 'as of middle' };

  test('answers as the newest before it that has answers of its own', () => {
    expect(inheritedAnswers({ expected }, 'middle', releases)).toBe('as of middle');
    expect(inheritedAnswers({ expected }, 'new', releases)).toBe('as of middle');
  });

  test('is not covered by a case that starts later', () => {
    expect(inheritedAnswers({ expected }, 'old', releases)).toBeUndefined();
  });
});
