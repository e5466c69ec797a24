// SPDX-License-Identifier: GPL-2.0-only
import { formatSbdf } from '../num/sbdf.ts';
import { hex } from '../num/u64.ts';
import type { ArmEvent } from './events.ts';
import { bridgeEvent, handlerEvent } from './events.ts';
import type { FrameRange } from './host-bridge.ts';
import type { ArmWorld } from './world.ts';

/** State for golden files and the last line of a replay, in stable order. */
export interface ArmStateJson {
  readonly bridges: readonly ArmEvent[];
  readonly domains: Readonly<Record<string, readonly ArmEvent[]>>;
  /** dom0's rights to I/O memory: first and last frame, ascending, coalesced. */
  readonly permitted: readonly (readonly [string, string])[];
  /** dom0's 1:1 mappings, in the same form. */
  readonly mapped: readonly (readonly [string, string])[];
  /** Proposal: what guests call devices, by the host's name. */
  readonly guestSbdfs?: Readonly<Record<string, string>>;
}

const coalesce = (ranges: readonly FrameRange[]): readonly (readonly [string, string])[] => {
  const merged: FrameRange[] = [];
  for (const range of [...ranges].filter(({ first, last }) => first <= last).sort((a, b) => a.first - b.first)) {
    const previous = merged.at(-1);
    if (previous === undefined || range.first > previous.last + 1) merged.push(range);
    else merged[merged.length - 1] = { first: previous.first, last: Math.max(previous.last, range.last) };
  }
  return merged.map(({ first, last }) => [hex(first), hex(last)]);
};

export const armState = (world: ArmWorld): ArmStateJson => ({
  bridges: world.bridges.map(bridgeEvent),
  domains: Object.fromEntries(
    [...world.domains]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { handlers }]) => [name, handlers.map(handlerEvent)]),
  ),
  permitted: coalesce(world.permitted),
  mapped: coalesce(world.mapped),
  ...(world.guestSbdfs.size === 0
    ? {}
    : { guestSbdfs: Object.fromEntries([...world.guestSbdfs].map((pair) => pair.map(formatSbdf))) }),
});
