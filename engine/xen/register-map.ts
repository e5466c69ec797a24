// SPDX-License-Identifier: GPL-2.0-only
import type { Bar, MsiState, MsixState, PciDev, World } from './state.ts';

/** What reading and writing a trapped register does. Handlers see whole registers only. */
export interface RegisterHandler {
  readonly name: string;
  read(world: World, dev: PciDev, register: Register): number;
  write(world: World, dev: PciDev, register: Register, value: number): void;
}

/** What a handler works on (the `private` pointer of Xen's handlers). */
export type RegisterSubject = Bar | MsiState | MsixState | undefined;

/** struct vpci_register: a trapped register of 1, 2 or 4 bytes at a multiple of its size. */
export interface Register {
  readonly offset: number;
  readonly size: number;
  readonly handler: RegisterHandler;
  readonly subject: RegisterSubject;
  /** Value of a register that Xen makes up; capability hiding changes it. */
  value: number;
  /** Bits that keep their value whatever is written. */
  readonly readOnlyMask: number;
  /** Bits that writing 1 clears. */
  readonly writeOneToClearMask: number;
  /** Bits that read as 0 and keep their value. */
  readonly reservedPreservedMask: number;
  /** Bits that read as 0 and are written as 0. */
  readonly reservedZeroMask: number;
}

const LEGACY_SIZE_BYTES = 0x100;

/** The trapped registers of a device (vpci->handlers), found by byte. They never overlap. */
export class RegisterMap {
  private readonly legacy: (Register | undefined)[] = new Array<Register | undefined>(LEGACY_SIZE_BYTES).fill(
    undefined,
  );
  private readonly extended = new Map<number, Register>();

  /** The register that a byte belongs to. */
  at(offset: number): Register | undefined {
    return offset < LEGACY_SIZE_BYTES ? this.legacy[offset] : this.extended.get(offset);
  }

  /** The register of exactly that place and size (vpci_get_register). */
  exact(offset: number, size: number): Register | undefined {
    const register = this.at(offset);
    return register !== undefined && register.offset === offset && register.size === size ? register : undefined;
  }

  /** False when it would overlap another one (vpci_add_register: -EEXIST). */
  add(register: Register): boolean {
    const end = register.offset + register.size;
    for (let byte = register.offset; byte < end; byte++) if (this.at(byte) !== undefined) return false;
    for (let byte = register.offset; byte < end; byte++) this.put(byte, register);
    return true;
  }

  private put(byte: number, register: Register | undefined): void {
    if (byte < LEGACY_SIZE_BYTES) this.legacy[byte] = register;
    else if (register === undefined) this.extended.delete(byte);
    else this.extended.set(byte, register);
  }

  remove(register: Register): void {
    for (let byte = register.offset; byte < register.offset + register.size; byte++) this.put(byte, undefined);
  }

  /**
   * Removes the registers inside `start` … `start + size - 1`, in ascending order; false at the first that is only
   * partly inside (vpci_remove_registers: -ERANGE).
   */
  removeInside(start: number, size: number): boolean {
    const end = start + size;
    for (let byte = start; byte < end; byte++) {
      const register = this.at(byte);
      if (register === undefined) continue;
      if (register.offset < start || register.offset + register.size > end) return false;
      this.remove(register);
    }
    return true;
  }
}
