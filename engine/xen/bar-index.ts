// SPDX-License-Identifier: GPL-2.0-only

/** First and last guest frame, inclusive. */
interface GuestFrames {
  readonly firstGfn: number;
  readonly lastGfn: number;
}

/**
 * Enabled BARs, found by the guest frames they cover, at a cost that does not grow with BARs elsewhere. BARs are kept
 * in classes by size: one of up to 2^k frames touches at most two buckets of 2^k frames of class k.
 */
export class BarIndex<B extends GuestFrames> {
  private readonly classes = new Map<number, Map<number, B[]>>();

  private static sizeClass(bar: GuestFrames): number {
    return 2 ** Math.ceil(Math.log2(Math.max(1, bar.lastGfn - bar.firstGfn + 1)));
  }

  private *bucketsOf(bar: B): Generator<[frames: number, bucket: number]> {
    const frames = BarIndex.sizeClass(bar);
    for (let bucket = Math.floor(bar.firstGfn / frames); bucket * frames <= bar.lastGfn; bucket++)
      yield [frames, bucket];
  }

  add(bar: B): void {
    for (const [frames, bucket] of this.bucketsOf(bar)) {
      let buckets = this.classes.get(frames);
      if (buckets === undefined) {
        buckets = new Map();
        this.classes.set(frames, buckets);
      }
      const bars = buckets.get(bucket);
      if (bars === undefined) buckets.set(bucket, [bar]);
      else bars.push(bar);
    }
  }

  /** Takes a BAR out; its frames must be those it was added with. */
  remove(bar: B): void {
    for (const [frames, bucket] of this.bucketsOf(bar)) {
      const buckets = this.classes.get(frames);
      const bars = buckets?.get(bucket);
      if (buckets === undefined || bars === undefined) continue;
      const at = bars.indexOf(bar);
      if (at >= 0) bars.splice(at, 1);
      if (bars.length === 0) buckets.delete(bucket);
      if (buckets.size === 0) this.classes.delete(frames);
    }
  }

  /** Calls `visit` with each BAR that overlaps frames `first` to `last`; one may come twice. */
  forEachOverlapping(first: number, last: number, visit: (bar: B) => void): void {
    for (const [frames, buckets] of this.classes) {
      const from = Math.floor(first / frames);
      const to = Math.floor(last / frames);
      const visitBucket = (bars: readonly B[] | undefined): void => {
        if (bars !== undefined) for (const bar of bars) if (bar.firstGfn <= last && bar.lastGfn >= first) visit(bar);
      };
      if (to - from < buckets.size) for (let bucket = from; bucket <= to; bucket++) visitBucket(buckets.get(bucket));
      else for (const bars of buckets.values()) visitBucket(bars);
    }
  }
}
