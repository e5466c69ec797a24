// SPDX-License-Identifier: GPL-2.0-only
import { and } from '../../num/bits.ts';
import {
  type DeviceTreeDescription,
  type HostBridgeDescription,
  type NodeDescription,
  parseRequesterId,
} from './description.ts';

const CELL_BYTES = 4;

/** A property's value: whole big-endian cells and the length it has; up to three bytes may follow the last cell. */
export interface Property {
  readonly cells: readonly number[];
  readonly sizeBytes: number;
}

export interface IommuNode {
  readonly name: string;
  readonly compatible: readonly string[];
  /** `#iommu-cells`; undefined: the node does not have it. */
  readonly iommuCells: number | undefined;
}

/** A node that masters memory: a host bridge, a PCI device or a platform device. */
export interface MasterNode {
  readonly iommus: Property | undefined;
  readonly iommuMap: Property | undefined;
  readonly iommuMapMask: Property | undefined;
}

export interface HostBridge {
  /** Node of the root bus's bridge's parent; undefined: there is no parent, or it has no node. */
  readonly node: MasterNode | undefined;
  /** Proposal: the register of the root complex, backend by requester id. */
  readonly backends: ReadonlyMap<number, number> | undefined;
}

export type VirtioDevice =
  | {
      readonly bus: 'pci';
      readonly host: HostBridge;
      readonly rid: number;
      readonly parentBridges: number;
      /** Proposal: the backend that the device itself names. */
      readonly backendRegister: number | undefined;
    }
  | { readonly bus: 'platform'; readonly node: MasterNode | undefined };

export interface DeviceTree {
  readonly phandles: ReadonlyMap<number, IommuNode>;
  /** By name, as traces call them. */
  readonly devices: ReadonlyMap<string, VirtioDevice>;
}

type Cells = readonly (number | string)[];

const makeProperty = (
  cells: Cells | undefined,
  sizeBytes: number | undefined,
  phandleOf: ReadonlyMap<string, number>,
): Property | undefined => {
  if (cells === undefined) return undefined;
  const size = sizeBytes ?? cells.length * CELL_BYTES;
  const whole = Math.floor(size / CELL_BYTES);
  const values = cells.slice(0, whole).map((cell) => (typeof cell === 'number' ? cell : (phandleOf.get(cell) ?? 0)));
  while (values.length < whole) values.push(0);
  return { cells: values, sizeBytes: size };
};

const makeNode = (node: NodeDescription, phandleOf: ReadonlyMap<string, number>): MasterNode | undefined =>
  node.node === false
    ? undefined
    : {
        iommus: makeProperty(node.iommus, node.iommusBytes, phandleOf),
        iommuMap: makeProperty(node.iommuMap, node.iommuMapBytes, phandleOf),
        iommuMapMask: makeProperty(node.iommuMapMask, node.iommuMapMaskBytes, phandleOf),
      };

/** Nodes without a phandle of their own get the lowest free ones from 1 on, in file order. */
const assignPhandles = (tree: DeviceTreeDescription): ReadonlyMap<string, number> => {
  const nodes = Object.entries(tree.iommus ?? {});
  const taken = new Set(nodes.map(([, node]) => node.phandle));
  const phandleOf = new Map<string, number>();
  let next = 1;
  for (const [name, node] of nodes) {
    while (node.phandle === undefined && taken.has(next)) next += 1;
    phandleOf.set(name, node.phandle ?? next);
    if (node.phandle === undefined) next += 1;
  }
  return phandleOf;
};

const makeHostBridge = (bridge: HostBridgeDescription, phandleOf: ReadonlyMap<string, number>): HostBridge => ({
  node: bridge.parent === false ? undefined : makeNode(bridge, phandleOf),
  backends:
    bridge.backends === undefined
      ? undefined
      : new Map(Object.entries(bridge.backends).map(([rid, domid]) => [parseRequesterId(rid) ?? 0, domid])),
});

/** The tree of a description that {@link deviceTreeSchema} has checked. */
export const makeDeviceTree = (tree: DeviceTreeDescription): DeviceTree => {
  const phandleOf = assignPhandles(tree);
  const phandles = new Map<number, IommuNode>();
  for (const [name, node] of Object.entries(tree.iommus ?? {})) {
    const iommuCells = node.iommuCells === undefined ? 1 : (node.iommuCells ?? undefined);
    phandles.set(phandleOf.get(name) ?? 0, { name, compatible: node.compatible ?? [], iommuCells });
  }
  const bridges = new Map(
    Object.entries(tree.hostBridges ?? {}).map(([name, bridge]) => [name, makeHostBridge(bridge, phandleOf)]),
  );
  const devices = new Map<string, VirtioDevice>();
  for (const [name, device] of Object.entries(tree.pci ?? {})) {
    const host = bridges.get(device.host);
    if (host === undefined) throw new Error(`host bridge ${device.host} was not checked`);
    const { rid, parentBridges = 0, backendRegister } = device;
    devices.set(name, { bus: 'pci', host, rid, parentBridges, backendRegister });
  }
  for (const [name, device] of Object.entries(tree.platform ?? {}))
    devices.set(name, { bus: 'platform', node: makeNode(device, phandleOf) });
  return { phandles, devices };
};

/** The first cell; undefined if the property has not even one (Linux drivers/of/property.c, of_property_read_u32). */
export const readU32 = (property: Property | undefined): number | undefined => property?.cells[0];

/** Whether a node has that `compatible` string, of whatever case (Linux drivers/of/base.c, of_device_is_compatible). */
export const isCompatible = (node: IommuNode | undefined, compatible: string): boolean =>
  node?.compatible.some((entry) => entry.toLowerCase() === compatible.toLowerCase()) ?? false;

/** Cut to 32 bits, as u32 arithmetic does. */
export const u32 = (value: number): number => and(value, 0xffffffff);
