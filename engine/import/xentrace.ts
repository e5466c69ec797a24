// SPDX-License-Identifier: GPL-2.0-only
import { hex, joinU64 } from '../num/u64.ts';
import type { Parsed, Problem } from '../trace/problem.ts';
import { MAX_XEN_RECORDS } from './limits.ts';
import { problemAt } from './problems.ts';

/** A record of interest (Xen's public/trace.h). `tsc`: of the last record before it on its CPU that has one. */
export type XenRecord = {
  readonly tsc: bigint;
  readonly dom: number;
  readonly vcpu: number;
} & (
  | { readonly kind: 'port' | 'memory'; readonly write: boolean; readonly address: bigint; readonly data: bigint }
  | { readonly kind: 'hypercall'; readonly number: number }
);

export interface XenTrace {
  /** Of all CPUs, by time stamp counter; of equal ones those of a CPU keep their order. */
  readonly records: readonly XenRecord[];
  /** Records of whatever kind. */
  readonly seen: number;
  readonly cpus: number;
  /** Records that Xen's buffers had no room for, by its own count. */
  readonly lost: number;
  readonly notes: readonly Problem[];
}

/** Header of a record: event in 28 bits, number of further words in 3, whether the time stamp counter follows in 1. */
const EVENT_RANGE = 2 ** 28;
const WORDS_RANGE = 8;

const LOST_RECORDS = 0x1f001;
const SCHED_SWITCH = 0x2800a;
const HYPERCALL = 0x82012;
/** TRC_HVM_IOPORT_READ and its like, and what the flag for 64-bit addresses adds. */
const ACCESSES: ReadonlyMap<number, { readonly kind: 'port' | 'memory'; readonly write: boolean }> = new Map([
  [0x82016, { kind: 'port', write: false }],
  [0x82216, { kind: 'port', write: true }],
  [0x82017, { kind: 'memory', write: false }],
  [0x82217, { kind: 'memory', write: true }],
]);
const FLAG_64 = 0x100;

/** A CPU change with its two words: what each piece of the file begins with. */
const PIECE_MAGIC = 0x2001f003;
const PIECE_HEADER_BYTES = 12;

export const isXentrace = (bytes: Uint8Array): boolean =>
  bytes.length >= PIECE_HEADER_BYTES && viewOf(bytes).getUint32(0, true) === PIECE_MAGIC;

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** What goes on on one physical CPU. */
interface Cpu {
  readonly records: XenRecord[];
  tsc: bigint;
  dom: number;
  vcpu: number;
}

/** More CPUs than this are damage, and numbers of domains and vCPUs that Xen does not give (public/xen.h: DOMID_IDLE). */
const MAX_CPUS = 4096;
const MAX_DOMID = 0x7fff;
const MAX_VCPU = 8191;

class Reader {
  readonly cpus = new Map<number, Cpu>();
  seen = 0;
  kept = 0;
  lost = 0;
  problem: Problem | undefined;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#view = viewOf(bytes);
  }

  /** The whole file: pieces, each a CPU and the bytes of its buffer. */
  run(): void {
    const end = this.#view.byteLength;
    let at = 0;
    while (at < end && this.problem === undefined) {
      if (end - at < PIECE_HEADER_BYTES) {
        this.#fail(at, 'the file ends within the header of a piece: it is truncated');
        return;
      }
      const [magic, cpu, length] = [0, 4, 8].map((offset) => this.#view.getUint32(at + offset, true));
      const start = at + PIECE_HEADER_BYTES;
      if (magic !== PIECE_MAGIC || cpu === undefined || length === undefined || cpu >= MAX_CPUS || length % 4 !== 0) {
        this.#fail(at, `expected a record that names a CPU (${hex(PIECE_MAGIC)}); the file is damaged here or before`);
        return;
      }
      if (start + length > end) {
        this.#fail(at, `a piece of ${length} bytes begins, ${end - start} are left: the file is truncated`);
        return;
      }
      this.#piece(this.#cpu(cpu), start, start + length);
      at = start + length;
    }
  }

  #fail(at: number, message: string): void {
    this.problem ??= problemAt(undefined, `byte ${at}: ${message}`);
  }

  #cpu(number: number): Cpu {
    const known = this.cpus.get(number);
    if (known !== undefined) return known;
    const cpu = { records: [], tsc: 0n, dom: 0, vcpu: 0 };
    this.cpus.set(number, cpu);
    return cpu;
  }

  #piece(cpu: Cpu, start: number, end: number): void {
    const view = this.#view;
    for (let at = start; at < end && this.problem === undefined; ) {
      const header = view.getUint32(at, true);
      const event = header % EVENT_RANGE;
      const rest = Math.floor(header / EVENT_RANGE);
      const words = rest % WORDS_RANGE;
      const hasTsc = rest >= WORDS_RANGE;
      const data = at + (hasTsc ? 12 : 4);
      const next = data + 4 * words;
      if (next > end) {
        this.#fail(at, `record ${hex(event)} goes beyond the end of its piece: the file is damaged here or before`);
        return;
      }
      if (hasTsc) cpu.tsc = view.getBigUint64(at + 4, true);
      this.seen += 1;
      this.#record(cpu, event, data, words);
      at = next;
    }
  }

  #record(cpu: Cpu, event: number, at: number, words: number): void {
    const word = (index: number): number => (index < words ? this.#view.getUint32(at + 4 * index, true) : 0);
    if (event === LOST_RECORDS) this.lost += word(0);
    else if (event === SCHED_SWITCH && words >= 4) this.#switchTo(cpu, at, word(2), word(3));
    else if (event === HYPERCALL) this.#add(cpu, { kind: 'hypercall', number: word(0) });
    else {
      const is64 = Math.floor(event / FLAG_64) % 2 === 1;
      const access = ACCESSES.get(is64 ? event - FLAG_64 : event);
      // Without data: a string instruction whose data Xen keeps elsewhere.
      if (access === undefined || words < (is64 ? 4 : 2)) return;
      if (is64 && access.kind === 'port' && word(3) !== 0)
        this.#fail(at, 'eight bytes through a port: the file is damaged here');
      else if (is64) this.#add(cpu, { ...access, address: joinU64(word(0), word(1)), data: joinU64(word(2), word(3)) });
      else this.#add(cpu, { ...access, address: BigInt(word(0)), data: BigInt(word(1)) });
    }
  }

  #switchTo(cpu: Cpu, at: number, dom: number, vcpu: number): void {
    if (dom > MAX_DOMID || vcpu > MAX_VCPU)
      this.#fail(at, `a switch to vCPU ${vcpu} of domain ${dom}, which cannot be: the file is damaged here or before`);
    [cpu.dom, cpu.vcpu] = [dom, vcpu];
  }

  #add(
    cpu: Cpu,
    what:
      | { kind: 'port' | 'memory'; write: boolean; address: bigint; data: bigint }
      | { kind: 'hypercall'; number: number },
  ): void {
    this.kept += 1;
    if (this.kept > MAX_XEN_RECORDS)
      this.problem ??= problemAt(undefined, `more than ${MAX_XEN_RECORDS} records of accesses and hypercalls`);
    cpu.records.push({ tsc: cpu.tsc, dom: cpu.dom, vcpu: cpu.vcpu, ...what });
  }
}

const merge = (cpus: readonly Cpu[]): readonly XenRecord[] => {
  const [first] = cpus;
  if (cpus.length === 1 && first !== undefined) return first.records;
  return cpus.flatMap(({ records }) => records).sort((a, b) => (a.tsc < b.tsc ? -1 : a.tsc > b.tsc ? 1 : 0));
};

/**
 * The binary file of xentrace: pieces of the CPUs' buffers, merged by their time stamp counters. Damage is told with
 * its byte. Accesses and hypercall numbers are kept, with the vCPU that ran then; d0v0 as long as none is named.
 */
export const importXentrace = (bytes: Uint8Array): Parsed<XenTrace> => {
  if (bytes.length === 0)
    return { ok: false, problems: [problemAt(undefined, 'is empty; expected records of xentrace')] };
  const reader = new Reader(bytes);
  reader.run();
  const { problem, cpus, seen, lost } = reader;
  if (problem !== undefined) return { ok: false, problems: [problem] };
  const notes = lost > 0 ? [problemAt(undefined, `${lost} records were lost: what follows them may be wrong`)] : [];
  return { ok: true, value: { records: merge([...cpus.values()]), seen, cpus: cpus.size, lost, notes } };
};
