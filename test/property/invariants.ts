// SPDX-License-Identifier: GPL-2.0-only
import { MAX_FRAME } from '../../engine/num/frames.ts';
import { frameOf } from '../../engine/num/u64.ts';
import { isMappable } from '../../engine/vpci/bar.ts';
import { msixTableAddress, msixTableBar, msixTableSizeBytes } from '../../engine/vpci/msix-table.ts';
import type { P2m, P2mEntry } from '../../engine/xen/p2m.ts';
import type { Bar, Domain, PciDev, World } from '../../engine/xen/state.ts';

/** Each of these says what is wrong, in a list that is empty in a sound world. */

const hexOf = (value: number): string => `0x${value.toString(16)}`;

const domainsOf = (world: World): readonly Domain[] => [...world.domains.values(), world.domXen, world.domIo];

const barsOf = (world: World): readonly Bar[] => [...world.devices.values()].flatMap((dev) => dev.vpci?.bars ?? []);

export const enabledBars = (world: World): readonly Bar[] => barsOf(world).filter((bar) => bar.enabled);

const isFrame = (value: number): boolean => Number.isSafeInteger(value) && value >= 0 && value <= MAX_FRAME;

/** Runs of a p2m: of frames, ascending, apart, and as long as they can be. */
export const p2mFaults = (p2m: P2m): readonly string[] => {
  const runs = p2m.list();
  return runs.flatMap((run, index) => {
    const faults: string[] = [];
    const next = runs[index + 1];
    if (!(isFrame(run.first) && isFrame(run.last) && isFrame(run.mfn) && run.first <= run.last))
      faults.push(`no run of frames: ${JSON.stringify(run)}`);
    if (next === undefined) return faults;
    if (next.first <= run.last) faults.push(`runs overlap at ${hexOf(next.first)}`);
    const continues = next.first === run.last + 1 && next.mfn === run.mfn + (next.first - run.first);
    if (continues && next.type === run.type) faults.push(`two runs instead of one at ${hexOf(next.first)}`);
    return faults;
  });
};

export const allP2mFaults = (world: World): readonly string[] =>
  domainsOf(world).flatMap(({ name, p2m }) => p2mFaults(p2m).map((fault) => `${name}: ${fault}`));

/** The index of enabled BARs has exactly those whose flag is set. */
export const barIndexFaults = (world: World): readonly string[] => {
  const indexed = new Set<Bar>();
  world.enabledBars.forEachOverlapping(0, MAX_FRAME, (bar) => indexed.add(bar));
  const enabled = new Set(enabledBars(world));
  const nameOf = ({ dev, index }: Bar): string => `BAR ${index} of ${hexOf(dev.sbdf)}`;
  return [
    ...[...enabled].filter((bar) => !indexed.has(bar)).map((bar) => `${nameOf(bar)} is not in the index`),
    ...[...indexed].filter((bar) => !enabled.has(bar)).map((bar) => `${nameOf(bar)} is in the index but not enabled`),
  ];
};

export type Snapshot = ReadonlyMap<string, readonly P2mEntry[]>;

/** The p2m of all domains, to compare with later. */
export const takeSnapshot = (world: World): Snapshot =>
  new Map(domainsOf(world).map(({ name, p2m }) => [name, p2m.list().map((run) => ({ ...run }))]));

/** Whether `frame` of a snapshot maps to `mfn` as MMIO already, and up to where it does so. */
const sameUntil = (runs: readonly P2mEntry[], frame: number, mfn: number): number | undefined => {
  const run = runs.find(({ first, last }) => first <= frame && last >= frame);
  return run !== undefined && run.type === 'mmio_direct' && run.mfn + (frame - run.first) === mfn
    ? run.last
    : undefined;
};

/** MMIO that was mapped since the snapshot without a right to its machine frames. */
export const unpermittedMappings = (world: World, before: Snapshot): readonly string[] =>
  domainsOf(world).flatMap(({ name, p2m, iomem }) => {
    const old = before.get(name) ?? [];
    const bounds = old.flatMap(({ first, last }) => [first, last + 1]);
    const faults: string[] = [];
    for (const run of p2m.list()) {
      if (run.type !== 'mmio_direct') continue;
      const cuts = [run.first, ...bounds.filter((at) => at > run.first && at <= run.last), run.last + 1];
      cuts.sort((a, b) => a - b);
      for (const [index, first] of cuts.slice(0, -1).entries()) {
        const last = (cuts[index + 1] ?? 0) - 1;
        const mfn = run.mfn + (first - run.first);
        if (last < first || sameUntil(old, first, mfn) !== undefined || iomem.contains(mfn, mfn + (last - first)))
          continue;
        faults.push(`${name}: ${hexOf(first)}-${hexOf(last)} maps ${hexOf(mfn)} without a right to it`);
      }
    }
    return faults;
  });

/** The domain in whose p2m a device's BARs are. */
const mappedIn = (world: World, dev: PciDev): Domain | undefined =>
  dev.domain === world.domXen ? world.hwdom : dev.domain;

/** Frames of MSI-X vector tables and PBAs, of those whose BAR is enabled, that are in the owner's p2m. */
export const mappedMsixPages = (world: World): readonly string[] =>
  [...world.devices.values()].flatMap((dev) => {
    const msix = dev.vpci?.msix;
    const domain = mappedIn(world, dev);
    if (msix === undefined || domain === undefined) return [];
    return ([0, 1] as const).flatMap((table) => {
      const bar = msixTableBar(msix, table);
      if (bar === undefined || !bar.enabled || !isMappable(bar.type)) return [];
      const address = msixTableAddress(msix, table);
      const last = frameOf(address + BigInt(msixTableSizeBytes(msix, table) - 1));
      if (frameOf(address) < bar.firstGfn || last > bar.lastGfn) return [];
      return domain.p2m
        .list()
        .filter((run) => run.type === 'mmio_direct' && run.first <= last && run.last >= frameOf(address))
        .map(
          (run) =>
            `${domain.name}: table ${table} of ${hexOf(dev.sbdf)} at ${hexOf(frameOf(address))} ` +
            `is mapped by ${hexOf(run.first)}-${hexOf(run.last)}`,
        );
    });
  });

/** Frames of a BAR that are MMIO in the owner's p2m although neither this BAR nor another one is enabled there. */
export const leftOvers = (world: World, bar: Bar): readonly string[] => {
  const domain = mappedIn(world, bar.dev);
  if (domain === undefined) return [];
  const covered: Bar[] = [];
  world.enabledBars.forEachOverlapping(bar.firstGfn, bar.lastGfn, (other) => covered.push(other));
  const faults: string[] = [];
  for (const run of domain.p2m.list()) {
    if (run.type !== 'mmio_direct' || run.last < bar.firstGfn || run.first > bar.lastGfn) continue;
    let at = Math.max(run.first, bar.firstGfn);
    const last = Math.min(run.last, bar.lastGfn);
    while (at <= last) {
      const cover = covered.find(({ firstGfn, lastGfn }) => firstGfn <= at && lastGfn >= at);
      if (cover === undefined) {
        faults.push(`${domain.name}: ${hexOf(at)} of BAR ${bar.index} of ${hexOf(bar.dev.sbdf)} is still mapped`);
        break;
      }
      at = cover.lastGfn + 1;
    }
  }
  return faults;
};
