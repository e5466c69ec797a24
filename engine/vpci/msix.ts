// SPDX-License-Identifier: GPL-2.0-only
import { and, has, or, without } from '../num/bits.ts';
import { ERRNO } from '../num/errno.ts';
import {
  MSIX_CONTROL,
  MSIX_ENABLE,
  MSIX_MASK_ALL,
  MSIX_PBA_OFFSET,
  MSIX_TABLE_OFFSET,
  msixEntryCount,
  msixPosition,
} from '../xen/msi.ts';
import type { MsixEntry, MsixState, PciDev, RegisterHandler, World } from '../xen/state.ts';
import { applyRule } from '../xen/trail.ts';
import { isMemoryBar } from './bar.ts';
import { forceIntxOff } from './intx.ts';
import { makeMsixHoles } from './msix-hole.ts';
import { MSIX_BIR_MASK, PENDING_BITS, tableBytes, VECTOR_TABLE } from './msix-table.ts';
import { addRegister, hardwareReadOnlyRegister, vpciOf } from './registers.ts';
import { unlistMsix } from './tear-down.ts';

const msixOf = (dev: PciDev): MsixState => {
  const { msix } = vpciOf(dev);
  if (msix === undefined) throw new Error('an MSI-X register without MSI-X');
  return msix;
};

const controlValue = (msix: MsixState): number =>
  or(msix.entryCount - 1, or(msix.enabled ? MSIX_ENABLE : 0, msix.masked ? MSIX_MASK_ALL : 0));

/** Binds the vector of an entry anew, from what was written to it (update_entry). */
export const updateEntry = ({ dev }: MsixState, entry: MsixEntry): void => {
  if (!entry.bound) dev.msixUsedEntries++;
  entry.bound = true;
  entry.updated = false;
};

/** Unbinds all vectors; those that were bound have to be bound again on the next enable. */
const disableEntries = (msix: MsixState): void => {
  for (const entry of msix.entries.values()) {
    if (!entry.bound) continue;
    entry.bound = false;
    msix.dev.msixUsedEntries--;
    entry.updated = true;
  }
};

/**
 * What reaches hardware of a write to message control, by Xen's own view of the register (pci_msi_conf_write_intercept): nothing
 * unless it is the control register of the capability that was found when the device was discovered, and all vectors stay
 * masked while Xen has them so.
 */
const valueForHardware = (world: World, dev: PciDev, reg: number, value: number): number | undefined => {
  if (dev.msixEntries === 0) return value;
  const position = msixPosition(world, dev);
  if (reg < position || reg >= position + MSIX_PBA_OFFSET + 4) return value;
  if (reg !== position + MSIX_CONTROL) return undefined;
  dev.msixGuestMasked = has(value, MSIX_MASK_ALL);
  return dev.msixHostMasked ? or(value, MSIX_MASK_ALL) : value;
};

/** Message control (control_write in vpci/msix.c). */
const control: RegisterHandler = {
  read: (_world, dev) => controlValue(msixOf(dev)),
  write: (world, dev, register, value) => {
    const msix = msixOf(dev);
    const mask = has(value, MSIX_MASK_ALL);
    const enable = has(value, MSIX_ENABLE);
    if (mask === msix.masked && enable === msix.enabled) return;
    if (enable && !mask && (!msix.enabled || msix.masked)) {
      for (const entry of msix.entries.values()) if (!entry.masked && entry.updated) updateEntry(msix, entry);
    } else if (!enable && msix.enabled) disableEntries(msix);
    if (enable && !msix.enabled) forceIntxOff(world, dev);
    msix.masked = mask;
    msix.enabled = enable;
    const hardwareValue = valueForHardware(world, dev, register.offset, controlValue(msix));
    if (hardwareValue !== undefined) world.hw.write(dev.sbdf, register.offset, 2, hardwareValue);
  },
};

/** Whether vector table and PBA lie in memory BARs of the device. */
const areTablesValid = (world: World, dev: PciDev, tables: MsixState['tables'], entries: number): boolean => {
  const { bars } = vpciOf(dev);
  return [VECTOR_TABLE, PENDING_BITS].every((table) => {
    const kind = table === VECTOR_TABLE ? VECTOR_TABLE : PENDING_BITS;
    const bar = bars[and(tables[kind], MSIX_BIR_MASK)];
    const end = BigInt(without(tables[kind], MSIX_BIR_MASK) + tableBytes(entries, kind));
    const isValid = bar !== undefined && isMemoryBar(bar.type) && end <= bar.sizeBytes;
    if (!isValid) applyRule(world, 'msix.table-invalid', { sbdf: dev.sbdf, bar: and(tables[kind], MSIX_BIR_MASK) });
    return isValid;
  });
};

/** Traps the MSI-X capability and its tables' pages (init_msix). Answers 0 or a negated errno. */
export const initMsix = (world: World, dev: PciDev): number => {
  const vpci = vpciOf(dev);
  const position = msixPosition(world, dev);
  if (position === 0 || dev.domain === undefined) return 0;
  const count = msixEntryCount(world.hw.read(dev.sbdf, position + MSIX_CONTROL, 2));
  const readTables = (): [number, number] => [
    world.hw.read(dev.sbdf, position + MSIX_TABLE_OFFSET, 4),
    world.hw.read(dev.sbdf, position + MSIX_PBA_OFFSET, 4),
  ];
  const isChecked = world.behaviours.msixTableCheck === 'checked';
  let tables = isChecked ? readTables() : undefined;
  if (tables !== undefined && !areTablesValid(world, dev, tables, count)) return -ERRNO.ENODEV;
  const ret = addRegister(vpci, control, position + MSIX_CONTROL, 2);
  if (ret !== 0) return ret;
  tables ??= readTables();
  vpci.msix = {
    dev,
    tables,
    entryCount: count,
    entries: new Map(),
    enabled: false,
    masked: false,
    mappedPages: [undefined, undefined, undefined, undefined],
  };
  if (dev.domain.ecamRegions.length === 0) dev.domain.trapsMsixFirst = true;
  dev.domain.msixTables.unshift(vpci.msix);
  return isChecked ? makeMsixHoles(world, dev) : 0;
};

/** Takes a failed MSI-X capability back and makes its control register read-only for hwdom (cleanup_msix). */
export const hideMsixRegisters = (world: World, dev: PciDev): number => {
  const vpci = vpciOf(dev);
  unlistMsix(world, dev);
  vpci.msix = undefined;
  const controlReg = dev.msixPosition + MSIX_CONTROL;
  if (!vpci.registers.removeInside(controlReg, 2)) return -ERRNO.ERANGE;
  if (dev.domain?.isHwdom !== true) return 0;
  return addRegister(vpci, hardwareReadOnlyRegister, controlReg, 2);
};
