// SPDX-License-Identifier: GPL-2.0-only
import { formatSbdf } from '../num/sbdf.ts';
import { frameOf } from '../num/u64.ts';
import type { ModelWorld } from '../state/model-world.ts';
import { isMappable } from '../vpci/bar.ts';
import { msixTableAddress, msixTableBar, msixTableSizeBytes, PENDING_BITS, VECTOR_TABLE } from '../vpci/msix-table.ts';
import type { P2mEntry } from '../xen/p2m.ts';
import type { Bar, PciDev } from '../xen/state.ts';
import { type Frames, overlap, without } from './frames.ts';

/**
 * What lies at frames of a guest-physical address space:
 * `mapped` an entry of the p2m; `bar` where a BAR is; `msix` pages of its MSI-X tables that the p2m does not map to it,
 * so that accesses trap; `hole` other frames that it should have in the p2m and has not; `pending` frames of a deferred
 * map or unmap.
 */
export type PlaceKind = 'mapped' | 'bar' | 'msix' | 'hole' | 'pending';

/** Guest frames, inclusive, of one domain. */
export interface Place extends Frames {
  readonly domain: string;
  readonly kind: PlaceKind;
  /** The device that it belongs to, and which of its BARs: `bar 0`, `rom`. */
  readonly device?: string;
  readonly bar?: string;
  /** Of `mapped`: the p2m type, and the machine frame unless it is the guest frame. */
  readonly type?: string;
  readonly mfn?: number;
  /** Of `bar`: whether it is enabled, which is to say mapped as far as Xen is concerned. */
  readonly enabled?: boolean;
}

/** Machine frames of a BAR, kept when the BAR moves on: what it left mapped is still its device's. */
interface HostFrames extends Frames {
  readonly device: string;
  readonly bar: string;
}

/** Host frames of enabled BARs by device and BAR, those enabled last at the end. */
export type Memory = Map<string, HostFrames>;

const nameOf = (bar: Bar): string => (bar.type === 'rom' ? 'rom' : `bar ${bar.index}`);

const ownerOf = (bar: Bar): { readonly device: string; readonly bar: string } => ({
  device: formatSbdf(bar.dev.sbdf),
  bar: nameOf(bar),
});

const hostFramesOf = (bar: Bar): HostFrames => ({ first: bar.firstMfn, last: bar.lastMfn, ...ownerOf(bar) });

/** BARs that may be in a p2m. One that wraps around the end of the address space is nowhere. */
const barsOf = (world: ModelWorld): readonly Bar[] =>
  [...world.devices.values()].flatMap(
    ({ vpci }) =>
      vpci?.bars.filter((bar) => isMappable(bar.type) && bar.sizeBytes > 0n && bar.firstGfn <= bar.lastGfn) ?? [],
  );

/** The domain in whose p2m a device's BARs are; those of devices that Xen keeps are in hwdom's. */
const domainOf = (world: ModelWorld, dev: PciDev): string =>
  dev.domain !== undefined && world.domains.has(dev.domain.name) ? dev.domain.name : world.hwdom.name;

/** Takes down where enabled BARs are on the host. */
const remember = (memory: Memory, bars: readonly Bar[]): void => {
  for (const bar of bars) {
    if (!bar.enabled) continue;
    const frames = hostFramesOf(bar);
    const key = `${frames.device} ${frames.bar} ${frames.first} ${frames.last}`;
    memory.delete(key);
    memory.set(key, frames);
  }
};

/** A run of the p2m by the BARs that its machine frames belong to; the first of `owners` that has a frame gets it. */
const mappedPlaces = (domain: string, run: Readonly<P2mEntry>, owners: Iterable<HostFrames>): readonly Place[] => {
  const shift = run.mfn - run.first;
  const place = ({ first, last }: Frames, owner?: HostFrames): Place => ({
    ...{ domain, kind: 'mapped', first: first - shift, last: last - shift, type: run.type },
    ...(shift === 0 ? {} : { mfn: first }),
    ...(owner === undefined ? {} : { device: owner.device, bar: owner.bar }),
  });
  const places: Place[] = [];
  const whole = { first: run.mfn, last: run.mfn + (run.last - run.first) };
  let left: readonly Frames[] = [whole];
  for (const owner of owners) {
    if (owner.last < whole.first || owner.first > whole.last) continue;
    for (const frames of left) {
      const common = overlap(frames, owner);
      if (common !== undefined) places.push(place(common, owner));
    }
    left = left.flatMap((frames) => without(frames, [owner]));
    if (left.length === 0) break;
  }
  return [...places, ...left.map((frames) => place(frames))];
};

/** Guest frames of a device's vector table and PBA, where they are in this BAR. */
const tableFrames = (bar: Bar): readonly Frames[] => {
  const msix = bar.dev.vpci?.msix;
  if (msix === undefined) return [];
  return ([VECTOR_TABLE, PENDING_BITS] as const)
    .filter((table) => msixTableBar(msix, table) === bar)
    .map((table) => {
      const address = msixTableAddress(msix, table);
      return { first: frameOf(address), last: frameOf(address + BigInt(msixTableSizeBytes(msix, table) - 1)) };
    });
};

/** The BAR itself, and which of its frames the p2m does not map to it. */
const barPlaces = (world: ModelWorld, bar: Bar): readonly Place[] => {
  const { firstGfn: first, lastGfn: last, firstMfn, enabled } = bar;
  const domain = domainOf(world, bar.dev);
  const common = { domain, ...ownerOf(bar) };
  const places: Place[] = [{ ...common, kind: 'bar', first, last, enabled }];
  for (const frames of bar.ranges?.list() ?? [])
    places.push({ ...common, kind: 'pending', first: frames.first, last: frames.last });
  if (!enabled) return places;
  const runs = world.domains.get(domain)?.p2m.list() ?? [];
  const missing = without(
    { first, last },
    runs.filter((run) => run.first <= last && run.last >= first && run.mfn - run.first === firstMfn - first),
  );
  const tables = tableFrames(bar);
  for (const frames of missing) {
    for (const hole of without(frames, tables)) places.push({ ...common, kind: 'hole', ...hole });
    for (const page of tables.map((table) => overlap(table, frames)))
      if (page !== undefined) places.push({ ...common, kind: 'msix', ...page });
  }
  return places;
};

/** Deferred work that a vCPU holds, and not the BARs. */
const requestPlaces = (world: ModelWorld): readonly Place[] =>
  [...world.domains.values()].flatMap(({ name, vcpus }) =>
    [...vcpus.values()].flatMap(({ dev, parts = [] }) =>
      parts
        .flatMap(({ ranges }) => ranges.list())
        .map(
          ({ first, last }): Place => ({ domain: name, kind: 'pending', first, last, device: formatSbdf(dev.sbdf) }),
        ),
    ),
  );

/** What Xen maps 1:1 for dom0 on Arm. */
const armPlaces = ({ arm, hwdom }: ModelWorld): readonly Place[] =>
  (arm?.mapped ?? []).map(({ first, last }) => ({ domain: hwdom.name, kind: 'mapped', first, last, type: '1:1' }));

/** All that lies in the guest-physical address spaces now. `memory` is that of the replay so far, and kept up. */
export const placesOf = (world: ModelWorld, memory: Memory): readonly Place[] => {
  const bars = barsOf(world);
  remember(memory, bars);
  const owners = [...[...memory.values()].reverse(), ...bars.filter(({ enabled }) => !enabled).map(hostFramesOf)];
  return [
    ...[...world.domains.values()].flatMap(({ name, p2m }) =>
      p2m.list().flatMap((run) => mappedPlaces(name, run, owners)),
    ),
    ...armPlaces(world),
    ...bars.flatMap((bar) => barPlaces(world, bar)),
    ...requestPlaces(world),
  ];
};
