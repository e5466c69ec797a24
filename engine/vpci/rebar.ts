// SPDX-License-Identifier: GPL-2.0-only
import { EXTENDED_CAPABILITY } from '../machine/capability-ids.ts';
import { BASE_ADDRESS_0 } from '../machine/header-registers.ts';
import { and, extract } from '../num/bits.ts';
import { ERRNO } from '../num/errno.ts';
import { hasBit } from '../num/u64.ts';
import { findExtendedCapability } from '../xen/capability.ts';
import { sizeMemoryBar } from '../xen/size-bar.ts';
import type { Bar, PciDev, RegisterHandler, World } from '../xen/state.ts';
import { applyRule } from '../xen/trail.ts';
import { isMemoryBar, NORMAL_BARS, placeOnHost } from './bar.ts';
import { addRegister, hardwareReadOnlyRegister, hardwareRegister, vpciOf } from './registers.ts';

/** Resizable BAR extended capability (PCIe 6.0, 7.8.6): a capability and a control register for each BAR. */
const capabilityReg = (nth: number): number => 4 + 8 * nth;
const controlReg = (nth: number): number => 8 + 8 * nth;
const BAR_INDEX = 0x00000007;
const BAR_COUNT = 0x000000e0;
const BAR_SIZE = 0x00003f00;
const SIZES_IN_CAPABILITY = 0xfffffff0;
const SIZES_IN_CONTROL = 0xffff0000;
const SMALLEST_SIZE_SHIFT = 20;
/** The control register's sizes go on where the 28 of the capability register end. */
const SIZES_IN_CAPABILITY_COUNT = 28;

const barOf = (dev: PciDev, subject: unknown): Bar => {
  const bar = vpciOf(dev).bars.find((candidate) => candidate === subject);
  if (bar === undefined) throw new Error('a resizable BAR register without BAR');
  return bar;
};

/** Resizes a BAR unless it is mapped; address and size are then read back (rebar_ctrl_write). */
const control: RegisterHandler = {
  read: hardwareRegister.read,
  write: (world, dev, register, value) => {
    const bar = barOf(dev, register.subject);
    const exponent = extract(value, BAR_SIZE);
    const size = 2n ** BigInt(exponent + SMALLEST_SIZE_SHIFT);
    if (bar.enabled) {
      applyRule(world, size === bar.sizeBytes ? 'bar.write-of-same-value' : 'rebar.write-while-mapped', {
        sbdf: dev.sbdf,
        bar: bar.index,
      });
      return;
    }
    if (!hasBit(bar.resizableSizes, exponent))
      applyRule(world, 'rebar.size-not-supported', { sbdf: dev.sbdf, bar: bar.index });
    world.hw.write(dev.sbdf, register.offset, 4, value);
    const slot = bar.index === NORMAL_BARS - 1 ? 'last' : 'bar';
    const { address, sizeBytes } = sizeMemoryBar(world, dev.sbdf, BASE_ADDRESS_0 + bar.index * 4, slot);
    placeOnHost(world, bar, address ?? bar.address, sizeBytes);
  },
};

/** Traps one BAR's control register; one that names no memory BAR is left alone. Answers 0 or a negated errno. */
const initOne = (world: World, dev: PciDev, position: number, nth: number): number => {
  const vpci = vpciOf(dev);
  const reg = position + controlReg(nth);
  const value = world.hw.read(dev.sbdf, reg, 4);
  const index = and(value, BAR_INDEX);
  const bar = index < NORMAL_BARS ? vpci.bars[index] : undefined;
  if (bar === undefined || !isMemoryBar(bar.type)) {
    applyRule(world, 'rebar.no-memory-bar', { sbdf: dev.sbdf, bar: index });
    return 0;
  }
  const ret = addRegister(vpci, control, reg, 4, { subject: bar });
  if (ret !== 0) {
    applyRule(world, 'rebar.register-taken', { sbdf: dev.sbdf, bar: index });
    return world.behaviours.hiddenCapability === 'control-read-only' ? ret : 0;
  }
  const inCapability = extract(world.hw.read(dev.sbdf, position + capabilityReg(nth), 4), SIZES_IN_CAPABILITY);
  bar.resizableSizes =
    BigInt(inCapability) + BigInt(extract(value, SIZES_IN_CONTROL)) * 2n ** BigInt(SIZES_IN_CAPABILITY_COUNT);
  return 0;
};

/** Traps the resizable BAR capability, which guests do not get (init_rebar). Answers 0 or a negated errno. */
export const initRebar = (world: World, dev: PciDev): number => {
  if (world.behaviours.resizableBars === 'hardware') return 0;
  const vpci = vpciOf(dev);
  const position = findExtendedCapability(world, dev, EXTENDED_CAPABILITY.resizableBar);
  if (position === 0) return 0;
  if (dev.domain?.isHwdom !== true) return -ERRNO.EOPNOTSUPP;
  const count = extract(world.hw.read(dev.sbdf, position + controlReg(0), 4), BAR_COUNT);
  vpci.rebarOffset = position;
  vpci.rebarCount = count;
  for (let nth = 0; nth < count; nth++) {
    const ret = initOne(world, dev, position, nth);
    if (ret !== 0) return ret;
  }
  return 0;
};

/** Takes a failed capability back and makes its control registers read-only (cleanup_rebar). */
export const hideRebarRegisters = (_world: World, dev: PciDev): number => {
  const vpci = vpciOf(dev);
  const { rebarOffset, rebarCount } = vpci;
  if (rebarOffset === 0 || rebarCount === 0) return 0;
  if (!vpci.registers.removeInside(rebarOffset + capabilityReg(0), controlReg(rebarCount - 1))) return -ERRNO.ERANGE;
  for (let nth = 0; nth < rebarCount; nth++) {
    const ret = addRegister(vpci, hardwareReadOnlyRegister, rebarOffset + controlReg(nth), 4);
    if (ret !== 0) return ret;
  }
  return 0;
};
