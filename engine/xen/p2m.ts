// SPDX-License-Identifier: GPL-2.0-only
import { ERRNO } from '../num/errno.ts';
import type { Gfn, Mfn } from '../num/frames.ts';
import { RangeSet } from './range-set.ts';

/** What a guest frame is (xen/arch/x86/include/asm/p2m.h); a frame without entry is `invalid`. */
export const P2M_TYPES = ['mmio_direct', 'ram_rw', 'ram_ro', 'map_foreign', 'grant_map_rw', 'grant_map_ro'] as const;
export type P2mType = (typeof P2M_TYPES)[number];

/** A run of guest frames that map to consecutive machine frames, with one type. Access is always the default, rwx. */
export interface P2mEntry {
  first: number;
  last: number;
  mfn: number;
  readonly type: P2mType;
}

/** Types whose frame Xen does not let a mapping replace (P2M_SPECIAL_TYPES). */
const SPECIAL: ReadonlySet<P2mType> = new Set(['mmio_direct', 'map_foreign', 'grant_map_rw', 'grant_map_ro']);

/** At most so many p2m operations are done in one call (MAP_MMIO_MAX_ITER, xen/arch/x86/mm/p2m.c). */
const MAX_OPERATIONS_PER_CALL = 64;

const FRAMES_OF_2M = 512;

/**
 * What a call did: 0 all, a positive number of frames when it stopped early, or a negated errno when nothing of it was
 * done. `conflict`: the entry that must not be replaced, at which it stopped; Xen has crashed the domain for it then,
 * whatever the call answers.
 */
export interface P2mResult {
  readonly ret: number;
  readonly conflict?: P2mEntry;
}

const DONE: P2mResult = { ret: 0 };

/** p2m operations on frames that are all alike. */
interface FrameOperation {
  /** Whether the entry there is to be written; or why nothing is done. */
  readonly check: (at: Gfn, target: Mfn, run: Readonly<P2mEntry> | undefined) => boolean | P2mResult;
  readonly write: (at: Gfn, frames: number, target: Mfn) => void;
}

/** A domain's guest-physical address space as an ordered list of runs, looked up by bisection. */
export class P2m {
  private readonly runs: P2mEntry[] = [];
  /**
   * Slots of 2 MiB that have a table of 4 KiB entries, whatever these hold: an operation of 2 MiB needs a slot without
   * one, and nothing that maps MMIO takes a table away.
   */
  private readonly tables = new RangeSet('exact');

  /** Ascending by frame; neighbours that continue each other are one. */
  list(): readonly Readonly<P2mEntry>[] {
    return this.runs;
  }

  /** Index of the first run that ends at or after `frame`. */
  private indexFrom(frame: number): number {
    let low = 0;
    let high = this.runs.length;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if ((this.runs[middle]?.last ?? 0) < frame) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The run that holds a guest frame; undefined: `invalid`. */
  at(frame: Gfn): Readonly<P2mEntry> | undefined {
    const run = this.runs[this.indexFrom(frame)];
    return run !== undefined && run.first <= frame ? run : undefined;
  }

  /** The first guest frame whose memory is a machine frame. */
  frameOf(mfn: Mfn): Gfn | undefined {
    const run = this.runs.find(
      ({ first, last, mfn: start, type }) =>
        mfn >= start && mfn <= start + (last - first) && (type === 'ram_rw' || type === 'ram_ro'),
    );
    return run && ((run.first + (mfn - run.mfn)) as Gfn);
  }

  /** The machine frame behind a guest frame of a run. */
  static mfnOf(run: Readonly<P2mEntry>, frame: Gfn): Mfn {
    return (run.mfn + (frame - run.first)) as Mfn;
  }

  /** Replaces whatever is at `first` … `first + count - 1`, by entries as large as possible (p2m_set_entry). */
  set(first: Gfn, count: number, mfn: Mfn, type: P2mType): void {
    this.put(first, count, mfn, type);
    this.updateTables(first, count, (mfn - first) % FRAMES_OF_2M === 0);
  }

  private put(first: Gfn, count: number, mfn: Mfn, type: P2mType): void {
    this.cut(first, count);
    const last = first + count - 1;
    const index = this.indexFrom(first);
    const before = this.runs[index - 1];
    const after = this.runs[index];
    const joinsBefore =
      before !== undefined &&
      before.type === type &&
      before.last + 1 === first &&
      before.mfn + (first - before.first) === mfn;
    const joinsAfter =
      after !== undefined && after.type === type && last + 1 === after.first && mfn + count === after.mfn;
    if (joinsBefore && joinsAfter) {
      before.last = after.last;
      this.runs.splice(index, 1);
    } else if (joinsBefore) before.last = last;
    else if (joinsAfter) {
      after.first = first;
      after.mfn = mfn;
    } else this.runs.splice(index, 0, { first, last, mfn, type });
  }

  /** Empties `first` … `first + count - 1`. */
  clear(first: Gfn, count: number): void {
    this.cut(first, count);
    this.updateTables(first, count, true);
  }

  private cut(first: Gfn, count: number): void {
    const last = first + count - 1;
    const from = this.indexFrom(first);
    let to = from;
    const kept: P2mEntry[] = [];
    for (let run = this.runs[to]; run !== undefined && run.first <= last; run = this.runs[++to]) {
      if (run.first < first) kept.push({ first: run.first, last: first - 1, mfn: run.mfn, type: run.type });
      if (run.last > last)
        kept.push({ first: last + 1, last: run.last, mfn: run.mfn + (last + 1 - run.first), type: run.type });
    }
    if (to > from) this.runs.splice(from, to - from, ...kept);
  }

  /**
   * Maps MMIO (map_mmio_regions with set_mmio_p2m_entry). An entry of a special type stays: the same mapping again is
   * fine, another one crashes the domain with -EPERM. RAM underneath is replaced. `limit`: p2m operations of this call;
   * without one it does what call after call would.
   */
  mapMmio(start: Gfn, count: number, mfn: Mfn, limit = MAX_OPERATIONS_PER_CALL): P2mResult {
    return this.inPieces(start, count, mfn, limit, {
      check: (at, target, run) => {
        if (run === undefined || !SPECIAL.has(run.type)) return true;
        const isSame = run.type === 'mmio_direct' && P2m.mfnOf(run, at) === target;
        return isSame ? false : { ret: -ERRNO.EPERM, conflict: run };
      },
      write: (at, frames, target) => this.put(at, frames, target, 'mmio_direct'),
    });
  }

  /**
   * Unmaps MMIO (unmap_mmio_regions with clear_mmio_p2m_entry): -EINVAL for a frame that is not mmio_direct; an entry
   * with another machine frame goes all the same.
   */
  unmapMmio(start: Gfn, count: number, mfn: Mfn, limit = MAX_OPERATIONS_PER_CALL): P2mResult {
    return this.inPieces(start, count, mfn, limit, {
      check: (_at, _target, run) => run?.type === 'mmio_direct' || { ret: -ERRNO.EINVAL },
      write: (at, frames) => this.cut(at, frames),
    });
  }

  /**
   * Walks a region in p2m operations as Xen does, `limit` at most: one for 2 MiB where both frames are aligned and the
   * slot has no table, else one for each frame. Operations on neighbouring frames that are alike are done in one go, so
   * that the time it takes depends on how many runs there are, not on how many frames.
   */
  private inPieces(start: Gfn, count: number, mfn: Mfn, limit: number, { check, write }: FrameOperation): P2mResult {
    const isCoaligned = (mfn - start) % FRAMES_OF_2M === 0;
    let done = 0;
    for (let operations = 0; done < count && operations < limit; ) {
      const at = (start + done) as Gfn;
      const run = this.at(at);
      const alike = Math.min(count - done, run === undefined ? this.gapFrom(at) : run.last - at + 1);
      const large = isCoaligned && at % FRAMES_OF_2M === 0 ? Math.min(alike, this.withoutTableFrom(at)) : 0;
      const isLarge = large >= FRAMES_OF_2M;
      const most = isLarge
        ? Math.floor(large / FRAMES_OF_2M)
        : Math.min(alike, isCoaligned ? this.toNextLarge(at) : alike);
      const times = Math.min(most, limit - operations);
      const frames = isLarge ? times * FRAMES_OF_2M : times;
      const verdict = check(at, (mfn + done) as Mfn, run);
      if (typeof verdict !== 'boolean') return done > 0 ? { ...verdict, ret: done } : verdict;
      if (verdict) {
        write(at, frames, (mfn + done) as Mfn);
        if (!isLarge) this.addTables(at, frames);
      }
      done += frames;
      operations += times;
    }
    return done === count ? DONE : { ret: done };
  }

  private addTables(first: number, count: number): void {
    const from = slotOf(first);
    const to = slotOf(first + count - 1);
    if (count > 0 && !this.tables.contains(from, to)) this.tables.add(from, to);
  }

  /** Entries as large as possible take the tables of the slots that they fill, and make those that they fill in part. */
  private updateTables(first: number, count: number, isCoaligned: boolean): void {
    this.addTables(first, count);
    const from = Math.ceil(first / FRAMES_OF_2M);
    const to = slotOf(first + count) - 1;
    if (isCoaligned && from <= to) this.tables.remove(from, to);
  }

  /** Number of frames from `frame`, where a slot begins, up to the next slot with a table. */
  private withoutTableFrom(frame: number): number {
    const next = this.tables.from(slotOf(frame));
    return next === undefined ? Number.POSITIVE_INFINITY : Math.max(0, next.first * FRAMES_OF_2M - frame);
  }

  /** Number of frames from `frame` up to where 2 MiB might be done at once. */
  private toNextLarge(frame: number): number {
    const slot = slotOf(frame);
    const next = this.tables.from(slot);
    const lastSlot = next !== undefined && next.first <= slot ? next.last : slot;
    return (lastSlot + 1) * FRAMES_OF_2M - frame;
  }

  /** Number of frames from `frame` on without entry. */
  private gapFrom(frame: Gfn): number {
    const next = this.runs[this.indexFrom(frame)];
    return next === undefined ? Number.POSITIVE_INFINITY : next.first - frame;
  }
}

const slotOf = (frame: number): number => Math.floor(frame / FRAMES_OF_2M);
