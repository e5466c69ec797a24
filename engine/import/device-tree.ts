// SPDX-License-Identifier: GPL-2.0-only
import type { Parsed } from '../trace/problem.ts';
import { type FlatNode, type FlatProperty, parseFlatTree } from './flat-tree.ts';

/**
 * What a device tree says of who serves a guest's virtio devices, as the `deviceTree:` of a machine file: nodes that
 * others refer to as their IOMMU, PCI host bridges, PCI devices that have nodes, and platform devices with `iommus` or
 * `virtio,mmio`.
 */

type Value = number | boolean | string | null | readonly (number | string)[];

/** An entry: its name and its keys, in the order in which they are written. */
type Entries = Map<string, ReadonlyMap<string, Value>>;

const SECTIONS = ['iommus', 'hostBridges', 'pci', 'platform'] as const;

/** Numbers of such keys are ids, cells or phandles, and shorter as that. */
const textOf = (value: Value): string =>
  Array.isArray(value) && value.every((item) => typeof item === 'number')
    ? `[${value.map((cell) => `0x${cell.toString(16)}`).join(', ')}]`
    : JSON.stringify(value);

interface Found {
  readonly sections: Readonly<Record<(typeof SECTIONS)[number], Entries>>;
  readonly notes: string[];
}

const textsOf = (node: FlatNode, name: string): readonly string[] => node.properties.get(name)?.texts ?? [];
const cellOf = (node: FlatNode, name: string): number | undefined => node.properties.get(name)?.cells[0];

const phandleOf = (node: FlatNode): number | undefined => cellOf(node, 'phandle') ?? cellOf(node, 'linux,phandle');

/** PCI Bus Binding to IEEE 1275: host bridges and bridges have this device type. */
const isPciBridge = (node: FlatNode): boolean => textsOf(node, 'device_type').includes('pci');

const MASTER_PROPERTIES = [
  ['iommus', 'iommus'],
  ['iommu-map', 'iommuMap'],
  ['iommu-map-mask', 'iommuMapMask'],
] as const;

const CELL_BYTES = 4;

const propertyKeys = (key: string, { cells, sizeBytes }: FlatProperty): readonly (readonly [string, Value])[] => {
  const odd = sizeBytes % CELL_BYTES === 0 ? [] : [[`${key}Bytes`, sizeBytes] as const];
  return [[key, cells], ...odd];
};

const masterKeys = (node: FlatNode): readonly (readonly [string, Value])[] =>
  MASTER_PROPERTIES.flatMap(([name, key]) => {
    const property = node.properties.get(name);
    return property === undefined ? [] : propertyKeys(key, property);
  });

/** Adds an entry by the node's name, with a number behind it where that is taken. */
const addEntry = (entries: Entries, { name }: FlatNode, keys: readonly (readonly [string, Value])[]): string => {
  let unique = name;
  for (let number = entries.size; entries.has(unique); number += 1) unique = `${name}-${number}`;
  entries.set(unique, new Map(keys));
  return unique;
};

const noteDisabled = (found: Found, node: FlatNode): void => {
  if (textsOf(node, 'status').some((status) => status === 'disabled')) found.notes.push(`${node.name} is disabled`);
};

/** Bits 23:8 of the first cell of `reg`: bus, device and function (PCI Bus Binding, phys.hi). */
const requesterId = (reg: number): number => Math.floor(reg / 0x100) % 0x10000;

const addPciDevices = (found: Found, host: string, node: FlatNode, parentBridges: number): void => {
  for (const child of node.children) {
    const reg = cellOf(child, 'reg');
    if (isPciBridge(child)) addPciDevices(found, host, child, parentBridges + 1);
    else if (reg !== undefined) {
      const keys: readonly (readonly [string, Value])[] = [
        ['host', host],
        ['rid', requesterId(reg)],
        ...(parentBridges > 0 ? [['parentBridges', parentBridges] as const] : []),
        ...masterKeys(child),
      ];
      addEntry(found.sections.pci, child, keys);
      noteDisabled(found, child);
    }
  }
};

const addIommu = (found: Found, node: FlatNode, phandle: number | undefined): void => {
  const cells = cellOf(node, '#iommu-cells');
  const compatible = textsOf(node, 'compatible');
  addEntry(found.sections.iommus, node, [
    ...(compatible.length > 0 ? [['compatible', compatible] as const] : []),
    ['iommuCells', cells ?? null],
    ...(phandle === undefined ? [] : [['phandle', phandle] as const]),
  ]);
};

const isPlatformDevice = (node: FlatNode): boolean =>
  node.properties.has('iommus') || textsOf(node, 'compatible').includes('virtio,mmio');

const walk = (found: Found, node: FlatNode, targets: ReadonlySet<number>): void => {
  const phandle = phandleOf(node);
  if (node.properties.has('#iommu-cells') || (phandle !== undefined && targets.has(phandle)))
    addIommu(found, node, phandle);
  if (isPciBridge(node)) {
    const host = addEntry(found.sections.hostBridges, node, masterKeys(node));
    noteDisabled(found, node);
    addPciDevices(found, host, node, 0);
    return;
  }
  if (isPlatformDevice(node)) {
    addEntry(found.sections.platform, node, masterKeys(node));
    noteDisabled(found, node);
  }
  for (const child of node.children) walk(found, child, targets);
};

/** Phandles that `iommus` and `iommu-map` of any node may mean; a number that is none of a node does no harm. */
const iommuTargets = (node: FlatNode, targets: Set<number>): ReadonlySet<number> => {
  for (const cell of node.properties.get('iommus')?.cells.slice(0, 1) ?? []) targets.add(cell);
  const map = node.properties.get('iommu-map')?.cells ?? [];
  for (let at = 1; at < map.length; at += 4) targets.add(map[at] ?? 0);
  for (const child of node.children) iommuTargets(child, targets);
  return targets;
};

const sectionLines = (name: string, entries: Entries): readonly string[] => {
  if (entries.size === 0) return [`  ${name}: {}`];
  const lines = [...entries].map(([entry, keys]) => {
    const items = [...keys].map(
      ([key, value]) => `${key}: ${key === 'rid' ? `0x${value?.toString(16)}` : textOf(value)}`,
    );
    return `    ${JSON.stringify(entry)}: ${items.length === 0 ? '{}' : `{ ${items.join(', ')} }`}`;
  });
  return [`  ${name}:`, ...lines];
};

/** A machine file, and what it leaves open. */
export interface DeviceTreeImport {
  readonly machine: string;
  readonly notes: readonly string[];
}

/** A machine file of a .dtb: no devices for Xen, but what grant operations need to know of the guest's. */
export const importDeviceTree = (bytes: Uint8Array): Parsed<DeviceTreeImport> => {
  const tree = parseFlatTree(bytes);
  if (!tree.ok) return tree;
  const found: Found = {
    sections: { iommus: new Map(), hostBridges: new Map(), pci: new Map(), platform: new Map() },
    notes: [],
  };
  walk(found, tree.value, iommuTargets(tree.value, new Set()));
  const { sections, notes } = found;
  if (sections.hostBridges.size > 0 && sections.pci.size === 0)
    notes.push('no PCI device has a node; name those that are there under pci, each with host and rid');
  const lines = ['machine: 1', 'arch: arm', 'memoryMap: []', 'devices: {}', 'deviceTree:'];
  for (const name of SECTIONS) lines.push(...sectionLines(name, sections[name]));
  return { ok: true, value: { machine: `${lines.join('\n')}\n`, notes } };
};
