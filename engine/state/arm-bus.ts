// SPDX-License-Identifier: GPL-2.0-only
import type { ArmPorts, HostBus } from '../arm/ports.ts';
import type { Hardware } from '../machine/hardware.ts';
import { makeSbdf, type Sbdf } from '../num/sbdf.ts';

const BYTES_PER_BUS = 0x100000;
const BYTES_PER_FUNCTION = 0x1000;

interface Place {
  readonly sbdf: Sbdf;
  readonly reg: number;
}

/** The register at a host address in one of the machine's ECAM windows. */
const placeAt = ({ machine }: Hardware, address: bigint): Place | undefined => {
  for (const { segment, base, firstBus, lastBus } of machine.ecam) {
    const offset = Number(address - BigInt(base));
    if (offset < firstBus * BYTES_PER_BUS || offset >= (lastBus + 1) * BYTES_PER_BUS) continue;
    const bus = Math.floor(offset / BYTES_PER_BUS);
    const devfn = Math.floor(offset / BYTES_PER_FUNCTION) % 256;
    return { sbdf: makeSbdf(segment, bus, devfn), reg: offset % BYTES_PER_FUNCTION };
  }
  return undefined;
};

/** The host's address space with the machine's devices in it; what is no ECAM window is left to `otherwise`. */
export const hostBus = (hw: Hardware, otherwise: ArmPorts): HostBus => ({
  readBus: (address, sizeBytes) => {
    const place = placeAt(hw, address);
    return place === undefined ? otherwise.readBus(address, sizeBytes) : hw.read(place.sbdf, place.reg, sizeBytes);
  },
  writeBus: (address, sizeBytes, value) => {
    const place = placeAt(hw, address);
    if (place === undefined) otherwise.writeBus(address, sizeBytes, value);
    else hw.write(place.sbdf, place.reg, sizeBytes, value);
  },
});
