// SPDX-License-Identifier: GPL-2.0-only
import { ERRNO } from '../num/errno.ts';
import type { PciDev, Register, RegisterHandler, RegisterSubject, Vpci } from '../xen/state.ts';

/** Reads and writes through to hardware (vpci_hw_read8/16/32, vpci_hw_write8/16). */
export const hardwareRegister: RegisterHandler = {
  read: (world, dev, register) => world.hw.read(dev.sbdf, register.offset, register.size),
  write: (world, dev, register, value) => world.hw.write(dev.sbdf, register.offset, register.size, value),
};

/** Reads hardware, ignores writes (vpci_hw_read… with vpci_ignored_write). */
export const hardwareReadOnlyRegister: RegisterHandler = {
  read: hardwareRegister.read,
  write: () => undefined,
};

/** Reads the value that Xen made up, ignores writes (vpci_read_val). */
export const valueRegister: RegisterHandler = {
  read: (_world, _dev, register) => register.value,
  write: () => undefined,
};

/** Reads the value that Xen made up, writes hardware. */
export const valueOverHardwareRegister: RegisterHandler = {
  read: valueRegister.read,
  write: hardwareRegister.write,
};

/** The parts of a register that most do without. */
export interface RegisterDetails {
  readonly value?: number;
  readonly subject?: RegisterSubject;
  readonly readOnlyMask?: number;
  readonly writeOneToClearMask?: number;
  readonly reservedPreservedMask?: number;
  readonly reservedZeroMask?: number;
}

/**
 * Traps a register (vpci_add_register_mask): 0, -EINVAL for a place that no register can have, or -EEXIST when it
 * overlaps another one.
 */
export const addRegister = (
  vpci: Vpci,
  handler: RegisterHandler,
  offset: number,
  size: 1 | 2 | 4,
  details: RegisterDetails = {},
): number => {
  if (offset >= 0x1000 || offset % size !== 0) return -ERRNO.EINVAL;
  const register: Register = {
    offset,
    size,
    handler,
    subject: details.subject,
    value: details.value ?? 0,
    readOnlyMask: details.readOnlyMask ?? 0,
    writeOneToClearMask: details.writeOneToClearMask ?? 0,
    reservedPreservedMask: details.reservedPreservedMask ?? 0,
    reservedZeroMask: details.reservedZeroMask ?? 0,
  };
  return vpci.registers.add(register) ? 0 : -ERRNO.EEXIST;
};

/** Runs set-up steps until one fails; answers its negated errno, or 0. */
export const firstFailure = (...steps: readonly (() => number)[]): number => {
  for (const step of steps) {
    const ret = step();
    if (ret !== 0) return ret;
  }
  return 0;
};

/** The device's vPCI; that it has one is what the caller has checked. */
export const vpciOf = (dev: PciDev): Vpci => {
  if (dev.vpci === undefined) throw new Error('a device without vPCI has no handlers');
  return dev.vpci;
};
