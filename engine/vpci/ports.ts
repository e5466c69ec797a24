// SPDX-License-Identifier: GPL-2.0-only
import { and, has, lowBits, shiftRight } from '../num/bits.ts';
import { makeSbdf, type Sbdf } from '../num/sbdf.ts';
import { hex } from '../num/u64.ts';
import type { World } from '../xen/state.ts';
import { isAccessAllowed, vpciRead, vpciWrite } from './dispatch.ts';

/** Configuration mechanism #1 (PCI Local Bus 3.0, 3.2.2.3.2): address latch and data window. */
const ADDRESS_PORT = 0xcf8;
const DATA_PORT = 0xcfc;
const ENABLE = 0x80000000;

/** What a port access answers: a value for reads, `allowed: false` when it was refused. */
export type PortOutcome = {
  readonly value?: string;
  readonly allowed?: false;
  readonly noVpci?: true;
};

const isAddressPort = (port: number, size: number): boolean => port === ADDRESS_PORT && size === 4;
const isDataPort = (port: number): boolean => port >= DATA_PORT && port < DATA_PORT + 4;

/** The register that a data port access means; bits 27:24 of the latch are no part of it (hvm_pci_decode_addr). */
const decode = (latch: number, port: number): { readonly sbdf: Sbdf; readonly reg: number } => {
  const bdf = and(shiftRight(latch, 8), 0xffff);
  return { sbdf: makeSbdf(0, Math.floor(bdf / 256), bdf % 256), reg: and(latch, 0xfc) + (port % 4) };
};

/** The target of a data port access; undefined: refused. */
const accessedRegister = (world: World, port: number, size: number) => {
  const { cf8 } = world.current.domain;
  if (!isDataPort(port) || !has(cf8, ENABLE)) return undefined;
  const target = decode(cf8, port);
  return isAccessAllowed(target.reg, size) ? target : undefined;
};

/** A port read (vpci_portio_read): what is refused reads as all ones. */
export const readConfigPort = (world: World, port: number, size: number): PortOutcome => {
  const { domain } = world.current;
  if (!domain.hasVpci) return { noVpci: true };
  if (isAddressPort(port, size)) return { value: hex(domain.cf8) };
  const target = accessedRegister(world, port, size);
  if (target === undefined) return { value: hex(lowBits(8 * size)), allowed: false };
  return { value: hex(vpciRead(world, target.sbdf, target.reg, size)) };
};

/** A port write (vpci_portio_write): what is refused is dropped. */
export const writeConfigPort = (world: World, port: number, size: number, data: number): PortOutcome | undefined => {
  const { domain } = world.current;
  if (!domain.hasVpci) return { noVpci: true };
  if (isAddressPort(port, size)) {
    domain.cf8 = data;
    return undefined;
  }
  const target = accessedRegister(world, port, size);
  if (target === undefined) return { allowed: false };
  vpciWrite(world, target.sbdf, target.reg, size, data);
  return undefined;
};
