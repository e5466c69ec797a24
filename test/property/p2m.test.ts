// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Gfn, Mfn } from '../../engine/num/frames.ts';
import { P2M_TYPES, P2m, type P2mType } from '../../engine/xen/p2m.ts';
import { p2mFaults } from './invariants.ts';
import { cases } from './parameters.ts';

/** Frames of the small address space that is looked at one by one: two and a half times 2 MiB. */
const FRAMES = 1280;
const LARGE = 512;
const OPERATIONS_PER_CALL = 64;
const EPERM = 1;
const EINVAL = 22;

interface Entry {
  readonly mfn: number;
  readonly type: P2mType;
}

/** A p2m as a list of frames, and what Xen says of it, done frame by frame. */
class NaiveP2m {
  readonly frames: (Entry | undefined)[] = new Array<Entry | undefined>(FRAMES).fill(undefined);

  /** Slots of 2 MiB that were ever written in part, and not as a whole since. */
  private readonly tables = new Set<number>();

  private replace(
    gfn: number,
    count: number,
    isCoaligned: boolean,
    entryAt: (frame: number) => Entry | undefined,
  ): void {
    for (let frame = 0; frame < count; frame++) {
      const slot = Math.floor((gfn + frame) / LARGE);
      this.frames[gfn + frame] = entryAt(frame);
      const isWhole = slot * LARGE >= gfn && (slot + 1) * LARGE <= gfn + count;
      if (isWhole && isCoaligned) this.tables.delete(slot);
      else this.tables.add(slot);
    }
  }

  set(gfn: number, count: number, mfn: number, type: P2mType): void {
    this.replace(gfn, count, (mfn - gfn) % LARGE === 0, (frame) => ({ mfn: mfn + frame, type }));
  }

  clear(gfn: number, count: number): void {
    this.replace(gfn, count, true, () => undefined);
  }

  /** One call: 64 operations, of 2 MiB where that goes. `change`: a negated errno, or whether it wrote. */
  private call(
    gfn: number,
    count: number,
    mfn: number,
    change: (gfn: number, mfn: number) => number | boolean,
  ): number {
    let done = 0;
    for (let operations = 0; operations < OPERATIONS_PER_CALL && done < count; operations++) {
      const isAligned = (gfn + done) % LARGE === 0 && (mfn + done) % LARGE === 0;
      const slot = Math.floor((gfn + done) / LARGE);
      const frames = isAligned && count - done >= LARGE && !this.tables.has(slot) ? LARGE : 1;
      for (let frame = 0; frame < frames; frame++) {
        const ret = change(gfn + done + frame, mfn + done + frame);
        if (typeof ret === 'number') return done > 0 ? done : ret;
        if (ret && frames === 1) this.tables.add(slot);
      }
      done += frames;
    }
    return done === count ? 0 : done;
  }

  map(gfn: number, count: number, mfn: number): number {
    return this.call(gfn, count, mfn, (at, target) => {
      const entry = this.frames[at];
      const isRam = entry === undefined || entry.type === 'ram_rw' || entry.type === 'ram_ro';
      if (!isRam) return entry.type === 'mmio_direct' && entry.mfn === target ? false : -EPERM;
      this.frames[at] = { mfn: target, type: 'mmio_direct' };
      return true;
    });
  }

  unmap(gfn: number, count: number, mfn: number): number {
    return this.call(gfn, count, mfn, (at) => {
      if (this.frames[at]?.type !== 'mmio_direct') return -EINVAL;
      this.frames[at] = undefined;
      return true;
    });
  }
}

const place = fc.constantFrom(0, 1, 5, 60, 511, 512, 513, 700, 1024);
const span = fc.record({
  gfn: place,
  count: fc.oneof(fc.integer({ min: 1, max: 70 }), fc.constantFrom(512, 513, 768, FRAMES)),
  shift: fc.constantFrom(0, 0, 0, 512, 100),
  type: fc.constantFrom(...P2M_TYPES),
  what: fc.constantFrom('map', 'map', 'map', 'unmap', 'unmap', 'set', 'clear'),
  unlimited: fc.boolean(),
});

/** Call after call, as whoever has work to do to the end. */
const toTheEnd = (count: number, once: (done: number) => number): number => {
  let done = 0;
  for (;;) {
    const ret = once(done);
    if (ret <= 0) return ret;
    done += ret;
    if (done >= count) return 0;
  }
};

test('runs of frames behave as frames one by one', () => {
  fc.assert(
    fc.property(fc.array(span, { minLength: 1, maxLength: 25, size: 'max' }), (spans) => {
      const p2m = new P2m();
      const naive = new NaiveP2m();
      for (const { gfn, shift, type, what, unlimited, ...given } of spans) {
        const count = Math.min(given.count, FRAMES - gfn);
        const mfn = gfn + shift;
        const limit = unlimited ? Number.POSITIVE_INFINITY : undefined;
        if (what === 'set') {
          p2m.set(gfn as Gfn, count, mfn as Mfn, type);
          naive.set(gfn, count, mfn, type);
        } else if (what === 'clear') {
          p2m.clear(gfn as Gfn, count);
          naive.clear(gfn, count);
        } else {
          const call = (done: number): number => naive[what](gfn + done, count - done, mfn + done);
          const expected = unlimited ? toTheEnd(count, call) : call(0);
          const work = (done: number): number =>
            (what === 'map' ? p2m.mapMmio : p2m.unmapMmio).call(
              p2m,
              (gfn + done) as Gfn,
              count - done,
              (mfn + done) as Mfn,
              limit,
            ).ret;
          expect(unlimited ? toTheEnd(count, work) : work(0)).toBe(expected);
        }
        expect(p2mFaults(p2m)).toEqual([]);
      }
      const frames = naive.frames.map((_, frame) => {
        const run = p2m.at(frame as Gfn);
        return run === undefined ? undefined : { mfn: P2m.mfnOf(run, frame as Gfn), type: run.type };
      });
      expect(frames).toEqual(naive.frames);
    }),
    cases(600),
  );
});
