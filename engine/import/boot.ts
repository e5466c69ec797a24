// SPDX-License-Identifier: GPL-2.0-only
import type { PlainMachine } from '../machine/plain.ts';
import { shiftRight } from '../num/bits.ts';
import { frameOf } from '../num/u64.ts';
import type { TraceEvent } from '../trace/operation.ts';
import type { ConsoleFact } from './console.ts';

/** A row of a trace before it has a number. */
export type Row = Omit<TraceEvent, 'seq'>;

export const row = (op: string, args: Row['args'], rest: { ret?: number; note?: string; time?: bigint } = {}): Row => ({
  ...{ op, args, ret: rest.ret, note: rest.note, time: rest.time },
});

/** Frames of a machine with 48 address bits: as far as rights are denied above the last range that is allowed. */
const END_FRAME = 2 ** 36;

const deny = (first: number, end: number, note: string): Row =>
  row('iomem.deny', { dom: 'd0', mfn: first, nr: end - first }, { note });

/** What dom0 may not map: what debug key q leaves out, or else the pages that Xen is known to keep. */
const denials = (facts: readonly ConsoleFact[]): readonly Row[] => {
  const rights = facts.find((fact) => fact.kind === 'iomem-rights' && fact.domain === 'd0');
  if (rights?.kind === 'iomem-rights') {
    const rows: Row[] = [];
    let next = 0;
    for (const { firstMfn, lastMfn } of rights.ranges) {
      if (Number(firstMfn) > next) rows.push(deny(next, Number(firstMfn), 'debug key q'));
      next = Number(lastMfn) + 1;
    }
    return [...rows, deny(next, END_FRAME, 'debug key q')];
  }
  return facts.flatMap((fact) => {
    if (fact.kind === 'local-apic' || fact.kind === 'io-apic' || fact.kind === 'iommu')
      return [deny(frameOf(fact.address), frameOf(fact.address) + 1, fact.kind)];
    if (fact.kind !== 'ecam') return [];
    const first = frameOf(fact.base) + 0x100 * fact.firstBus;
    return [deny(first, frameOf(fact.base) + 0x100 * (fact.lastBus + 1), 'ECAM')];
  });
};

/** Class of 16550-compatible serial controllers (PCI Code and ID Assignment, base class 07h, sub-class 00h). */
const SERIAL_CLASS = 0x0700;
const CLASS_REGISTER = 8;

/** Whether Xen's command line makes a PCI card its console: `com1=…,pci` or `,amt`, and `console=` naming it. */
const consoleOnPci = (facts: readonly ConsoleFact[]): boolean => {
  const line = facts.find((fact) => fact.kind === 'command-line');
  const options = line?.kind === 'command-line' ? line.text.split(/\s+/) : [];
  const consoles = options.filter((option) => option.startsWith('console=')).flatMap((one) => one.slice(8).split(','));
  return options.some((option) => {
    const [, port = '', rest = ''] = /^(com[12])=(.*)$/.exec(option) ?? [];
    return /(?:^|,)(?:pci|amt)(?:,|$)/.test(rest) && consoles.includes(port);
  });
};

/** Devices that Xen keeps: by debug key Q before anything changed, or the serial card that is its console. */
const kept = (facts: readonly ConsoleFact[], machine: PlainMachine): readonly Row[] => {
  const owners = facts.filter((fact) => fact.kind === 'owner');
  const seen = new Set<number>();
  const rows: Row[] = [];
  for (const { sbdf, owner } of owners) {
    if (seen.has(sbdf)) break;
    seen.add(sbdf);
    if (owner === 'd[XEN]') rows.push(row('boot.ro', { sbdf }, { note: 'debug key Q' }));
  }
  const classOf = (registers: ReadonlyMap<number, number>): number =>
    shiftRight(registers.get(CLASS_REGISTER) ?? 0, 16);
  const card = machine.devices.find(({ registers }) => classOf(registers) === SERIAL_CLASS);
  if (owners.length > 0 || card === undefined || !consoleOnPci(facts)) return rows;
  return [row('boot.ro', { sbdf: card.sbdf }, { note: "Xen's console, by its command line" })];
};

/** What Xen does before dom0 runs, as far as its console tells. */
export const bootRows = (facts: readonly ConsoleFact[], machine: PlainMachine): readonly Row[] => [
  row('boot.scan', {}),
  ...kept(facts, machine),
  ...denials(facts),
  ...clobbered(facts),
  row('boot.hwdom_setup', {}),
];

/** Frames of dom0's memory that Xen named when an MSI-X table came to be over them. */
const clobbered = (facts: readonly ConsoleFact[]): readonly Row[] => {
  const frames = new Map<number, number>();
  for (const fact of facts) if (fact.kind === 'msix-hole' && fact.type === 0) frames.set(fact.gfn, fact.mfn);
  return [...frames].map(([gfn, mfn]) =>
    row('p2m.set', { dom: 'd0', gfn, nr: 1, mfn, type: 'ram_rw' }, { note: "a page of dom0's memory that Xen named" }),
  );
};
