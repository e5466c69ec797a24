// SPDX-License-Identifier: GPL-2.0-only
import type { Sbdf } from '../num/sbdf.ts';

/**
 * A device in plain form: what its config space holds and how it reacts to writes. Registers are dwords by offset
 * (absent: 0). A write changes the writable bits, then clears the write-one-to-clear bits that are written as 1.
 * BAR sizes follow from the write masks, as on real hardware (PCI Local Bus 3.0, 6.2.5.1).
 */
export interface PlainDevice {
  readonly sbdf: Sbdf;
  readonly registers: ReadonlyMap<number, number>;
  readonly writable: ReadonlyMap<number, number>;
  readonly writeOneToClear: ReadonlyMap<number, number>;
  /** Whether registers from 0x100 on exist; without, they read as all ones and drop writes. */
  readonly extended: boolean;
  /** Extended space mirrors the first 256 bytes, as behind some bridges. */
  readonly aliased: boolean;
  /** False: absent until `hw.plug`. */
  readonly present: boolean;
  /** Present only while this PF's VF Enable is set. */
  readonly presentWith: Sbdf | undefined;
  /** Offset of the SR-IOV capability. */
  readonly sriov: number | undefined;
  /** BARs whose size follows bits 13:8 of a control register: 1 MiB << value. */
  readonly resizable: readonly { readonly control: number; readonly bar: number }[];
  /** Command bit 1, once set, stays. */
  readonly stickyMemoryDecoding: boolean;
}

/** x86: as shipped; x86-guest-vpci: built with guest vPCI; x86-guest-vpci-io: the same with I/O BARs hidden from guests. */
export type Arch = 'x86' | 'x86-guest-vpci' | 'x86-guest-vpci-io' | 'arm';

export interface EcamWindow {
  readonly segment: number;
  /** Byte address of bus 0 of the segment, whatever `firstBus` is. */
  readonly base: number;
  readonly firstBus: number;
  readonly lastBus: number;
}

/** A machine as the model takes it. */
export interface PlainMachine {
  readonly arch: Arch;
  /** What the memory map lists, of whatever type: inclusive byte ranges. */
  readonly memoryMap: readonly { readonly first: number; readonly last: number }[];
  readonly ecam: readonly EcamWindow[];
  readonly devices: readonly PlainDevice[];
}
