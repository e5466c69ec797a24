// SPDX-License-Identifier: GPL-2.0-only
import { formatSbdf } from '../num/sbdf.ts';
import { align, anchorsOf } from './align.ts';
import { type Row, row } from './boot.ts';
import { compareClocks } from './clocks.ts';
import type { PresenceChange } from './presence.ts';
import type { HardwareAccess, Recorded } from './record.ts';

/** Where the accesses of a hardware log belong in a record. */
export interface Placed {
  /** By number of the event that an access comes after; -1: before the first one. Shorter where the record ends first. */
  readonly after: readonly number[];
  /** Accesses of the log that an event of the record made itself. */
  readonly paired: number;
}

/** What comes this much later than the last access of the record is not of its time; in ns. */
const AFTERWARDS = 1_000_000_000n;

/** Accesses of the hardware's log that can be of the record's time. */
const endOfRecord = (hardware: readonly HardwareAccess[], last: number | undefined): number => {
  const time = last === undefined ? undefined : hardware[last]?.time;
  if (last === undefined || time === undefined) return hardware.length;
  const after = hardware.findIndex((access, index) => index > last && (access.time ?? time) > time + AFTERWARDS);
  return after < 0 ? hardware.length : after;
};

const saying = (write: boolean, sbdf: number, reg: number, value: bigint | number): string =>
  `${write ? 'W' : 'R'} ${sbdf} ${reg} ${value}`;

/** Finds the accesses of a record in what reached hardware; what is between two of them belongs to the first. */
export const placeInRecord = (events: readonly Recorded[], hardware: readonly HardwareAccess[]): Placed => {
  const config = events.flatMap((event, at) => (event.kind === 'config' ? [{ event, at }] : []));
  const said = config.map(({ event: { write, sbdf, reg, value } }) => saying(write, sbdf, reg, value));
  const seen = hardware.map(({ write, sbdf, reg, value }) => saying(write, sbdf, reg, value));
  const clocks = compareClocks(
    anchorsOf(said, seen),
    config.map(({ event }) => event.time),
    hardware.map(({ time }) => time),
  );
  const pairs = align(said, seen, clocks);
  const after: number[] = [];
  let last = -1;
  let next = 0;
  const end = endOfRecord(hardware, pairs.at(-1)?.b);
  hardware.slice(0, end).forEach((_, index) => {
    const pair = pairs[next];
    if (pair?.b === index) {
      last = config[pair.a]?.at ?? last;
      next++;
    }
    after.push(last);
  });
  return { after, paired: pairs.length };
};

const actorOf = ({ dom, vcpu }: { readonly dom: string; readonly vcpu: number }): Row['args'] => ({
  dom,
  vcpu: vcpu === 0 ? undefined : vcpu,
});

const INFERRED = 'size inferred';

/** The row of a trace that stands for what was recorded. */
const rowOf = (event: Recorded): Row => {
  const rest = event.time === undefined ? {} : { time: event.time };
  if (event.kind === 'config') {
    const { sbdf, reg, size, value, write, path, inferred } = event;
    const op = `${path === 'ports' ? 'cfg' : 'ecam'}.${write ? 'write' : 'read'}`;
    const args = { ...actorOf(event), sbdf, reg, size, value };
    return row(op, args, inferred ? { ...rest, note: INFERRED } : rest);
  }
  if (event.kind === 'memory') {
    const { gpa, size, value, write, via, inferred } = event;
    const args = { ...actorOf(event), gpa, size, value, via };
    return row(write ? 'mmio.write' : 'mmio.read', args, inferred ? { ...rest, note: INFERRED } : rest);
  }
  if (event.kind === 'mapped') {
    const { dom, isMap, gfn, count, mfn, ret } = event;
    return row(isMap ? 'expect.map' : 'expect.unmap', { dom, gfn, nr: count, mfn }, { ...rest, ret });
  }
  const { op, args, ret, note } = event;
  const known = { ...rest, ...(ret === undefined ? {} : { ret }), ...(note === undefined ? {} : { note }) };
  return row(op, { ...actorOf(event), ...args }, known);
};

const hardwareRow = ({ sbdf, reg, value }: HardwareAccess): Row =>
  row('expect.hw_write', { sbdf, reg, size: undefined, value: BigInt(value) });

const presenceRow = ({ sbdf, present }: PresenceChange): Row =>
  row(present ? 'hw.plug' : 'hw.unplug', { sbdf }, { note: `first seen by a read of ${formatSbdf(sbdf)}` });

/** Rows of a whole run: `boot`, then what was recorded, with devices that come and go and what reached hardware. */
export function* combine(
  boot: readonly Row[],
  events: readonly Recorded[],
  changes: readonly PresenceChange[],
  hardware: readonly HardwareAccess[],
  placed: Placed,
): Generator<Row> {
  yield* boot;
  let nextChange = 0;
  let nextAccess = 0;
  const hardwareUpTo = function* (at: number): Generator<Row> {
    for (; nextAccess < placed.after.length && (placed.after[nextAccess] ?? 0) <= at; nextAccess++) {
      const access = hardware[nextAccess];
      if (access?.write) yield hardwareRow(access);
    }
  };
  yield* hardwareUpTo(-1);
  for (const [at, event] of events.entries()) {
    for (let change = changes[nextChange]; change?.at === at; change = changes[++nextChange]) yield presenceRow(change);
    yield rowOf(event);
    yield* hardwareUpTo(at);
  }
}
