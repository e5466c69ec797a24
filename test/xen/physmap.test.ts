// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { ERRNO } from '../../engine/num/errno.ts';
import { gfn, mfn } from '../../engine/num/frames.ts';
import { findState } from '../../engine/semantics/states.ts';
import { addToPhysmap, removeFromPhysmap } from '../../engine/xen/physmap.ts';
import type { Domain, World } from '../../engine/xen/state.ts';
import { createWorld } from '../../engine/xen/world.ts';

const start = (release: string, arch: 'x86' | 'arm' = 'x86'): { readonly world: World; readonly guest: Domain } => {
  const state = findState(release);
  if (state === undefined) throw new Error(`${release} is a state`);
  const machine = { arch, memoryMap: [], ecam: [], devices: [] };
  const world = createWorld({ machine, behaviours: state.behaviours, logging: 'off', trail: undefined });
  const guest = world.domains.get('d1');
  if (guest === undefined) throw new Error('there is a guest');
  return { world, guest };
};

const move = (idx: number, to: number) => ({ space: 'gmfn' as const, idx, gpfn: gfn(to) });

describe('a page that is moved', () => {
  test('onto itself stays', () => {
    const { world, guest } = start('xen-unstable');
    guest.p2m.set(gfn(0x10), 2, mfn(0x500), 'ram_rw');
    expect(addToPhysmap(world, guest, move(0x10, 0x10), false)).toBe(0);
    expect(guest.p2m.list()).toHaveLength(1);
  });

  test('became writable before 4.19', () => {
    const results = ['xen-4.18', 'xen-4.19'].map((release) => {
      const { world, guest } = start(release);
      guest.p2m.set(gfn(0x10), 1, mfn(0x500), 'ram_ro');
      return [addToPhysmap(world, guest, move(0x10, 0x20), false), guest.p2m.list()[0]?.type];
    });
    expect(results).toEqual([
      [0, 'ram_rw'],
      [-ERRNO.EACCES, 'ram_ro'],
    ]);
  });
});

test('MMIO without right is passed over on Arm, and refused where guests may map', () => {
  const { world, guest } = start('xen-unstable', 'arm');
  const request = { space: 'dev_mmio' as const, idx: 0x900, gpfn: gfn(0x10) };
  expect(addToPhysmap(world, guest, request, false)).toBe(0);
  expect(addToPhysmap(world, guest, request, true)).toBe(-ERRNO.EPERM);
  guest.iomem.add(0x900, 0x900);
  expect(addToPhysmap(world, guest, request, true)).toBe(0);
  expect(removeFromPhysmap(world, guest, gfn(0x10))).toBe(-ERRNO.ENOENT);
});
