// SPDX-License-Identifier: GPL-2.0-only

/** Where a register is, in bytes. */
interface Placed {
  readonly offset: number;
  readonly size: number;
}

const LEGACY_SIZE_BYTES = 0x100;

/** The trapped registers of a device (vpci->handlers), found by byte. They never overlap. */
export class RegisterMap<R extends Placed> {
  private readonly legacy: (R | undefined)[] = new Array<R | undefined>(LEGACY_SIZE_BYTES).fill(undefined);
  private readonly extended = new Map<number, R>();

  /** The register that a byte belongs to. */
  at(offset: number): R | undefined {
    return offset < LEGACY_SIZE_BYTES ? this.legacy[offset] : this.extended.get(offset);
  }

  /** The register of exactly that place and size (vpci_get_register). */
  exact(offset: number, size: number): R | undefined {
    const register = this.at(offset);
    return register !== undefined && register.offset === offset && register.size === size ? register : undefined;
  }

  /** False when it would overlap another one (vpci_add_register: -EEXIST). */
  add(register: R): boolean {
    const end = register.offset + register.size;
    for (let byte = register.offset; byte < end; byte++) if (this.at(byte) !== undefined) return false;
    for (let byte = register.offset; byte < end; byte++) this.put(byte, register);
    return true;
  }

  private put(byte: number, register: R | undefined): void {
    if (byte < LEGACY_SIZE_BYTES) this.legacy[byte] = register;
    else if (register === undefined) this.extended.delete(byte);
    else this.extended.set(byte, register);
  }

  remove(register: R): void {
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
