// SPDX-License-Identifier: GPL-2.0-only

/** First and last guest frame, inclusive. */
interface GuestFrames {
  readonly firstGfn: number;
  readonly lastGfn: number;
}

/** Smaller BARs share buckets of this size: looking at a few neighbours costs less than looking into more buckets. */
const SMALLEST_BUCKET_FRAMES = 16;

/**
 * Enabled BARs, found by the guest frames they cover, at a cost that does not grow with BARs elsewhere. BARs are kept
 * in classes by size: one of up to 2^k frames touches at most two buckets of 2^k frames of class k.
 */
export class BarIndex<B extends GuestFrames> {
  private readonly classes = new Map<number, Map<number, B[]>>();

  /** Frames of a bucket of the class that a BAR belongs to. */
  private static bucketFrames(bar: GuestFrames): number {
    const frames = Math.max(SMALLEST_BUCKET_FRAMES, bar.lastGfn - bar.firstGfn + 1);
    return 2 ** Math.ceil(Math.log2(frames));
  }

  add(bar: B): void {
    const frames = BarIndex.bucketFrames(bar);
    let buckets = this.classes.get(frames);
    if (buckets === undefined) {
      buckets = new Map();
      this.classes.set(frames, buckets);
    }
    for (let bucket = Math.floor(bar.firstGfn / frames); bucket * frames <= bar.lastGfn; bucket++) {
      const bars = buckets.get(bucket);
      if (bars === undefined) buckets.set(bucket, [bar]);
      else bars.push(bar);
    }
  }

  /** Takes a BAR out; its frames must be those it was added with. */
  remove(bar: B): void {
    const frames = BarIndex.bucketFrames(bar);
    const buckets = this.classes.get(frames);
    if (buckets === undefined) return;
    for (let bucket = Math.floor(bar.firstGfn / frames); bucket * frames <= bar.lastGfn; bucket++) {
      const bars = buckets.get(bucket);
      const at = bars?.indexOf(bar) ?? -1;
      if (at >= 0) bars?.splice(at, 1);
      if (bars?.length === 0) buckets.delete(bucket);
    }
  }

  /** Calls `visit` with each BAR that overlaps frames `first` to `last`; one may come twice. */
  forEachOverlapping(first: number, last: number, visit: (bar: B) => void): void {
    for (const [frames, buckets] of this.classes) {
      const from = Math.floor(first / frames);
      const to = Math.floor(last / frames);
      if (to - from < buckets.size)
        for (let bucket = from; bucket <= to; bucket++) visitOverlapping(buckets.get(bucket), first, last, visit);
      else for (const bars of buckets.values()) visitOverlapping(bars, first, last, visit);
    }
  }
}

const visitOverlapping = <B extends GuestFrames>(
  bars: readonly B[] | undefined,
  first: number,
  last: number,
  visit: (bar: B) => void,
): void => {
  if (bars !== undefined) for (const bar of bars) if (bar.firstGfn <= last && bar.lastGfn >= first) visit(bar);
};
