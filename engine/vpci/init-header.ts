// SPDX-License-Identifier: GPL-2.0-only
import {
  BASE_ADDRESS_0,
  BASE_ADDRESS_IO,
  BASE_ADDRESS_PREFETCHABLE,
  BASE_ADDRESS_TYPE_64,
  COMMAND,
  COMMAND_MEMORY,
  HEADER_TYPE,
  ROM_ADDRESS,
  ROM_ADDRESS_BRIDGE,
} from '../machine/header-registers.ts';
import { and, has, without } from '../num/bits.ts';
import { ERRNO } from '../num/errno.ts';
import { type SizedBar, sizeMemoryBar } from '../xen/size-bar.ts';
import type { Bar, PciDev, Vpci, World } from '../xen/state.ts';
import { applyRule } from '../xen/trail.ts';
import {
  addRangeSet,
  BASE_ADDRESS_TYPE_MASK,
  BRIDGE_BARS,
  NORMAL_BARS,
  placeOnHost,
  ROM_ADDRESS_ENABLE,
} from './bar.ts';
import { initCapabilityLists } from './capability-lists.ts';
import {
  GUEST_COMMAND_INITIALLY_OFF,
  GUEST_COMMAND_PRESERVED,
  guestBar,
  guestCommand,
  hwdomBar,
  hwdomCommand,
  isTreatedAsGuest,
  romRegister,
} from './header.ts';
import { requestMap } from './map-bars.ts';
import { addRegister, valueRegister, vpciOf } from './registers.ts';

/** Header layouts that Xen knows (PCI Local Bus 3.0, 6.1; PCI-to-PCI Bridge 1.2, 3.2): by header type. */
const LAYOUTS = [
  { bars: NORMAL_BARS, romRegister: ROM_ADDRESS },
  { bars: BRIDGE_BARS, romRegister: ROM_ADDRESS_BRIDGE },
] as const;

/** Traps a BAR's register for whoever owns the device. */
const trapBar = (vpci: Vpci, isHwdom: boolean, reg: number): number =>
  addRegister(vpci, isHwdom ? hwdomBar : guestBar, reg, 4);

/** What a guest sees of a BAR that is not there: 0, whatever it writes. */
const trapAsZero = (vpci: Vpci, reg: number): number => addRegister(vpci, valueRegister, reg, 4);

const adoptSize = (world: World, bar: Bar, sized: SizedBar, prefetchable: boolean): void => {
  const { address, sizeBytes } = sized;
  bar.prefetchable = prefetchable;
  if (address !== undefined) placeOnHost(world, bar, address, sizeBytes);
};

/** Sizes one BAR and traps its register. Answers 0 or a negated errno. */
const initBar = (world: World, dev: PciDev, bar: Bar, barCount: number): number => {
  const vpci = vpciOf(dev);
  const isHwdom = dev.domain?.isHwdom === true;
  const reg = BASE_ADDRESS_0 + bar.index * 4;
  if (vpci.bars[bar.index - 1]?.type === 'mem64lo') {
    bar.type = 'mem64hi';
    return trapBar(vpci, isHwdom, reg);
  }
  const value = world.hw.read(dev.sbdf, reg, 4);
  if (has(value, BASE_ADDRESS_IO)) {
    bar.type = 'io';
    return world.hideGuestIoBars && !isHwdom ? trapAsZero(vpci, reg) : 0;
  }
  bar.type = and(value, BASE_ADDRESS_TYPE_MASK) === BASE_ADDRESS_TYPE_64 ? 'mem64lo' : 'mem32';
  addRangeSet(world, bar);
  const sized = sizeMemoryBar(world, dev.sbdf, reg, bar.index === barCount - 1 ? 'last' : 'bar');
  if (sized.sizeBytes === 0n) {
    bar.type = 'empty';
    return isHwdom ? 0 : trapAsZero(vpci, reg);
  }
  adoptSize(world, bar, sized, has(value, BASE_ADDRESS_PREFETCHABLE));
  return trapBar(vpci, isHwdom, reg);
};

/** Sizes the expansion ROM and traps its register; guests see none. Answers 0 or a negated errno. */
const initRom = (world: World, dev: PciDev, rom: Bar, reg: number): number => {
  const vpci = vpciOf(dev);
  if (dev.domain?.isHwdom !== true) {
    applyRule(world, 'guest.no-rom', { sbdf: dev.sbdf });
    return trapAsZero(vpci, reg);
  }
  const sized = sizeMemoryBar(world, dev.sbdf, reg, 'rom');
  if (sized.sizeBytes === 0n) return 0;
  rom.type = 'rom';
  adoptSize(world, rom, sized, false);
  vpci.romEnabled = has(world.hw.read(dev.sbdf, reg, 4), ROM_ADDRESS_ENABLE);
  if (addRegister(vpci, romRegister, reg, 4) !== 0) rom.type = 'empty';
  else addRangeSet(world, rom);
  return 0;
};

/** All BARs and the ROM; memory decoding is off meanwhile. On failure the command register is put back. */
const initBars = (world: World, dev: PciDev, layout: (typeof LAYOUTS)[number]): number => {
  const vpci = vpciOf(dev);
  const isGuest = isTreatedAsGuest(world, dev);
  const original = world.hw.read(dev.sbdf, COMMAND, 2);
  const command = isGuest ? without(original, GUEST_COMMAND_INITIALLY_OFF) : original;
  vpci.guestCommand = command;
  if (isGuest || has(command, COMMAND_MEMORY)) world.hw.write(dev.sbdf, COMMAND, 2, without(command, COMMAND_MEMORY));
  let ret = 0;
  for (const bar of vpci.bars.slice(0, layout.bars)) {
    ret = initBar(world, dev, bar, layout.bars);
    if (ret !== 0) break;
  }
  const rom = vpci.bars[layout.bars];
  if (ret === 0 && rom !== undefined) ret = initRom(world, dev, rom, layout.romRegister);
  if (ret !== 0) {
    world.hw.write(dev.sbdf, COMMAND, 2, command);
    return ret;
  }
  return has(command, COMMAND_MEMORY) ? requestMap(world, dev, command, false) : 0;
};

/**
 * Sets up the emulated header of a device: command, status, BARs, ROM; if memory decoding is on, its BARs are mapped
 * (xen/drivers/vpci/header.c: vpci_init_header, in earlier releases init_header and init_bars). Answers 0 or a negated
 * errno.
 */
export const initHeader = (world: World, dev: PciDev): number => {
  const vpci = vpciOf(dev);
  const layout = LAYOUTS[and(world.hw.read(dev.sbdf, HEADER_TYPE, 1), 0x7f)];
  if (layout === undefined) {
    applyRule(world, 'header.unknown-type', { sbdf: dev.sbdf });
    return -ERRNO.EOPNOTSUPP;
  }
  const isGuest = isTreatedAsGuest(world, dev);
  const ret = addRegister(vpci, isGuest ? guestCommand : hwdomCommand, COMMAND, 2, {
    reservedPreservedMask: isGuest ? GUEST_COMMAND_PRESERVED : 0,
  });
  if (ret !== 0) return ret;
  if (world.behaviours.capabilityListSetUp === 'with-header') {
    const listRet = initCapabilityLists(world, dev);
    if (listRet !== 0) return listRet;
  }
  if (dev.ignoreBars) {
    applyRule(world, 'header.bars-ignored', { sbdf: dev.sbdf });
    return 0;
  }
  return initBars(world, dev, layout);
};
