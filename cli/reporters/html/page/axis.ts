// SPDX-License-Identifier: GPL-2.0-only
import type { Frames } from '../../../../engine/timeline/frames.ts';

/** A stretch of the address axis, between two places where something begins or ends at some time. */
export interface Stretch {
  readonly first: number;
  /** Exclusive. */
  readonly end: number;
  /** In pixels. */
  readonly y: number;
  readonly height: number;
  /** Nothing is ever here: drawn as a break. */
  readonly isGap: boolean;
}

export interface Axis {
  readonly stretches: readonly Stretch[];
  readonly height: number;
  /** Where a frame begins that something begins or ends at; undefined: another one. */
  at(frame: number): number | undefined;
}

const GAP_HEIGHT = 22;
const PAGE_HEIGHT = 20;
const HEIGHT_PER_DOUBLING = 5;
const MAX_HEIGHT = 120;

/**
 * An axis on which pages and gigabytes have room side by side: a stretch grows with the logarithm of its size, and gaps
 * are all alike.
 */
export const axisOf = (ranges: Iterable<Frames>): Axis => {
  const all = [...ranges];
  const edges = [...new Set(all.flatMap(({ first, last }) => [first, last + 1]))].sort((a, b) => a - b);
  const stretches: Stretch[] = [];
  let y = 0;
  edges.slice(0, -1).forEach((first, index) => {
    const end = edges[index + 1] ?? first;
    const isGap = !all.some((range) => range.first < end && range.last >= first);
    const height = isGap
      ? GAP_HEIGHT
      : Math.min(MAX_HEIGHT, Math.round(PAGE_HEIGHT + HEIGHT_PER_DOUBLING * Math.log2(end - first)));
    stretches.push({ first, end, y, height, isGap });
    y += height;
  });
  const tops = new Map([...stretches.map((stretch) => [stretch.first, stretch.y] as const), [edges.at(-1) ?? 0, y]]);
  return { stretches, height: y, at: (frame) => tops.get(frame) };
};

/** Where a range is drawn that others overlap: one of `count` columns beside each other. */
export interface Column {
  readonly column: number;
  readonly count: number;
}

/** Columns for ranges that would lie on each other. Only those that overlap, directly or by others, share the width. */
export const columnsOf = (ranges: readonly Frames[]): readonly Column[] => {
  const order = [...ranges.keys()].sort((a, b) => (ranges[a]?.first ?? 0) - (ranges[b]?.first ?? 0) || a - b);
  const result = new Map<number, Column>();
  let cluster: { readonly index: number; readonly column: number }[] = [];
  let ends: number[] = [];
  const close = (): void => {
    for (const { index, column } of cluster) result.set(index, { column, count: ends.length });
    [cluster, ends] = [[], []];
  };
  for (const index of order) {
    const range = ranges[index];
    if (range === undefined) continue;
    if (ends.every((end) => end < range.first)) close();
    const free = ends.findIndex((end) => end < range.first);
    const column = free >= 0 ? free : ends.length;
    ends[column] = range.last;
    cluster.push({ index, column });
  }
  close();
  return [...ranges.keys()].map((index) => result.get(index) ?? { column: 0, count: 1 });
};
