// SPDX-License-Identifier: GPL-2.0-only

/** Bytes from `address` on. */
export interface Region {
  readonly address: bigint;
  readonly size: bigint;
}

/** One entry of `reg`. */
export interface RegionDescription extends Region {
  /** Its name in `reg-names`. */
  readonly name: string | undefined;
}

/** One entry of `ranges`: the three address spaces of the PCI bus binding and what the CPU sees, in bytes. */
export interface RangeDescription {
  /** First cell: space and prefetchable (0x01000000 I/O, 0x02000000 memory, 0x43000000 prefetchable 64-bit memory). */
  readonly flags: number;
  readonly pci: bigint;
  readonly cpu: bigint;
  readonly size: bigint;
}

/** A PCI host bridge as the host's device tree has it, directly below the root. */
export interface HostBridgeNode {
  /** Full path, unique. */
  readonly path: string;
  readonly compatible: string;
  /** `device_type`; undefined: the node has none. */
  readonly deviceType: string | undefined;
  /** Name of the node, from its path unless it has a `name` property. */
  readonly name: string;
  readonly status: 'okay' | 'disabled';
  /** `xen,passthrough`: meant for a guest. */
  readonly passthrough: boolean;
  /** `reg` and `reg-names`, in device tree order; without any name there is no `reg-names`. */
  readonly regs: readonly RegionDescription[];
  /** `bus-range`: two cells, as they stand. */
  readonly busRange: readonly [number, number] | undefined;
  /** `linux,pci-domain`: a cell. */
  readonly pciDomain: number | undefined;
  /** undefined: no `ranges` property; empty: an empty one. */
  readonly ranges: readonly RangeDescription[] | undefined;
  /** `num-viewport` of a DesignWare bridge. */
  readonly numViewport: number | undefined;
  /** Path of the ITS that the node's interrupt parent leads to. */
  readonly its: string | undefined;
}

/** An interrupt translation service of the host. */
export interface ItsNode {
  /** Full path, unique. */
  readonly path: string;
  /** Of its registers, in bytes. */
  readonly address: bigint;
}

/** Where a guest has what the toolstack lays out, in bytes of its own address space. */
export interface GuestLayout {
  /** Kept for BARs: one area below 4 GiB, one above. */
  readonly areas: { readonly low: Region; readonly high: Region };
  /** Registers of the virtual ITS; undefined: guests have none. */
  readonly its: bigint | undefined;
}

/** How Xen was built and started, as far as PCI on Arm asks. */
export interface ArmOptions {
  /** Whether domains have vPCI: false in every release, true shows what the code would do with it. */
  readonly hasVpci: boolean;
  /** Command line option `pci-passthrough`. */
  readonly pciPassthrough: boolean;
  /** Whether an IOMMU is in use. */
  readonly iommu: boolean;
  /** Booted with ACPI instead of a device tree. */
  readonly acpi: boolean;
}

export interface ArmMachine {
  readonly options: ArmOptions;
  readonly its: readonly ItsNode[];
  readonly guest: GuestLayout;
  /** In device tree order, which is the order of probing. */
  readonly hostBridges: readonly HostBridgeNode[];
}

export const DEFAULT_ARM_OPTIONS: ArmOptions = { hasVpci: false, pciPassthrough: false, iommu: true, acpi: false };
