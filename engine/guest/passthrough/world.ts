// SPDX-License-Identifier: GPL-2.0-only
import type { Sbdf } from '../../num/sbdf.ts';
import type { Trail } from '../../xen/state.ts';

/** Bytes of a guest's address space. */
export interface Area {
  readonly address: bigint;
  readonly size: bigint;
}

/** What the toolstack keeps for BARs: one area below 4 GiB, one above. */
export type AreaName = 'low' | 'high';

/** A memory BAR of a device as dom0's sysfs shows it. */
export interface PhysicalBar {
  readonly index: number;
  readonly is64: boolean;
  readonly prefetchable: boolean;
  readonly physical: bigint;
  readonly sizeBytes: bigint;
}

export interface VirtualBar extends PhysicalBar {
  /** undefined: nobody has decided yet. */
  virtual: bigint | undefined;
}

/** A device that the toolstack gave to a guest. */
export interface PassedDevice {
  readonly domain: string;
  readonly host: Sbdf;
  /** What the guest calls it on its virtual bus. */
  readonly guest: Sbdf;
  readonly bars: readonly VirtualBar[];
}

/** A 32-bit BAR register as pciback shows it (Linux drivers/xen/xen-pciback/conf_space_header.c, struct pci_bar_info). */
export interface BarRegister {
  value: number;
  readonly sizeValue: number;
  /** Low bits that are no address. */
  readonly flags: number;
  /** The last write was of all ones: the size is read. */
  showsSize: boolean;
  readonly bar: VirtualBar | undefined;
}

/** A device that pciback serves, with its registers by offset. */
export interface ServedDevice extends Omit<PassedDevice, 'bars'> {
  readonly registers: ReadonlyMap<number, BarRegister>;
}

/** Actors in dom0 that hand devices to guests. */
export interface PassthroughWorld {
  readonly areas: Readonly<Record<AreaName, Area>>;
  readonly trail: Trail | undefined;
  readonly passed: PassedDevice[];
  /** By path. */
  readonly xenstore: Map<string, string>;
  readonly served: ServedDevice[];
}

export const makePassthroughWorld = (
  areas: Readonly<Record<AreaName, Area>>,
  trail: Trail | undefined,
): PassthroughWorld => ({ areas, trail, passed: [], xenstore: new Map(), served: [] });
