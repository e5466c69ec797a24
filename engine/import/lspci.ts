// SPDX-License-Identifier: GPL-2.0-only

import {
  dwordAt,
  extendedCapabilities,
  headerTypeOf,
  isAliased,
  legacyCapabilities,
  wordAt,
} from '../machine/config-dump.ts';
import type { PlainDevice } from '../machine/plain.ts';
import { bdfOf, formatSbdf, makeSbdf, type Sbdf, segmentOf } from '../num/sbdf.ts';
import { hex } from '../num/u64.ts';
import type { Parsed, Problem } from '../trace/problem.ts';
import { addBarMasks, type BarSizes, resizableBars, sriovOffset } from './bar-masks.ts';
import { CAPABILITY_RULES } from './capability-rules.ts';
import { EXTENDED_RULES } from './extended-rules.ts';
import { BRIDGE_RULES, COMMON_RULES } from './header-rules.ts';
import { type LspciDevice, parseLspciText } from './lspci-text.ts';
import { problemAt } from './problems.ts';
import { applyRules, type Masks } from './register-rule.ts';
import { FIRST_VF_ROW, parseSysfsResources, type ResourceRows, ROM_ROW, resourceSize } from './sysfs-resource.ts';

/** Devices of an lspci text, and what could not be told of them. */
export interface LspciImport {
  readonly devices: readonly PlainDevice[];
  /** One remark per guess or gap, with the line of the device it is about. */
  readonly notes: readonly Problem[];
}

interface Prepared extends LspciDevice {
  readonly aliased: boolean;
}

const LEGACY_SPACE_BYTES = 0x100;
const SRIOV_TOTAL_VFS = 0x0e;
const SRIOV_FIRST_VF_OFFSET = 0x14;
const SRIOV_VF_STRIDE = 0x16;
/** The only command bit that a VF implements (PCI Express Base 6.0, 9.3.4.1.3). */
const VF_COMMAND = 0x0004;

/** SBDFs of the VFs that a PF can have, to the PF (PCI Express Base 6.0, 9.2.1.2). */
export const findVfs = (devices: readonly LspciDevice[]): ReadonlyMap<Sbdf, Sbdf> => {
  const vfs = new Map<Sbdf, Sbdf>();
  for (const { sbdf, image } of devices) {
    const sriov = sriovOffset(image);
    const first = sriov === undefined ? 0 : wordAt(image, sriov + SRIOV_FIRST_VF_OFFSET);
    if (sriov === undefined || first === 0) continue;
    for (let vf = 0; vf < wordAt(image, sriov + SRIOV_TOTAL_VFS); vf += 1) {
      const bdf = bdfOf(sbdf) + first + vf * wordAt(image, sriov + SRIOV_VF_STRIDE);
      if (bdf <= 0xffff) vfs.set(makeSbdf(segmentOf(sbdf), Math.floor(bdf / 0x100), bdf % 0x100), sbdf);
    }
  }
  return vfs;
};

/** Bytes that BARs, and the ROM as number 6, were seen to cover. */
type MappedSizes = ReadonlyMap<Sbdf, ReadonlyMap<number, number>>;

/**
 * Sizes that lspci printed, overridden by those of sysfs, which are the same but also cover VF BARs, and by those that
 * the emulator underneath mapped.
 */
const sizesOf = (device: LspciDevice, resources: ResourceRows, mapped: MappedSizes): BarSizes => {
  const bars = new Map<number, number>();
  for (const [bar, region] of device.regions) if (region.sizeBytes !== undefined) bars.set(bar, region.sizeBytes);
  let rom = device.rom?.sizeBytes;
  const vfBars = new Map<number, number>();
  const sriov = sriovOffset(device.image);
  const totalVfs = sriov === undefined ? 0 : wordAt(device.image, sriov + SRIOV_TOTAL_VFS);
  for (const [index, row] of (resources.get(device.sbdf) ?? []).entries()) {
    const sizeBytes = Number(resourceSize(row));
    if (sizeBytes === 0) continue;
    if (index < ROM_ROW) bars.set(index, sizeBytes);
    else if (index === ROM_ROW) rom = sizeBytes;
    // Linux keeps one resource for the BAR of all VFs together.
    else if (totalVfs > 0 && index < FIRST_VF_ROW + 6) vfBars.set(index - FIRST_VF_ROW, sizeBytes / totalVfs);
  }
  for (const [index, sizeBytes] of mapped.get(device.sbdf) ?? [])
    if (index < ROM_ROW) bars.set(index, sizeBytes);
    else rom = sizeBytes;
  return { bars, rom, vfBars };
};

/** Remarks where the kernel's idea of an address is not what the register holds: such a size is doubtful as well. */
const noteMovedRegions = (device: LspciDevice, notes: Problem[]): void => {
  for (const [bar, region] of device.regions) {
    const low = dwordAt(device.image, 0x10 + 4 * bar);
    if (region.address === undefined || low === 0) continue;
    const flagBits = low % 2 === 1 ? 4 : 16;
    const held = low - (low % flagBits);
    if (Number(region.address % 2n ** 32n) === held) continue;
    const place = `${formatSbdf(device.sbdf)} BAR ${bar}`;
    notes.push(
      problemAt(
        region.line,
        `${place}: the kernel says ${hex(region.address)}, the register ${hex(held)}; check the size`,
      ),
    );
  }
};

const noteGaps = (device: LspciDevice, note: (what: string) => void): void => {
  const { image } = device;
  if (image.sizeBytes < LEGACY_SPACE_BYTES) note('capabilities unknown: take the text with lspci -vvvxxxx');
  for (const { id, offset } of legacyCapabilities(image))
    if (!CAPABILITY_RULES.has(id)) note(`capability ${hex(id)} at ${hex(offset)}: write masks unknown, read-only`);
  for (const { id, offset } of extendedCapabilities(image))
    if (!EXTENDED_RULES.has(id))
      note(`extended capability ${hex(id)} at ${hex(offset)}: write masks unknown, read-only`);
  if (headerTypeOf(image) > 1) note('CardBus header: only BAR and command are writable');
};

/** Masks of everything but BARs. */
const addRegisterMasks = (device: LspciDevice, masks: Masks): void => {
  const { image } = device;
  applyRules(COMMON_RULES, { image, base: 0 }, masks);
  if (headerTypeOf(image) === 1) applyRules(BRIDGE_RULES, { image, base: 0 }, masks);
  for (const { id, offset } of legacyCapabilities(image))
    applyRules(CAPABILITY_RULES.get(id) ?? [], { image, base: offset }, masks);
  for (const { id, offset } of extendedCapabilities(image))
    applyRules(EXTENDED_RULES.get(id) ?? [], { image, base: offset }, masks);
};

/** Cut down to the first 256 bytes where the rest only repeats them. */
const withoutAlias = (device: LspciDevice): Prepared => {
  if (!isAliased(device.image)) return { ...device, aliased: false };
  const dwords = new Map([...device.image.dwords].filter(([offset]) => offset < LEGACY_SPACE_BYTES));
  return { ...device, image: { dwords, sizeBytes: LEGACY_SPACE_BYTES }, aliased: true };
};

const toPlain = (device: Prepared, pf: Sbdf | undefined, sizes: BarSizes, notes: Problem[]): PlainDevice => {
  const { image, sbdf } = device;
  const note = (what: string): void => {
    notes.push(problemAt(device.line, `${formatSbdf(sbdf)} ${what}`));
  };
  const masks: Masks = { writable: new Map(), writeOneToClear: new Map() };
  addRegisterMasks(device, masks);
  let resizable: { control: number; bar: number }[] = [];
  if (pf === undefined) {
    addBarMasks(image, sizes, masks, note);
    resizable = resizableBars(image, masks);
    noteMovedRegions(device, notes);
  } else {
    // A VF's BARs are those of its PF's SR-IOV capability; its own registers are hardwired to 0.
    masks.writable.set(0x04, VF_COMMAND);
  }
  noteGaps(device, note);
  return {
    sbdf,
    registers: new Map([...image.dwords].filter(([, value]) => value !== 0)),
    writable: masks.writable,
    writeOneToClear: masks.writeOneToClear,
    extended: image.sizeBytes > LEGACY_SPACE_BYTES,
    aliased: device.aliased,
    present: true,
    presentWith: pf,
    sriov: sriovOffset(image),
    resizable,
    stickyMemoryDecoding: false,
  };
};

/**
 * Devices in plain form from dumps, the `resource` files of sysfs and sizes that were seen; remarks go to `notes`.
 * `vfs`: VFs to their PFs.
 */
export const plainDevices = (
  dumped: readonly LspciDevice[],
  resources: ResourceRows,
  mapped: MappedSizes,
  notes: Problem[],
  vfs: ReadonlyMap<Sbdf, Sbdf>,
): readonly PlainDevice[] => {
  const prepared = dumped.map(withoutAlias);
  return prepared.map((device) => toPlain(device, vfs.get(device.sbdf), sizesOf(device, resources, mapped), notes));
};

/**
 * Devices in plain form from the text of `lspci -vvvxxxx` and, for the sizes of VF BARs, the `resource` files of sysfs.
 * Registers are those of the dump, write masks those of the specifications; what neither tells is in the notes.
 */
export const importLspci = (lspciText: string, resourceText = ''): Parsed<LspciImport> => {
  const parsed = parseLspciText(lspciText);
  const resources = parseSysfsResources(resourceText);
  if (!parsed.ok) return parsed;
  if (!resources.ok) return resources;
  const notes = [...parsed.value.notes];
  const { devices: dumped } = parsed.value;
  const devices = plainDevices(dumped, resources.value, new Map(), notes, findVfs(dumped));
  return { ok: true, value: { devices, notes } };
};
