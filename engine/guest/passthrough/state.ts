// SPDX-License-Identifier: GPL-2.0-only
import { formatSbdf } from '../../num/sbdf.ts';
import { hex } from '../../num/u64.ts';
import type { PassthroughWorld, VirtualBar } from './world.ts';

/** What the toolstack laid out; absent as long as it has given no device away. */
export interface PassthroughStateJson {
  readonly virtualBars?: Readonly<Record<string, unknown>>;
  readonly xenstore?: Readonly<Record<string, string>>;
}

const barJson = ({ physical, virtual, sizeBytes }: VirtualBar): object => ({
  virtual: virtual === undefined ? null : hex(virtual),
  physical: hex(physical),
  size: hex(sizeBytes),
});

/** State for golden files and the last line of a replay, in stable order. */
export const passthroughState = ({ passed, xenstore }: PassthroughWorld): PassthroughStateJson => {
  const bars = passed.flatMap((device) =>
    device.bars.map((bar) => [`${device.domain} ${formatSbdf(device.host)} bar ${bar.index}`, [barJson(bar)]] as const),
  );
  return {
    ...(bars.length === 0 ? {} : { virtualBars: Object.fromEntries(bars) }),
    ...(xenstore.size === 0
      ? {}
      : { xenstore: Object.fromEntries([...xenstore].sort(([a], [b]) => (a < b ? -1 : 1))) }),
  };
};
