// SPDX-License-Identifier: GPL-2.0-only
import { has } from '../num/bits.ts';
import type { Sbdf } from '../num/sbdf.ts';
import { highHalf, lowHalf, truncateTo } from '../num/u64.ts';

/** The host's address space. Sizes are 1, 2 or 4 bytes. */
export interface HostBus {
  readBus(address: bigint, sizeBytes: number): number;
  writeBus(address: bigint, sizeBytes: number, value: number): void;
}

/** What lies beyond the Arm code: the host's bus, vPCI and the device list. */
export interface ArmPorts extends HostBus {
  readVpci(sbdf: Sbdf, reg: number, sizeBytes: number): number;
  /** `value` is not cut to the size. */
  writeVpci(sbdf: Sbdf, reg: number, sizeBytes: number, value: number): void;
  /** The three answer 0 or a negated errno. */
  addDevice(sbdf: Sbdf): number;
  removeDevice(sbdf: Sbdf): number;
  resetDevice(sbdf: Sbdf): number;
}

/** What the recording ports answer with. */
export interface FixedAnswers {
  /** Of the aligned 8 bytes around a register the low half is read at offset 0, the high half at offset 4. */
  vpciValue: bigint;
  /** What bus addresses hold that were not written. */
  busValue: number;
}

const cut = (value: number, sizeBytes: number): number => Number(truncateTo(BigInt(value), sizeBytes));

/** Ports without devices behind them: the bus remembers writes by address, everything else has a fixed answer. */
export const fixedPorts = (answers: Readonly<FixedAnswers>): ArmPorts => {
  const written = new Map<bigint, number>();
  return {
    readBus: (address, sizeBytes) => cut(written.get(address) ?? answers.busValue, sizeBytes),
    writeBus: (address, _sizeBytes, value) => {
      written.set(address, value);
    },
    readVpci: (_sbdf, reg, sizeBytes) =>
      cut(has(reg, 4) ? highHalf(answers.vpciValue) : lowHalf(answers.vpciValue), sizeBytes),
    writeVpci: () => undefined,
    addDevice: () => 0,
    removeDevice: () => 0,
    resetDevice: () => 0,
  };
};
