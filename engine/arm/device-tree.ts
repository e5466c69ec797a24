// SPDX-License-Identifier: GPL-2.0-only
import { ERRNO } from '../num/errno.ts';
import { highHalf, joinU64, lowHalf } from '../num/u64.ts';
import type { World } from '../xen/state.ts';
import { applyRule } from '../xen/trail.ts';
import type { HostBridgeNode, Region } from './description.ts';

/** A look-up in the device tree: what was found, or a negated errno. */
export type DtResult<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: number };

const found = <T>(value: T): DtResult<T> => ({ ok: true, value });
const failed = (error: number): { readonly ok: false; readonly error: number } => ({ ok: false, error });

/**
 * Index of a name in `reg-names`: -EINVAL without that property, -ENODATA without that name
 * (xen/common/device-tree/device-tree.c, dt_property_match_string).
 */
export const findRegName = (node: HostBridgeNode, name: string): DtResult<number> => {
  const names = node.regs.map((reg) => reg.name).filter((each) => each !== undefined);
  if (names.length === 0) return failed(-ERRNO.EINVAL);
  const index = names.indexOf(name);
  return index < 0 ? failed(-ERRNO.ENODATA) : found(index);
};

/** What a translation that failed answers (DT_BAD_ADDR), and so no address that a register can have. */
const BAD_ADDRESS = 2n ** 64n - 1n;

/** The entry of `reg` with this index, -EINVAL if there is none or its address is bad (dt_device_get_address). */
export const regAt = (world: Pick<World, 'trail'>, node: HostBridgeNode, index: number): DtResult<Region> => {
  const reg = node.regs[index];
  if (reg === undefined) return failed(-ERRNO.EINVAL);
  if (reg.address !== BAD_ADDRESS) return found(reg);
  applyRule(world, 'arm.bad-address', { name: node.path });
  return failed(-ERRNO.EINVAL);
};

/** Names of `compatible` and, in most places, of `device_type` are compared without case (dt_compat_cmp, dt_node_cmp). */
export const isSameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** Whether `device_type` says PCI, for rights, mappings and segment numbers (dt_device_type_is_equal). */
export const hasPciType = ({ deviceType }: HostBridgeNode): boolean =>
  deviceType !== undefined && isSameName(deviceType, 'pci');

const PCI_DEVICE_TYPES: readonly (string | undefined)[] = ['pci', 'pciex', 'vci', 'ht'];
const PCI_NODE_NAMES: readonly string[] = ['pcie', 'pci'];

/** Whether the node's own `ranges` are those of a PCI bus; here case does matter (dt_bus_pci_match). */
const isPciBus = (node: HostBridgeNode): boolean =>
  PCI_DEVICE_TYPES.includes(node.deviceType) || PCI_NODE_NAMES.includes(node.name);

const cellsOf = (value: bigint): readonly number[] => [highHalf(value), lowHalf(value)];

/** `#address-cells` and `#size-cells` of the root, and of a node that is taken for an ordinary bus. */
const ROOT_ADDRESS_CELLS = 2;
const SIZE_CELLS = 2;
const PCI_ADDRESS_CELLS = 3;

/**
 * CPU address and size of each entry of `ranges` (dt_for_each_range). Without that property -EINVAL of a PCI bus, none of
 * any other node, which then is no bus at all. The property is a row of cells: of a node that is not recognised as a PCI
 * bus they are cut into entries at the wrong places.
 */
export const rangesOf = (node: HostBridgeNode): DtResult<readonly Region[]> => {
  if (node.ranges === undefined) return isPciBus(node) ? failed(-ERRNO.EINVAL) : found([]);
  const cells = node.ranges.flatMap(({ flags, pci, cpu, size }) => [
    flags,
    ...cellsOf(pci),
    ...cellsOf(cpu),
    ...cellsOf(size),
  ]);
  const childCells = isPciBus(node) ? PCI_ADDRESS_CELLS : ROOT_ADDRESS_CELLS;
  const entryCells = childCells + ROOT_ADDRESS_CELLS + SIZE_CELLS;
  const entries: Region[] = [];
  for (let at = 0; at + entryCells <= cells.length; at += entryCells) {
    const [cpuHi = 0, cpuLo = 0, sizeHi = 0, sizeLo = 0] = cells.slice(at + childCells, at + entryCells);
    entries.push({ address: joinU64(cpuLo, cpuHi), size: joinU64(sizeLo, sizeHi) });
  }
  return found(entries);
};
