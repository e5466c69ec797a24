// SPDX-License-Identifier: GPL-2.0-only
import { extract, has, highestBit, insert, shiftLeft } from '../num/bits.ts';
import { ERRNO } from '../num/errno.ts';
import { highHalf, lowHalf, withHighHalf, withLowHalf } from '../num/u64.ts';
import {
  MSI_64BIT,
  MSI_CONTROL,
  MSI_ENABLE,
  MSI_MASKABLE,
  MSI_MULTIPLE_CAPABLE,
  MSI_MULTIPLE_ENABLE,
  msiPosition,
} from '../xen/msi.ts';
import type { MsiState, PciDev, RegisterHandler, World } from '../xen/state.ts';
import { applyRule } from '../xen/trail.ts';
import { forceIntxOff } from './intx.ts';
import { addRegister, firstFailure, hardwareReadOnlyRegister, vpciOf } from './registers.ts';

/** The number of vectors has six bits in struct vpci_msi. */
const VECTORS_MODULUS = 64;

const msiOf = (dev: PciDev): MsiState => {
  const { msi } = vpciOf(dev);
  if (msi === undefined) throw new Error('an MSI register without MSI');
  return msi;
};

const controlValue = (dev: PciDev, msi: MsiState): number =>
  insert(highestBit(dev.msiMaxVectors) - 1, MSI_MULTIPLE_CAPABLE) +
  insert(highestBit(msi.vectors) - 1, MSI_MULTIPLE_ENABLE) +
  (msi.enabled ? MSI_ENABLE : 0) +
  (msi.maskable ? MSI_MASKABLE : 0) +
  (msi.address64 ? MSI_64BIT : 0);

/** Message control: Xen keeps state, hardware gets the result (control_write in vpci/msi.c). */
const control: RegisterHandler = {
  read: (_world, dev) => controlValue(dev, msiOf(dev)),
  write: (world, dev, register, value) => {
    const msi = msiOf(dev);
    const asked = shiftLeft(1, extract(value, MSI_MULTIPLE_ENABLE));
    const vectors = Math.min(asked, dev.msiMaxVectors);
    if (vectors < asked) applyRule(world, 'msi.vectors-limited', { sbdf: dev.sbdf });
    const enable = has(value, MSI_ENABLE);
    if (enable === msi.enabled && (vectors === msi.vectors || !msi.enabled)) {
      msi.vectors = vectors % VECTORS_MODULUS;
      return;
    }
    if (enable && msi.enabled) applyRule(world, 'msi.re-enabled', { sbdf: dev.sbdf });
    if (enable && !msi.enabled) forceIntxOff(world, dev);
    msi.vectors = vectors % VECTORS_MODULUS;
    msi.enabled = enable;
    world.hw.write(dev.sbdf, register.offset, 2, controlValue(dev, msi));
  },
};

const addressLow: RegisterHandler = {
  read: (_world, dev) => lowHalf(msiOf(dev).address),
  write: (_world, dev, _register, value) => {
    const msi = msiOf(dev);
    msi.address = withLowHalf(msi.address, value);
  },
};

const addressHigh: RegisterHandler = {
  read: (_world, dev) => highHalf(msiOf(dev).address),
  write: (_world, dev, _register, value) => {
    const msi = msiOf(dev);
    msi.address = withHighHalf(msi.address, value);
  },
};

const data: RegisterHandler = {
  read: (_world, dev) => msiOf(dev).data,
  write: (_world, dev, _register, value) => {
    msiOf(dev).data = value;
  },
};

const mask: RegisterHandler = {
  read: (_world, dev) => msiOf(dev).mask,
  write: (_world, dev, _register, value) => {
    msiOf(dev).mask = value;
  },
};

/** Offsets of the registers behind message control, which depend on its 64-bit flag. */
const layoutOf = (position: number, address64: boolean) => ({
  control: position + MSI_CONTROL,
  addressLow: position + 4,
  addressHigh: position + 8,
  data: position + (address64 ? 12 : 8),
  mask: position + (address64 ? 16 : 12),
  pending: position + (address64 ? 20 : 16),
});

/** Traps the MSI capability (init_msi). Answers 0 or a negated errno; what is set up until then stays. */
export const initMsi = (world: World, dev: PciDev): number => {
  const vpci = vpciOf(dev);
  const position = msiPosition(world, dev);
  if (position === 0) return 0;
  const hardware = world.hw.read(dev.sbdf, position + MSI_CONTROL, 2);
  const address64 = has(hardware, MSI_64BIT);
  const maskable = has(hardware, MSI_MASKABLE);
  vpci.msi = { address: 0n, data: 0, mask: 0, vectors: 1, enabled: false, maskable, address64 };
  const layout = layoutOf(position, address64);
  return firstFailure(
    () => addRegister(vpci, control, layout.control, 2),
    () => addRegister(vpci, addressLow, layout.addressLow, 4),
    () => addRegister(vpci, data, layout.data, 2),
    () => (address64 ? addRegister(vpci, addressHigh, layout.addressHigh, 4) : 0),
    () => (maskable ? addRegister(vpci, mask, layout.mask, 4) : 0),
  );
};

/** Takes a failed MSI capability back and makes its control register read-only for hwdom (cleanup_msi). */
export const hideMsiRegisters = (world: World, dev: PciDev): number => {
  const vpci = vpciOf(dev);
  const position = dev.msiPosition;
  const controlReg = position + MSI_CONTROL;
  if (vpci.msi !== undefined) {
    const hardware = world.hw.read(dev.sbdf, controlReg, 2);
    const layout = layoutOf(position, has(hardware, MSI_64BIT));
    // Without mask bits the structure ends with the data register, whose upper half is reserved.
    const end = has(hardware, MSI_MASKABLE) ? layout.pending : layout.mask - 2;
    if (!vpci.registers.removeInside(controlReg, end - controlReg)) return -ERRNO.ERANGE;
    vpci.msi = undefined;
  }
  if (dev.domain?.isHwdom !== true) return 0;
  return addRegister(vpci, hardwareReadOnlyRegister, controlReg, 2);
};
