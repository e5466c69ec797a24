// SPDX-License-Identifier: GPL-2.0-only
import { has, or, shiftLeft } from '../num/bits.ts';
import type { Sbdf } from '../num/sbdf.ts';
import { busOf, devfnOf } from '../num/sbdf.ts';
import { highHalf, lowHalf, wrapU64 } from '../num/u64.ts';
import { leaveDefinedBehaviour } from '../xen/trail.ts';
import type { MappedWindow } from './events.ts';
import type { ConfigWindow, DesignwareState, HostBridge } from './host-bridge.ts';
import { readWindow, writeWindow } from './host-bus.ts';
import type { ArmWorld } from './world.ts';

/**
 * The outbound address translation unit of DesignWare PCIe controllers: the one child window shows whatever device it
 * was last pointed at (xen/arch/arm/pci/pci-designware.c).
 */

/** Registers of the viewport layout, in the bridge's own config window. */
const VIEWPORT = {
  select: 0x900,
  control1: 0x904,
  control2: 0x908,
  lowerBase: 0x90c,
  upperBase: 0x910,
  lowerLimit: 0x914,
  lowerTarget: 0x918,
  upperTarget: 0x91c,
  upperLimit: 0x924,
} as const;

/** Registers of the unrolled layout, from the region's own offset in the unit's window. */
const UNROLLED = {
  control1: 0x00,
  control2: 0x04,
  lowerBase: 0x08,
  upperBase: 0x0c,
  lowerLimit: 0x10,
  lowerTarget: 0x14,
  upperTarget: 0x18,
  upperLimit: 0x20,
} as const;

const REGION = 1;
const UNROLLED_REGION_OFFSET = shiftLeft(REGION, 9);
const INCREASE_REGION_SIZE = 0x2000;
const ENABLE = 0x80000000;
const ENABLE_POLLS = 5;
/** From this version on, a region may end above 4 GiB in the viewport layout. */
const VERSION_WITH_UPPER_LIMIT = 0x460a;
/** With so few viewports the region is shared with I/O space and has to be given back after each access. */
const SHARED_VIEWPORTS = 2;

const TYPE = { io: 2, cfg0: 4 } as const;

type RegionType = keyof typeof TYPE;
type RegisterWrite = readonly [register: number, value: number];

/** A misaligned register is not written and reads as 0. */
const isAligned = (window: MappedWindow, register: number): boolean => (window.address + BigInt(register)) % 4n === 0n;

const writeRegister = (world: ArmWorld, window: MappedWindow, register: number, value: number): void => {
  if (isAligned(window, register)) writeWindow(world, window, register, 4, value);
};

const readRegister = (world: ArmWorld, window: MappedWindow, register: number): number =>
  isAligned(window, register) ? readWindow(world, window, register, 4) : 0;

const viewportWrites = (child: ConfigWindow, type: RegionType, target: number, version: number): RegisterWrite[] => {
  const limit = wrapU64(child.address + child.size - 1n);
  const wide = version >= VERSION_WITH_UPPER_LIMIT;
  const beyond4G = highHalf(wrapU64(child.size - 1n)) !== 0;
  return [
    [VIEWPORT.select, REGION],
    [VIEWPORT.lowerBase, lowHalf(child.address)],
    [VIEWPORT.upperBase, highHalf(child.address)],
    [VIEWPORT.lowerLimit, lowHalf(limit)],
    ...(wide ? [[VIEWPORT.upperLimit, highHalf(limit)] as const] : []),
    [VIEWPORT.lowerTarget, target],
    [VIEWPORT.upperTarget, 0],
    [VIEWPORT.control1, beyond4G && wide ? or(TYPE[type], INCREASE_REGION_SIZE) : TYPE[type]],
    [VIEWPORT.control2, ENABLE],
  ];
};

const unrolledWrites = (child: ConfigWindow, type: RegionType, target: number): RegisterWrite[] => {
  const limit = wrapU64(child.address + child.size - 1n);
  const beyond4G = highHalf(wrapU64(child.size - 1n)) !== 0;
  return [
    [UNROLLED.lowerBase, lowHalf(child.address)],
    [UNROLLED.upperBase, highHalf(child.address)],
    [UNROLLED.lowerLimit, lowHalf(limit)],
    [UNROLLED.upperLimit, highHalf(limit)],
    [UNROLLED.lowerTarget, target],
    [UNROLLED.upperTarget, 0],
    [UNROLLED.control1, beyond4G ? or(TYPE[type], INCREASE_REGION_SIZE) : TYPE[type]],
    [UNROLLED.control2, ENABLE],
  ];
};

interface Access {
  readonly world: ArmWorld;
  readonly bridge: HostBridge;
  readonly child: ConfigWindow;
  readonly state: DesignwareState;
}

/** Points the region at a target; false when it does not become enabled (dw_pcie_prog_outbound_atu). */
const program = ({ world, bridge, child, state }: Access, type: RegionType, target: number): boolean => {
  if (state.unroll && state.atu === undefined) {
    leaveDefinedBehaviour(world, 'undefined.designware-unit-not-mapped', { name: bridge.node.path });
    return false;
  }
  const window = state.unroll && state.atu !== undefined ? state.atu : bridge.root;
  const offset = state.unroll ? UNROLLED_REGION_OFFSET : 0;
  const writes = state.unroll
    ? unrolledWrites(child, type, target)
    : viewportWrites(child, type, target, state.version);
  for (const [register, value] of writes) writeRegister(world, window, offset + register, value);
  const control2 = offset + (state.unroll ? UNROLLED.control2 : VIEWPORT.control2);
  for (let poll = 0; poll < ENABLE_POLLS; poll++) if (has(readRegister(world, window, control2), ENABLE)) return true;
  return false;
};

const mapDevice = (access: Access, sbdf: Sbdf): boolean =>
  program(access, 'cfg0', or(shiftLeft(busOf(sbdf), 24), shiftLeft(devfnOf(sbdf), 16)));

const giveBack = (access: Access): void => {
  if (access.state.viewports <= SHARED_VIEWPORTS) program(access, 'io', 0);
};

/** Config read through the child window; undefined when the device could not be reached (dw_pcie_child_config_read). */
export const readBehindChild = (access: Access, sbdf: Sbdf, reg: number, sizeBytes: number): number | undefined => {
  const { world, bridge, child, state } = access;
  if (!state.unrollKnown) {
    if (readRegister(world, bridge.root, VIEWPORT.select) === 0xffffffff) state.unroll = true;
    state.unrollKnown = true;
  }
  if (!mapDevice(access, sbdf)) return undefined;
  const value = readWindow(world, child, reg, sizeBytes);
  giveBack(access);
  return value;
};

/** Config write through the child window; does not find out the register layout first (dw_pcie_child_config_write). */
export const writeBehindChild = (access: Access, sbdf: Sbdf, reg: number, sizeBytes: number, value: number): void => {
  if (!mapDevice(access, sbdf)) return;
  writeWindow(access.world, access.child, reg, sizeBytes, value);
  giveBack(access);
};
