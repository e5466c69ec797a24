// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { differences, formatDifference, kindOf, unifiedDiff } from '../../engine/golden/diff.ts';
import { renderBody } from '../../engine/golden/text.ts';
import { bar, device, events, lines, registry, state, vpci } from './sample.ts';

const want = renderBody(lines(), events, registry);

const disabled = device({
  broken: true,
  vpci: vpci({ bars: [bar({ type: 'mem32', address: '0xfe000000', guestAddress: '0xfe000000', size: '0x4000' })] }),
});

const changed = renderBody(
  lines(state({ '0000:03:00.0': disabled })).map((line) => (line.seq === 2 ? { seq: 2, ret: 0 } : line)),
  events,
  registry,
);

describe('differences', () => {
  const found = differences(want, changed);

  test('of equal texts are none', () => {
    expect(differences(want, want)).toEqual([]);
    expect(unifiedDiff('a', 'b', want, want)).toBe('');
  });

  test('tell what a checkpoint notes otherwise, which only its heading says', () => {
    const noted = (text: string): string => `[state after event 3${text}]\nafter event 3 p2m d0: empty\n`;
    const [one, more] = differences(noted(': before'), noted(': after'));
    expect(one).toMatchObject({ event: 3, field: 'note', want: 'before', got: 'after' });
    expect(more).toBeUndefined();
    expect(differences(noted(''), noted(': after'))).toMatchObject([{ want: undefined, got: 'after' }]);
  });

  test('name the event and its operation', () => {
    expect(found[0]).toMatchObject({
      event: 2,
      op: 'physdev.pci_device_add',
      field: 'answer',
      want: '-ENODEV',
      got: '0',
    });
  });

  test('name the device and the field', () => {
    expect(found.slice(1).map(({ device: sbdf, field, event }) => [sbdf, field, event])).toEqual([
      ['0000:03:00.0', 'flags', undefined],
      ['0000:03:00.0', 'bar 0', undefined],
      ['0000:03:00.0', 'bar 2', undefined],
      ['0000:03:00.0', 'rom', undefined],
      ['0000:03:00.0', 'rom enable bit', undefined],
    ]);
  });

  test('say which value was there before', () => {
    expect(found.map(formatDifference)).toEqual([
      'event 2 physdev.pci_device_add d0 0000:03:00.0 flags=virtfn: 0, was -ENODEV',
      'final device 0000:03:00.0 flags: broken, was none',
      'final device 0000:03:00.0 bar 0: mem32 0xfe000000 size 0x00004000 disabled, was mem32 0xfe000000 size 0x00004000 enabled',
      expect.stringMatching(/bar 2: gone, was mem64lo /),
      expect.stringMatching(/rom: gone, was 0xfea00000 /),
      'final device 0000:03:00.0 rom enable bit: gone, was clear',
    ]);
  });

  test('pair facts whose lines moved', () => {
    expect(differences('a: 1\nb: 1\nc: 1\n', 'c: 2\na: 1\nb: 1\n').map(formatDifference)).toEqual(['c: 2, was 1']);
  });

  test('name the checkpoint, the domain and further answers', () => {
    const got = differences(
      'after event 4 p2m d0 gfn 0x1-0x2: mfn 0x1 mmio_direct rwx\nevent 9 x.y d0 -> backend: 1\n',
      'final domain d1: crashed\nevent 9 x.y d0 -> backend: 2\n',
    );
    expect(got).toMatchObject([
      { event: 4, domain: 'd0', field: 'p2m', got: undefined },
      { event: 9, op: 'x.y', field: 'backend', want: '1', got: '2' },
      { event: undefined, domain: 'd1', field: 'domain', want: undefined, got: 'crashed' },
    ]);
  });

  test('have the same kind in all cases that one cause changes', () => {
    expect(found.map(kindOf)).toEqual([
      'physdev.pci_device_add',
      'device flags',
      'device bar n',
      'device bar n',
      'device rom',
      'device rom enable bit',
    ]);
  });
});

test('a unified diff has the file names and the changed lines with context', () => {
  const diff = unifiedDiff('golden/a.txt', 'replay', want, changed).split('\n');
  expect(diff.slice(0, 2)).toEqual(['--- golden/a.txt', '+++ replay']);
  expect(diff).toContain('-event 2 physdev.pci_device_add d0 0000:03:00.0 flags=virtfn: -ENODEV');
  expect(diff).toContain('+event 2 physdev.pci_device_add d0 0000:03:00.0 flags=virtfn: 0');
  expect(diff).toContain(' event 1 boot.hwdom_setup: 0');
});

test('texts without anything in common are compared in bounded time', () => {
  const many = (name: string): string => Array.from({ length: 20_000 }, (_, i) => `${name} ${i}: ${i}`).join('\n');
  expect(differences(many('a'), many('b'))).toHaveLength(40_000);
  expect(unifiedDiff('a', 'b', many('a'), many('b'))).toMatch(/^--- a\n\+\+\+ b\n@@ more than \d+ lines differ @@\n$/);
});
