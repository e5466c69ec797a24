// SPDX-License-Identifier: GPL-2.0-only
import { MAX_FRAME, type Mfn } from '../num/frames.ts';
import {
  frameOf,
  hasBit,
  highHalf,
  joinU64,
  lowHalf,
  offsetInPage,
  truncateTo,
  withHighHalf,
  withLowHalf,
} from '../num/u64.ts';
import type { Bar, Domain, MsixEntry, MsixState, World } from '../xen/state.ts';
import { applyRule, leaveDefinedBehaviour } from '../xen/trail.ts';
import { updateEntry } from './msix.ts';
import {
  MSIX_ENTRY_BYTES,
  type MsixTable,
  msixTableAddress,
  msixTableBar,
  msixTableHostAddress,
  msixTableSizeBytes,
  PENDING_BITS,
  VECTOR_TABLE,
} from './msix-table.ts';

const ALL_ONES = 2n ** 64n - 1n;
const TABLES: readonly MsixTable[] = [VECTOR_TABLE, PENDING_BITS];

const isInTable = (msix: MsixState, table: MsixTable, address: bigint): boolean => {
  const start = msixTableAddress(msix, table);
  return address >= start && address < start + BigInt(msixTableSizeBytes(msix, table));
};

const lastFrameOf = (msix: MsixState, table: MsixTable): number =>
  frameOf(msixTableAddress(msix, table) + BigInt(msixTableSizeBytes(msix, table) - 1));

const isInTablePages = (msix: MsixState, table: MsixTable, address: bigint): boolean => {
  const frame = frameOf(address);
  return frame >= frameOf(msixTableAddress(msix, table)) && frame <= lastFrameOf(msix, table);
};

/** Offset of a table in its BAR, and size of the largest table, in frames. */
const FRAMES_OF_OFFSET = 2 ** 20;
const FRAMES_OF_TABLE = 9;

/** False where a table of the BAR cannot be at a frame, which is almost always, and cheap to find out. */
const mayHold = (world: World, { firstGfn }: Bar, frame: number): boolean => {
  if (world.behaviours.barPlacement !== 'guest-address') return true;
  const last = firstGfn + FRAMES_OF_OFFSET + FRAMES_OF_TABLE;
  return last > MAX_FRAME || (frame >= firstGfn && frame <= last);
};

/** What Xen would dereference is freed or NULL. */
const lost = (world: World, { dev: { sbdf } }: MsixState): undefined => {
  leaveDefinedBehaviour(world, 'undefined.msix-of-freed-device', { sbdf });
};

/**
 * The MSI-X state whose table pages hold an address (msix_find). One that its device's new vPCI does not know any more does no
 * harm as long as the BARs of its tables are off: they are looked at first.
 */
export const findMsix = (world: World, domain: Domain, address: bigint): MsixState | undefined => {
  const frame = frameOf(address);
  for (const msix of domain.msixTables) {
    const { vpci, freed } = msix.dev;
    if (freed || vpci === undefined) return lost(world, msix);
    for (const table of TABLES) {
      const bar = msixTableBar(msix, table);
      if (bar?.enabled !== true) continue;
      if (vpci.msix === undefined) return lost(world, msix);
      if (mayHold(world, bar, frame) && isInTablePages(vpci.msix, table, address)) return msix;
    }
  }
  return undefined;
};

/** Only naturally aligned accesses of 4 or 8 bytes reach a table. */
const isAligned = (address: bigint, size: number): boolean =>
  (size === 4 || size === 8) && address % BigInt(size) === 0n;

/** Whether an access is for the PBA or for other registers in the tables' pages (adjacent_handle). */
const isNeighbour = (msix: MsixState, address: bigint): boolean => {
  if (isInTable(msix, PENDING_BITS, address)) return true;
  if (isInTable(msix, VECTOR_TABLE, address)) return false;
  return TABLES.some((table) => isInTablePages(msix, table, address));
};

/** Which of the pages that the tables share with others an address is in: head and tail of table and PBA. */
const pageSlot = (msix: MsixState, address: bigint): number | undefined => {
  const frame = frameOf(address);
  for (const table of TABLES) {
    if (frame === frameOf(msixTableAddress(msix, table))) return 2 * table;
    if (frame === lastFrameOf(msix, table)) return 2 * table + 1;
  }
  return undefined;
};

/** The machine frame behind such a page. Xen keeps the first look-up until the BAR moves (get_table). */
const pageFrame = (world: World, msix: MsixState, slot: number): Mfn => {
  const known = msix.mappedPages[slot];
  if (known !== undefined) return known as Mfn;
  const table: MsixTable = slot < 2 ? VECTOR_TABLE : PENDING_BITS;
  const start =
    world.behaviours.msixNeighbours === 'host-address'
      ? msixTableHostAddress(msix, table)
      : msixTableAddress(msix, table);
  const frame = frameOf(slot % 2 === 0 ? start : start + BigInt(msixTableSizeBytes(msix, table)));
  msix.mappedPages[slot] = frame;
  return frame as Mfn;
};

const readNeighbour = (world: World, msix: MsixState, address: bigint, size: number): bigint => {
  if (!isNeighbour(msix, address + BigInt(size - 1))) return ALL_ONES;
  if (isInTable(msix, PENDING_BITS, address) && !isAligned(address, size)) {
    applyRule(world, 'msix.misaligned-access', { sbdf: msix.dev.sbdf });
    return ALL_ONES;
  }
  const slot = pageSlot(msix, address);
  if (slot === undefined) return ALL_ONES;
  if (address % BigInt(size) !== 0n) {
    let value = ALL_ONES;
    for (let byte = size - 1; byte >= 0; byte--) {
      const part = readNeighbour(world, msix, address + BigInt(byte), 1);
      value = truncateTo(value * 256n, 8) + truncateTo(part, 1);
    }
    return value;
  }
  return world.hw.memory.read(pageFrame(world, msix, slot), offsetInPage(address), size);
};

const writeNeighbour = (
  world: World,
  domain: Domain,
  msix: MsixState,
  address: bigint,
  size: number,
  data: bigint,
): void => {
  if (!isNeighbour(msix, address + BigInt(size - 1))) return;
  if (isInTable(msix, PENDING_BITS, address) && (!isAligned(address, size) || !domain.isHwdom)) {
    applyRule(world, domain.isHwdom ? 'msix.misaligned-access' : 'msix.guest-pba-write', { sbdf: msix.dev.sbdf });
    return;
  }
  const slot = pageSlot(msix, address);
  if (slot === undefined) return;
  if (address % BigInt(size) !== 0n) {
    for (let byte = 0; byte < size; byte++)
      writeNeighbour(world, domain, msix, address + BigInt(byte), 1, data / 256n ** BigInt(byte));
    return;
  }
  world.hw.memory.write(pageFrame(world, msix, slot), offsetInPage(address), size, truncateTo(data, size));
};

const entryAt = (msix: MsixState, address: bigint): MsixEntry => {
  const n = Math.floor(Number(address - msixTableAddress(msix, VECTOR_TABLE)) / MSIX_ENTRY_BYTES);
  let entry = msix.entries.get(n);
  if (entry === undefined) {
    entry = { address: 0n, data: 0, masked: true, updated: false, bound: false };
    msix.entries.set(n, entry);
  }
  return entry;
};

/** Offsets in a table entry (PCI Local Bus 3.0, 6.8.2.6): message address, upper address, data, vector control. */
const ENTRY_ADDRESS = 0;
const ENTRY_UPPER_ADDRESS = 4;
const ENTRY_DATA = 8;

const readEntry = (entry: MsixEntry, offset: number, size: number): bigint => {
  const vectorControl = entry.masked ? 1 : 0;
  switch (offset) {
    case ENTRY_ADDRESS:
      return entry.address;
    case ENTRY_UPPER_ADDRESS:
      return BigInt(highHalf(entry.address));
    case ENTRY_DATA:
      return joinU64(entry.data, size === 8 ? vectorControl : 0);
    default:
      return BigInt(vectorControl);
  }
};

/** Bit 0 of vector control: an entry that is unmasked after its message changed is bound anew. */
const writeVectorControl = (msix: MsixState, entry: MsixEntry, mask: boolean): void => {
  if (entry.masked === mask) return;
  entry.masked = mask;
  if (!mask && msix.enabled && !msix.masked && entry.updated) updateEntry(msix, entry);
};

const writeEntry = (msix: MsixState, entry: MsixEntry, offset: number, size: number, data: bigint): void => {
  switch (offset) {
    case ENTRY_ADDRESS:
      entry.updated = true;
      entry.address = size === 8 ? data : withLowHalf(entry.address, lowHalf(data));
      return;
    case ENTRY_UPPER_ADDRESS:
      entry.updated = true;
      entry.address = withHighHalf(entry.address, lowHalf(data));
      return;
    case ENTRY_DATA:
      entry.updated = true;
      entry.data = lowHalf(data);
      if (size === 8) writeVectorControl(msix, entry, hasBit(data, 32));
      return;
    default:
      writeVectorControl(msix, entry, hasBit(data, 0));
  }
};

/** A read that was trapped because of a device's MSI-X tables (msix_read). `size` in bytes: 1, 2, 4 or 8. */
export const readMsix = (world: World, msix: MsixState, address: bigint, size: number): bigint => {
  if (isNeighbour(msix, address)) return truncateTo(readNeighbour(world, msix, address, size), size);
  if (!isAligned(address, size)) {
    applyRule(world, 'msix.misaligned-access', { sbdf: msix.dev.sbdf });
    return truncateTo(ALL_ONES, size);
  }
  const offset = Number(address % BigInt(MSIX_ENTRY_BYTES));
  return truncateTo(readEntry(entryAt(msix, address), offset, size), size);
};

/** A write that was trapped because of a device's MSI-X tables (msix_write). */
export const writeMsix = (
  world: World,
  domain: Domain,
  msix: MsixState,
  address: bigint,
  size: number,
  data: bigint,
): void => {
  if (isNeighbour(msix, address)) {
    writeNeighbour(world, domain, msix, address, size, data);
    return;
  }
  if (!isAligned(address, size)) {
    applyRule(world, 'msix.misaligned-access', { sbdf: msix.dev.sbdf });
    return;
  }
  const offset = Number(address % BigInt(MSIX_ENTRY_BYTES));
  writeEntry(msix, entryAt(msix, address), offset, size, truncateTo(data, size));
};
