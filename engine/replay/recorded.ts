// SPDX-License-Identifier: GPL-2.0-only
import { formatErrno } from '../num/errno.ts';
import { hexPadded } from '../num/u64.ts';
import type { ResultLine } from '../state/result.ts';
import type { TraceEvent } from '../trace/operation.ts';

/** Where the model answers otherwise than the system that a trace was recorded on. */
export interface Divergence {
  /** The event's number and operation. */
  readonly seq: number;
  readonly op: string;
  /**
   * `via`: where an access to memory went; `map`, `hw`: a range mapped, a write to hardware, that only one of the two
   * has; `end`: the model has no answer any more, since Xen's code leaves defined behaviour at this event.
   */
  readonly what: 'ret' | 'value' | 'via' | 'map' | 'hw' | 'end';
  /** As golden files write it; empty: nothing was recorded. */
  readonly recorded: string;
  /** The same; undefined: the model gave none. Of `end` the rule, if the model told it. */
  readonly modelled: string | undefined;
  /**
   * The model's value is what its hardware held, byte for byte: the machine description, or hardware that changed by
   * itself, is at odds with the record, not Xen's logic. Only told where the result lines list reads of hardware
   * (AccessLog `reads-and-writes`).
   */
  readonly fromHardware: boolean;
}

/** How much of a record was compared. */
export interface ComparedCount {
  results: number;
  values: number;
  /** Of the values, those that came straight from hardware in the model, equal or not. */
  hardwareValues: number;
  routes: number;
}

export const nothingCompared = (): ComparedCount => ({ results: 0, values: 0, hardwareValues: 0, routes: 0 });

/** What came out of a comparison; zero divergences mean little if nothing was compared. */
export interface RecordComparison {
  /** Recorded results and read values that were compared. */
  readonly results: number;
  readonly values: number;
  /** In the order of the events. */
  readonly divergences: readonly Divergence[];
}

const BYTE = 0x100n;

/** `r SBDF REG SIZE VALUE`, as result lines list accesses to hardware. */
const HARDWARE_READ = /^r (\S+) (0x[0-9a-f]+) (\d) (0x[0-9a-f]+)$/;

/** A register of a device, as one access reaches it. */
export interface RegisterRead {
  readonly sbdf: string;
  readonly reg: number;
  readonly size: number;
  readonly value: bigint;
}

/** What a line's reads of hardware were, by register. */
const hardwareReads = (line: ResultLine): readonly RegisterRead[] =>
  (line.hw ?? [])
    .flatMap((access) => {
      const [, sbdf, reg, size, value] = HARDWARE_READ.exec(access) ?? [];
      return sbdf === undefined || value === undefined
        ? []
        : [{ sbdf, reg: Number(reg), size: Number(size), value: BigInt(value) }];
    })
    .sort((a, b) => a.reg - b.reg);

/** The value that a line's reads of hardware give when put together by register; undefined: not `sizeBytes` in all. */
const hardwareValue = (line: ResultLine, sizeBytes: number): bigint | undefined => {
  let value = 0n;
  let done = 0;
  for (const read of hardwareReads(line)) {
    value += read.value * BYTE ** BigInt(done);
    done += read.size;
  }
  return done === sizeBytes ? value : undefined;
};

/** The registers that hardware would have to hold for a read, answered by `line`, to give `recorded`. */
export const registersFor = (line: ResultLine, recorded: bigint): readonly RegisterRead[] => {
  let rest = recorded;
  return hardwareReads(line).map((read) => {
    const range = BYTE ** BigInt(read.size);
    const value = rest % range;
    rest /= range;
    return { ...read, value };
  });
};

const isRead = (event: TraceEvent): boolean => event.op.endsWith('.read') || event.op === 'hw.get';

/** Compares one event's record with its line; undefined: the event has none. Counts into `compared`. */
export const compareEvent = (
  event: TraceEvent,
  line: ResultLine | undefined,
  compared: ComparedCount,
): readonly Divergence[] => {
  const { seq, op } = event;
  const found: Divergence[] = [];
  if (event.ret !== undefined) {
    compared.results++;
    const modelled = line?.ret;
    if (modelled !== event.ret)
      found.push({
        ...{ seq, op, what: 'ret', recorded: formatErrno(event.ret), fromHardware: false },
        modelled: modelled === undefined ? undefined : formatErrno(modelled),
      });
  }
  const { value, size, via } = event.args;
  if (typeof via === 'string') {
    compared.routes++;
    if (line?.via !== via)
      found.push({ ...{ seq, op, what: 'via', recorded: via, fromHardware: false }, modelled: line?.via });
  }
  if (typeof value === 'bigint' && isRead(event)) {
    compared.values++;
    const modelled = line?.value === undefined ? undefined : BigInt(line.value);
    const sizeBytes = Number(size);
    const fromHardware = modelled !== undefined && line !== undefined && hardwareValue(line, sizeBytes) === modelled;
    if (fromHardware) compared.hardwareValues++;
    if (modelled !== value) {
      const text = (number: bigint): string => hexPadded(number, 2 * sizeBytes);
      found.push({
        ...{ seq, op, what: 'value', recorded: text(value) },
        modelled: modelled === undefined ? undefined : text(modelled),
        fromHardware,
      });
    }
  }
  return found;
};

/**
 * Compares what a trace recorded (`ret` of any event, `value` of reads) with what its replay answers. `lines` are those
 * of the replay of `events`; where they end early, nothing after that is compared.
 */
export const compareWithRecord = (events: Iterable<TraceEvent>, lines: Iterable<ResultLine>): RecordComparison => {
  const bySeq = new Map<number, ResultLine>();
  for (const line of lines) if (line.seq !== undefined) bySeq.set(line.seq, line);
  const compared = nothingCompared();
  const divergences: Divergence[] = [];
  for (const event of events) {
    const { seq, op } = event;
    const line = bySeq.get(seq);
    if (line?.undefined) {
      divergences.push({ seq, op, what: 'end', recorded: '', modelled: line.rule, fromHardware: false });
      break;
    }
    divergences.push(...compareEvent(event, line, compared));
  }
  const { results, values } = compared;
  return { results, values, divergences };
};
