// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { didYouMean, editDistance, nearest } from '../../engine/trace/nearest.ts';

describe('edit distance', () => {
  test.each([
    ['', '', 0],
    ['abc', '', 3],
    ['', 'ab', 2],
    ['kitten', 'sitting', 3],
    ['wirte', 'write', 1],
    ['sbdf', 'sdbf', 1],
    ['abc', 'abc', 0],
  ])('of %j and %j is %i', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
    expect(editDistance(b, a)).toBe(distance);
  });
});

describe('nearest', () => {
  const known = ['cfg.read', 'cfg.write', 'physdev.pci_device_add', 'op'];
  test.each([
    ['cfg.wirte', 'cfg.write'],
    ['CFG.READ', 'cfg.read'],
    ['pci_device_add', 'physdev.pci_device_add'],
    ['pp', 'op'],
    ['x', undefined],
    ['', undefined],
    ['something else', undefined],
    ['x'.repeat(1000), undefined],
  ])('to %j is %j', (name, expected) => {
    expect(nearest(name, known)).toBe(expected);
  });

  test('prefers fewer errors', () => {
    expect(nearest('bars', ['bats', 'bar', 'cars'])).toBe('bats');
    expect(nearest('regs', ['reset', 'reg'])).toBe('reg');
  });

  test('takes a name that it begins with for a better guess than one two errors away', () => {
    expect(nearest('domain', ['domid', 'dom', 'doman'])).toBe('doman');
    expect(nearest('domain', ['domid', 'dom'])).toBe('dom');
    expect(nearest('opening', ['op'])).toBeUndefined();
  });

  test('makes a hint, or none', () => {
    expect(didYouMean('opp', known)).toBe('; did you mean op?');
    expect(didYouMean('something', known)).toBe('');
  });
});
