// SPDX-License-Identifier: GPL-2.0-only
import { ERRNO } from '../num/errno.ts';
import { makeSbdf, type Sbdf } from '../num/sbdf.ts';
import type { Domain } from './state.ts';

const BYTES_PER_BUS = 0x100000;
const BYTES_PER_FUNCTION = 0x1000;

/**
 * Traps an ECAM window for hwdom (register_vpci_mmcfg_handler). `base`: byte address of bus 0. The same window again
 * is fine, another one over it is -EEXIST.
 */
export const registerEcamRegion = (
  domain: Domain,
  segment: number,
  base: number,
  firstBus: number,
  lastBus: number,
): number => {
  const address = base + firstBus * BYTES_PER_BUS;
  const sizeBytes = (lastBus - firstBus + 1) * BYTES_PER_BUS;
  for (const region of domain.ecamRegions) {
    if (address >= region.address + region.sizeBytes || region.address >= address + sizeBytes) continue;
    const isSame =
      region.address === address &&
      region.sizeBytes === sizeBytes &&
      region.segment === segment &&
      region.firstBus === firstBus;
    return isSame ? 0 : -ERRNO.EEXIST;
  }
  domain.ecamRegions.unshift({ address, sizeBytes, segment, firstBus });
  return 0;
};

/** The config space register behind an address in one of the domain's windows (vpci_mmcfg_decode_addr). */
export const decodeEcam = (
  domain: Domain,
  address: number,
): { readonly sbdf: Sbdf; readonly reg: number } | undefined => {
  const region = domain.ecamRegions.find(
    (candidate) => address >= candidate.address && address < candidate.address + candidate.sizeBytes,
  );
  if (region === undefined) return undefined;
  const offset = address - region.address;
  const bus = region.firstBus + Math.floor(offset / BYTES_PER_BUS);
  const devfn = Math.floor(offset / BYTES_PER_FUNCTION) % 256;
  return { sbdf: makeSbdf(region.segment, bus % 256, devfn), reg: offset % BYTES_PER_FUNCTION };
};
