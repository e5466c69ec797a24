// SPDX-License-Identifier: GPL-2.0-only
import { COMMAND, COMMAND_MEMORY, ROM_ADDRESS, ROM_ADDRESS_BRIDGE } from '../machine/header-registers.ts';
import { has, or } from '../num/bits.ts';
import type { Bar, PciDev, World } from '../xen/state.ts';
import { applyRule } from '../xen/trail.ts';
import { isMappable, NORMAL_BARS, ROM_ADDRESS_ENABLE, setBarEnabled } from './bar.ts';
import { makeMsixHoles } from './msix-hole.ts';
import { vpciOf } from './registers.ts';

/** is_memory_hole: whether no part of the frames is in the memory map. */
export const isMemoryHole = (world: World, firstMfn: number, lastMfn: number): boolean =>
  world.hw.machine.memoryMap.every(
    ({ first, last }) => Math.floor(last / 4096) < firstMfn || Math.floor(first / 4096) > lastMfn,
  );

/** pci_check_bar: whether a BAR may be mapped where it is. Since pages are cut out one by one, always. */
export const isBarPlaceAllowed = (world: World, bar: Bar): boolean =>
  world.behaviours.barOverMemoryMap === 'pages-cut-out' || isMemoryHole(world, bar.firstMfn, bar.lastMfn);

/** The ROM's enable bit was toggled with memory decoding on. */
const switchRom = (world: World, dev: PciDev, rom: Bar, enable: boolean): void => {
  if (isBarPlaceAllowed(world, rom)) setBarEnabled(world, rom, enable);
  vpciOf(dev).romEnabled = enable;
  const reg = rom.index === NORMAL_BARS ? ROM_ADDRESS : ROM_ADDRESS_BRIDGE;
  const address = Number(BigInt.asUintN(32, rom.address));
  world.hw.write(dev.sbdf, reg, 4, or(address, enable ? ROM_ADDRESS_ENABLE : 0));
};

/**
 * What follows a finished (un)map request (xen/drivers/vpci/header.c: modify_decoding): BARs count as mapped or not,
 * then the command register, or the ROM register, is written.
 */
export const changeDecoding = (world: World, dev: PciDev, command: number, romOnly: boolean): void => {
  const vpci = vpciOf(dev);
  const isMap = has(command, COMMAND_MEMORY);
  const { msixHole } = world.behaviours;
  const needsHole = isMap && !romOnly;
  if (needsHole && msixHole === 'before-enabling' && makeMsixHoles(world, dev) !== 0) return;
  if (romOnly) {
    const rom = vpci.bars.find((bar) => bar.type === 'rom');
    if (rom !== undefined) switchRom(world, dev, rom, isMap);
    return;
  }
  for (const bar of vpci.bars)
    if (isMappable(bar.type) && (bar.type !== 'rom' || vpci.romEnabled) && isBarPlaceAllowed(world, bar))
      setBarEnabled(world, bar, isMap);
  if (needsHole && msixHole === 'after-enabling' && makeMsixHoles(world, dev) !== 0) return;
  world.hw.write(dev.sbdf, COMMAND, 2, command);
  vpci.barsMapped = isMap;
  applyRule(world, isMap ? 'decoding.on' : 'decoding.off', { sbdf: dev.sbdf });
};
