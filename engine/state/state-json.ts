// SPDX-License-Identifier: GPL-2.0-only
import { BASE_ADDRESS_0, COMMAND, HEADER_TYPE, ROM_ADDRESS, ROM_ADDRESS_BRIDGE } from '../machine/header-registers.ts';
import { formatSbdf, type Sbdf } from '../num/sbdf.ts';
import { hex, hexPadded } from '../num/u64.ts';
import { walkVfList } from '../xen/look-up.ts';
import type { Bar, Domain, MsiState, MsixEntry, MsixState, PciDev, Vpci, World } from '../xen/state.ts';
import { leaveDefinedBehaviour } from '../xen/trail.ts';
import type { BarJson, DeviceJson, DomainJson, MsiJson, MsixJson, StateJson, VpciJson } from './result.ts';

/** Of an MSI-X table only so many entries are looked at. */
const MAX_ENTRIES_SHOWN = 64;

/** BARs and ROM by header type; others have none that Xen knows. */
const LAYOUTS = [
  { bars: [0, 1, 2, 3, 4, 5], rom: ROM_ADDRESS },
  { bars: [0, 1], rom: ROM_ADDRESS_BRIDGE },
];

const domainJson = (domain: Domain): DomainJson => ({
  p2m: domain.p2m.list().map(({ first, last, mfn, type }) => ({
    gfn: hex(first),
    lastGfn: hex(last),
    mfn: hex(mfn),
    type,
    access: 'rwx',
  })),
  ...(domain.crashed ? { crashed: true as const } : {}),
});

const barJson = (world: World, bar: Bar): BarJson => {
  const pending = bar.ranges?.list() ?? [];
  return {
    type: bar.type,
    address: hex(bar.address),
    guestAddress: hex(bar.guestAddress),
    size: hex(bar.sizeBytes),
    prefetchable: bar.prefetchable,
    enabled: bar.enabled,
    ...(world.behaviours.resizableBars === 'emulated' && bar.resizableSizes !== 0n
      ? { resizable: hex(bar.resizableSizes) }
      : {}),
    ...(pending.length > 0 ? { pending: pending.map(({ first, last }) => [hex(first), hex(last)] as const) } : {}),
  };
};

const msiJson = (msi: MsiState): MsiJson => ({
  enabled: msi.enabled,
  vectors: msi.vectors,
  address: hex(msi.address),
  data: hex(msi.data),
  mask: hex(msi.mask),
  address64: msi.address64,
  maskable: msi.maskable,
});

const isInitial = (entry: MsixEntry): boolean =>
  entry.address === 0n && entry.data === 0 && entry.masked && !entry.updated && !entry.bound;

const msixJson = (msix: MsixState): MsixJson => ({
  enabled: msix.enabled,
  masked: msix.masked,
  entries: msix.entryCount,
  table: hex(msix.tables[0]),
  pba: hex(msix.tables[1]),
  changed: [...msix.entries]
    .filter(([n, entry]) => n < MAX_ENTRIES_SHOWN && !isInitial(entry))
    .sort(([a], [b]) => a - b)
    .map(([n, { address, data, masked, updated, bound }]) => ({
      ...{ n, address: hex(address), data: hex(data) },
      ...{ masked, updated, bound },
    })),
});

const vpciJson = (world: World, vpci: Vpci): VpciJson => {
  const { guestCommand, guestPlace, hiddenCapability } = world.behaviours;
  return {
    ...(world.guestVpciBuild && guestPlace === 'taken'
      ? { guestSbdf: vpci.guestSbdf === undefined ? null : formatSbdf(vpci.guestSbdf) }
      : {}),
    bars: vpci.bars.map((bar) => barJson(world, bar)),
    romEnabled: vpci.romEnabled,
    barsMapped: vpci.barsMapped,
    ...(guestCommand === 'as-hwdom' ? {} : { guestCommand: hex(vpci.guestCommand) }),
    ...(vpci.msi === undefined ? {} : { msi: msiJson(vpci.msi) }),
    ...(vpci.msix === undefined ? {} : { msix: msixJson(vpci.msix) }),
    ...(hiddenCapability === 'control-read-only' && vpci.rebarOffset !== 0
      ? { rebar: { offset: hex(vpci.rebarOffset), bars: vpci.rebarCount } }
      : {}),
  };
};

const hardwareJson = (world: World, sbdf: Sbdf): NonNullable<DeviceJson['hardware']> => {
  const peek = (reg: number): string => hex(world.hw.peek(sbdf, reg, 4));
  const layout = LAYOUTS[world.hw.peek(sbdf, HEADER_TYPE, 1) % 0x80] ?? { bars: [], rom: ROM_ADDRESS };
  return {
    command: hexPadded(world.hw.peek(sbdf, COMMAND, 2), 4),
    bars: layout.bars.map((index) => peek(BASE_ADDRESS_0 + index * 4)),
    rom: peek(layout.rom),
  };
};

/** Of a VF list that does not lead back to its head so many links are shown. */
const MAX_LINKS_SHOWN = 3;

/** VFs of a PF, by SBDF. */
const vfsOf = (world: World, dev: PciDev): readonly string[] => {
  if (dev.virtfn || world.behaviours.vfLink === 'none') return [];
  const { devices, isSound } = walkVfList(world, dev);
  const shown = isSound ? devices : devices.slice(0, MAX_LINKS_SHOWN);
  return shown.map((vf) => (vf.freed ? 'freed' : formatSbdf(vf.sbdf))).sort();
};

/** Stands for a number that is different in each run of Xen: an address in its heap. */
const HEAP_ADDRESS = 'heap-address';

/** Sizes of VF BARs, none if there are none. A former VF shows the address of its PF instead of the first. */
const vfBarSizesOf = (world: World, dev: PciDev): readonly string[] => {
  const { pfPointer } = world.behaviours;
  const sizes = dev.vfBarSizes.map(hex);
  if (pfPointer === 'none') return dev.vfBarSizes.some((size) => size !== 0n) ? sizes : [];
  if (dev.virtfn) return [];
  if (dev.pf !== undefined) return pfPointer === 'shares-memory-not-followed' ? [] : [HEAP_ADDRESS, ...sizes.slice(1)];
  return dev.vfBarSizes.some((size) => size !== 0n) ? sizes : [];
};

const knownDeviceJson = (world: World, dev: PciDev): Omit<DeviceJson, 'known' | 'readOnly' | 'hardware'> => {
  const vfs = vfsOf(world, dev);
  const vfBarSizes = vfBarSizesOf(world, dev);
  const pf = world.behaviours.vfLink === 'none' ? dev.physfn : dev.pf?.sbdf;
  return {
    owner: dev.domain?.name ?? 'none',
    broken: dev.broken,
    ...(dev.goesWithLastVf ? { goesWithLastVf: true as const } : {}),
    quarantine: dev.quarantine,
    ignoreBars: dev.ignoreBars,
    virtfn: dev.virtfn,
    extfn: dev.extfn,
    phantomStride: dev.phantomStride,
    ...(world.behaviours.extendedConfigSpace === 'tracked' ? { extendedConfig: dev.extendedConfig } : {}),
    ...(dev.virtfn && pf !== undefined ? { pf: formatSbdf(pf) } : {}),
    ...(vfs.length === 0 ? {} : { vfs }),
    ...(vfBarSizes.length === 0 ? {} : { vfBarSizes }),
    msiMaxVectors: dev.msiMaxVectors,
    msixEntries: dev.msixEntries,
    vpci: dev.vpci === undefined ? null : vpciJson(world, dev.vpci),
  };
};

/** One device of the state; it may be unknown to all. */
export const deviceJson = (world: World, sbdf: Sbdf): DeviceJson => {
  const dev = world.devices.get(sbdf);
  return {
    known: dev !== undefined,
    readOnly: world.readOnly.has(sbdf),
    ...(dev === undefined ? {} : knownDeviceJson(world, dev)),
    ...(world.hw.isPlugged(sbdf) ? { hardware: hardwareJson(world, sbdf) } : {}),
  };
};

/** Whether the lists that Xen keeps can still be walked; if not, what it would show is undefined. */
const checkLists = (world: World): void => {
  for (const domain of [...world.domains.values(), world.domXen, world.domIo])
    if (domain.listHasFreed) leaveDefinedBehaviour(world, 'undefined.freed-device-listed', { domain: domain.name });
  if (world.behaviours.pfPointer !== 'shares-memory-with-vf-bar-size') return;
  for (const dev of world.devices.values())
    if (dev.pfIsStray && dev.virtfn) leaveDefinedBehaviour(world, 'undefined.stray-pf', { sbdf: dev.sbdf });
};

/** The state as results show it: domains with their p2m, then all devices that machine, Xen or trace know of. */
export const stateJson = (world: World): StateJson => {
  checkLists(world);
  const sbdfs = new Set<Sbdf>([...world.hw.described(), ...world.devices.keys(), ...world.mentioned]);
  return {
    domains: Object.fromEntries([...world.domains.values()].map((domain) => [domain.name, domainJson(domain)])),
    devices: Object.fromEntries(
      [...sbdfs].sort((a, b) => a - b).map((sbdf) => [formatSbdf(sbdf), deviceJson(world, sbdf)]),
    ),
  };
};
