// SPDX-License-Identifier: GPL-2.0-only

/**
 * What a machine file says under `deviceTree:` and `grants:`. Cells are 32-bit numbers; in `iommus` and `iommuMap` a
 * string stands for the phandle of the node with that name. A `…Bytes` key cuts the property to that many bytes or
 * extends it with zero bytes, as a broken device tree does.
 */

/** A cell, or the name of the node whose phandle it is. */
type Cell = number | string;

export interface NodeDescription {
  /** False: the device has no node. */
  readonly node?: boolean | undefined;
  readonly iommus?: readonly Cell[] | undefined;
  readonly iommusBytes?: number | undefined;
  readonly iommuMap?: readonly Cell[] | undefined;
  readonly iommuMapBytes?: number | undefined;
  readonly iommuMapMask?: readonly number[] | undefined;
  readonly iommuMapMaskBytes?: number | undefined;
}

interface IommuDescription {
  readonly compatible?: readonly string[] | undefined;
  /** `#iommu-cells`; null: the node does not have it. */
  readonly iommuCells?: number | null | undefined;
  readonly phandle?: number | undefined;
}

export interface HostBridgeDescription extends NodeDescription {
  /** False: the root bus's bridge has no parent device, as with ACPI. */
  readonly parent?: boolean | undefined;
  /** Proposal: what the root complex's register answers, backend by requester id; such a bridge has the register. */
  readonly backends?: Readonly<Record<string, number>> | undefined;
}

interface PciDeviceDescription extends NodeDescription {
  readonly host: string;
  /** Requester id: bus in bits 15:8, device and function in 7:0. */
  readonly rid: number;
  /** Proposal: the backend that a register of the device names; such a device has the register. */
  readonly backendRegister?: number | undefined;
  /** PCI bridges between the root bus and the device. */
  readonly parentBridges?: number | undefined;
}

/** The keys of `deviceTree:` that describe who serves a virtio device; other parts of the model may have more. */
export interface DeviceTreeDescription {
  readonly iommus?: Readonly<Record<string, IommuDescription>> | undefined;
  readonly hostBridges?: Readonly<Record<string, HostBridgeDescription>> | undefined;
  readonly pci?: Readonly<Record<string, PciDeviceDescription>> | undefined;
  readonly platform?: Readonly<Record<string, NodeDescription>> | undefined;
}

/** The guest whose grant table is modelled and how it was built. */
export interface GrantsDescription {
  readonly guest: string;
  /** Limit of grant frames that Xen has for the guest; it starts with one. */
  readonly frames: number;
  /** The newest version of tables that the toolstack lets the guest choose; on Arm there is no other than 1. */
  readonly maxVersion: 1 | 2;
  /** Guest frame where its kernel maps its table, frame by frame; without, nobody knows where that is. */
  readonly tableGfn?: number | undefined;
  /** Frames that Xen may use for the handles of one domain's mappings. */
  readonly maptrackFrames: number;
  /** First frame number that is not the guest's memory; without, every frame is. */
  readonly maxGfn?: number | undefined;
  /** First frame of what the guest allocates for coherent buffers; counts up and is not used again. */
  readonly firstAllocPfn: number;
  /** Built with CONFIG_XEN_VIRTIO_FORCE_GRANT. */
  readonly forceGrant: boolean;
  /** A PV guest. */
  readonly pv: boolean;
  /** The guest is the initial domain. */
  readonly dom0: boolean;
  /** Proposal: the backend when grants are forced. */
  readonly forcedBackend: number;
  /** Proposal: how long a front end waits for its link, in ms. */
  readonly linkWaitMs: number;
}

/** What the grants part needs of a machine file. */
export interface GrantMachine {
  readonly deviceTree: DeviceTreeDescription;
  readonly grants: GrantsDescription;
}

/** Number of a requester id as a key of `backends`: `0x0008` or `8`; undefined if it is none. */
export const parseRequesterId = (text: string): number | undefined => {
  const value = /^(?:0x[0-9a-f]{1,4}|\d{1,5})$/i.test(text) ? Number(text) : Number.NaN;
  return value <= 0xffff ? value : undefined;
};
