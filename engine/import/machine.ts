// SPDX-License-Identifier: GPL-2.0-only
import { BASE_ADDRESS_0, BASE_ADDRESS_END, COMMAND, ROM_ADDRESS } from '../machine/header-registers.ts';
import type { PlainDevice, PlainMachine } from '../machine/plain.ts';
import { and } from '../num/bits.ts';
import { formatSbdf, type Sbdf } from '../num/sbdf.ts';
import type { Problem } from '../trace/problem.ts';
import type { ConsoleFact } from './console.ts';
import { rewind, type SeenAccess } from './first-values.ts';
import { plainDevices } from './lspci.ts';
import type { Presence } from './presence.ts';
import { problemAt } from './problems.ts';
import type { HardwareAccess, Recorded } from './record.ts';

/** What a machine is put together from. */
export interface MachineSources {
  /** Devices as they were dumped. */
  readonly dumped: readonly PlainDevice[];
  /** VFs to their PFs. */
  readonly vfs: ReadonlyMap<Sbdf, Sbdf>;
  readonly facts: readonly ConsoleFact[];
  /** Sizes of BARs as the emulator underneath mapped them. */
  readonly mapped: ReadonlyMap<Sbdf, ReadonlyMap<number, number>>;
  /** What reached hardware before the record begins. */
  readonly before: readonly HardwareAccess[];
  /** What reached hardware at any time. */
  readonly hardware: readonly HardwareAccess[];
  readonly events: readonly Recorded[];
  readonly presence: Presence;
}

export interface ImportedMachine {
  readonly machine: PlainMachine;
  readonly notes: readonly Problem[];
}

const groupBySbdf = <T extends { readonly sbdf: Sbdf }>(items: Iterable<T>): ReadonlyMap<Sbdf, T[]> => {
  const groups = new Map<Sbdf, T[]>();
  for (const item of items) {
    const group = groups.get(item.sbdf);
    if (group === undefined) groups.set(item.sbdf, [item]);
    else group.push(item);
  }
  return groups;
};

const STATUS_BITS = 0xffff0000;

/** Another device of the same kind, as it is out of the box: no address assigned, nothing turned on. */
const outOfTheBox = (like: PlainDevice, sbdf: Sbdf): PlainDevice => {
  const registers = new Map(like.registers);
  registers.set(COMMAND, and(registers.get(COMMAND) ?? 0, STATUS_BITS));
  for (let offset = BASE_ADDRESS_0; offset < BASE_ADDRESS_END; offset += 4) {
    const value = registers.get(offset) ?? 0;
    const isUpperHalf = and(registers.get(offset - 4) ?? 0, 0x7) === 0x4 && offset > BASE_ADDRESS_0;
    registers.set(offset, isUpperHalf ? 0 : and(value, value % 2 === 1 ? 0x3 : 0xf));
  }
  registers.set(ROM_ADDRESS, 0);
  return { ...like, sbdf, registers };
};

const VENDOR_AND_DEVICE = 0;

/** A read that something answered: of an absent device all bits read as 1. */
const isAnswer = ({ write, size = 4, value }: SeenAccess): boolean => !write && value !== 2n ** BigInt(8 * size) - 1n;

/** A device that no dump has: like a dumped one of the same ID, or of what was read of it. */
const undumped = (
  sbdf: Sbdf,
  seen: readonly SeenAccess[],
  devices: readonly PlainDevice[],
  pf: Sbdf | undefined,
  mapped: MachineSources['mapped'],
): { readonly device: PlainDevice; readonly from: string } => {
  const id = seen.find((access) => access.reg === VENDOR_AND_DEVICE && access.size === 4 && isAnswer(access))?.value;
  const like = devices.findLast((device) =>
    pf === undefined
      ? device.presentWith === undefined && BigInt(device.registers.get(VENDOR_AND_DEVICE) ?? 0) === id
      : device.presentWith === pf,
  );
  if (like !== undefined) return { device: outOfTheBox(like, sbdf), from: `taken to be like ${formatSbdf(like.sbdf)}` };
  const image = { dwords: new Map<number, number>(), sizeBytes: 0x1000 };
  const empty = { sbdf, line: 0, title: '', image, regions: new Map(), rom: undefined };
  const vfs = new Map(pf === undefined ? [] : [[sbdf, pf]]);
  const [bare] = plainDevices([empty], new Map(), new Map(), [], vfs);
  if (bare === undefined) throw new Error('one device in, one out');
  const dwords = rewind(bare, [], seen).registers;
  const [device] = plainDevices([{ ...empty, image: { ...image, dwords } }], new Map(), mapped, [], vfs);
  return { device: device ?? bare, from: 'known from accesses only' };
};

const memoryMapOf = (facts: readonly ConsoleFact[]): PlainMachine['memoryMap'] =>
  facts.flatMap((fact) =>
    fact.kind === 'memory' && fact.of === 'host' ? [{ first: Number(fact.first), last: Number(fact.last) }] : [],
  );

const ecamOf = (facts: readonly ConsoleFact[]): PlainMachine['ecam'] =>
  facts.flatMap((fact) => {
    if (fact.kind !== 'ecam') return [];
    const { base, segment, firstBus, lastBus } = fact;
    return [{ segment, base: Number(base), firstBus, lastBus }];
  });

const seenIn = (access: HardwareAccess): SeenAccess & { readonly sbdf: Sbdf } => {
  const { sbdf, write, reg, value } = access;
  return { sbdf, write, reg, size: undefined, value: BigInt(value) };
};

/**
 * The machine as the record finds it: dumped devices put back to their first values, devices that only the record
 * knows, memory map and ECAM windows from the console.
 */
export const importMachine = (sources: MachineSources): ImportedMachine => {
  const { facts, presence, mapped, vfs } = sources;
  const notes: Problem[] = [];
  const devices = [...sources.dumped];
  const before = groupBySbdf(sources.before.map(seenIn));
  const accesses = sources.events.filter((event) => event.kind === 'config');
  const during = groupBySbdf(accesses.filter((access) => access.write || isAnswer(access)));
  const answered = new Set([...presence.initially].filter(([, there]) => there).map(([sbdf]) => sbdf));
  for (const { sbdf } of presence.changes) answered.add(sbdf);
  for (const sbdf of during.keys()) if (vfs.has(sbdf)) answered.add(sbdf);
  for (const { sbdf } of devices) answered.delete(sbdf);
  // Hardware shows what is there; domains see what Xen makes of it.
  const shown = groupBySbdf(sources.hardware.map(seenIn).filter((access) => access.write || isAnswer(access)));
  for (const sbdf of [...answered].sort((a, b) => a - b)) {
    const { device, from } = undumped(
      sbdf,
      [...(shown.get(sbdf) ?? []), ...(during.get(sbdf) ?? [])],
      devices,
      vfs.get(sbdf),
      mapped,
    );
    devices.push(device);
    notes.push(problemAt(undefined, `${formatSbdf(sbdf)} is in no dump: ${from}`));
  }
  const rewound = devices.map((device) => {
    const present = presence.initially.get(device.sbdf) ?? true;
    if (device.presentWith !== undefined) return device;
    return { ...rewind(device, before.get(device.sbdf) ?? [], during.get(device.sbdf) ?? []), present };
  });
  const ordered = rewound.sort((a, b) => a.sbdf - b.sbdf);
  const machine = { arch: 'x86', memoryMap: memoryMapOf(facts), ecam: ecamOf(facts), devices: ordered } as const;
  return { machine, notes };
};
