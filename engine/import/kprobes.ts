// SPDX-License-Identifier: GPL-2.0-only
import { makeSbdf, parseSbdf, type Sbdf } from '../num/sbdf.ts';
import type { Parsed, Problem } from '../trace/problem.ts';
import { linesOf, problemAt, runsBack } from './problems.ts';

/** How Linux reached config space: ports 0xcf8/0xcfc, or the ECAM window. */
export type AccessPath = 'ports' | 'ecam';

/** One config access of the dom0 kernel. */
export interface KernelConfigAccess {
  readonly kind: 'access';
  readonly line: number;
  /** Since the kernel's boot, in ns. */
  readonly time: bigint;
  readonly path: AccessPath;
  readonly write: boolean;
  readonly sbdf: Sbdf;
  readonly reg: number;
  /** Bytes: 1, 2 or 4. */
  readonly size: number;
  readonly value: number;
  /** The accessor reported an error; `value` means nothing. */
  readonly failed: boolean;
}

/** Actions of Linux's bus notifier (include/linux/device/bus.h, enum bus_notifier_event). */
const NOTIFIER_ACTIONS = ['add', 'delete', 'removed', 'bind', 'bound', 'unbind', 'unbound', 'not-bound'] as const;

/**
 * A call of `xen_pci_notifier`, the hook that tells Xen of a device on `add` and `delete`. It names a kernel object, no
 * SBDF, and answers a notifier code (1: handled), not the hypercall's result.
 */
export interface KernelNotification {
  readonly kind: 'notification';
  readonly line: number;
  readonly time: bigint;
  readonly action: (typeof NOTIFIER_ACTIONS)[number] | 'other';
  /** Address of the `struct device`: equal for the same device as long as that lives. */
  readonly device: string;
  /** The device's name, if the probe has one and it is an SBDF. */
  readonly name: Sbdf | undefined;
  /** undefined: the return was not recorded. */
  readonly answer: number | undefined;
}

export interface KernelTrace {
  readonly events: readonly (KernelConfigAccess | KernelNotification)[];
  /** Events that the ring buffer lost, by its own count. */
  readonly lostEvents: number;
}

const ACCESSORS: Readonly<Record<string, { path: AccessPath; write: boolean }>> = {
  pci_conf1_read: { path: 'ports', write: false },
  pci_conf1_write: { path: 'ports', write: true },
  pci_mmcfg_read: { path: 'ecam', write: false },
  pci_mmcfg_write: { path: 'ecam', write: true },
};
const NOTIFIER = 'xen_pci_notifier';

/** `task-pid [cpu] flags seconds.micros: probe: (where) name=value …`. */
const EVENT = /^\s*(\S.*-\d+)\s+\[\d+\]\s+\S+\s+(\d+)\.(\d{6}): \w+: \(([^)]*)\)(.*)$/;
const RETURN_OF = /<- (\w+)$/;
const ENTRY_OF = /^(\w+)\+/;
const COUNTS = /^# entries-in-buffer\/entries-written: (\d+)\/(\d+)/;
const LOST = /\[LOST (\d+) EVENTS\]/;

const readFields = (text: string): ReadonlyMap<string, string> =>
  new Map([...text.matchAll(/(\w+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value]));

const numberIn = (fields: ReadonlyMap<string, string>, name: string): number | undefined => {
  const text = fields.get(name);
  if (text === undefined || !/^-?(?:0x[0-9a-f]{1,16}|\d{1,15})$/i.test(text)) return undefined;
  return Number(text);
};

interface Line {
  readonly line: number;
  readonly task: string;
  readonly time: bigint;
  readonly fields: ReadonlyMap<string, string>;
}

const readAccess = (at: Line, accessor: { path: AccessPath; write: boolean }): KernelConfigAccess | Problem => {
  const read = (name: string, max: number): number | undefined => {
    const value = numberIn(at.fields, name);
    return value !== undefined && value >= 0 && value <= max ? value : undefined;
  };
  const [segment, bus, devfn] = [read('seg', 0xffff), read('bus', 0xff), read('devfn', 0xff)];
  const [reg, size, value] = [read('reg', 0xfff), read('len', 4), read('val', 0xffffffff)];
  if (segment === undefined || bus === undefined || devfn === undefined)
    return problemAt(at.line, 'a config access needs seg=, bus= and devfn= in range');
  if (reg === undefined || value === undefined || (size !== 1 && size !== 2 && size !== 4))
    return problemAt(at.line, 'a config access needs reg= up to 0xfff, len= 1, 2 or 4, and val=');
  return {
    kind: 'access',
    line: at.line,
    time: at.time,
    ...accessor,
    sbdf: makeSbdf(segment, bus, devfn),
    reg,
    size,
    // The probe keeps what the callee left in a whole word; only the access's bytes count.
    value: value % 2 ** (8 * size),
    failed: (numberIn(at.fields, 'ret') ?? 0) !== 0,
  };
};

const readNotification = (at: Line): KernelNotification => ({
  kind: 'notification',
  line: at.line,
  time: at.time,
  action: NOTIFIER_ACTIONS[numberIn(at.fields, 'action') ?? -1] ?? 'other',
  device: at.fields.get('dev') ?? '',
  name: parseSbdf((at.fields.get('name') ?? '').replaceAll('"', '')),
  answer: undefined,
});

/** Collects events; knows which notifier call of each task has not returned yet. */
class Collector {
  readonly events: (KernelConfigAccess | KernelNotification)[] = [];
  readonly problems: Problem[] = [];
  private readonly open = new Map<string, number>();

  take(at: Line, place: string): void {
    const returned = RETURN_OF.exec(place)?.[1];
    const called = returned ?? ENTRY_OF.exec(place)?.[1] ?? '';
    const accessor = Object.hasOwn(ACCESSORS, called) ? ACCESSORS[called] : undefined;
    // A read has its value only on return, a write has it on entry.
    if (accessor !== undefined && accessor.write === (returned === undefined)) {
      const access = readAccess(at, accessor);
      if ('message' in access) this.problems.push(access);
      else this.events.push(access);
    } else if (called === NOTIFIER) this.takeNotification(at, returned !== undefined);
  }

  private takeNotification(at: Line, returned: boolean): void {
    if (!returned) {
      this.open.set(at.task, this.events.length);
      this.events.push(readNotification(at));
      return;
    }
    const index = this.open.get(at.task);
    const event = index === undefined ? undefined : this.events[index];
    if (index === undefined || event?.kind !== 'notification') return;
    this.events[index] = { ...event, answer: numberIn(at.fields, 'ret') };
    this.open.delete(at.task);
  }
}

/**
 * The text of Linux's tracefs `trace` file with kernel probes on the config accessors and on Xen's PCI notifier: the
 * accesses with their widths, which Xen's own trace does not have. Probes are known by the function they are on, not
 * by their name; arguments by the names seg, bus, devfn, reg, len, val, ret, action, dev. Other probes are left out.
 */
export const importKprobes = (text: string): Parsed<KernelTrace> => {
  const collector = new Collector();
  let lostEvents = 0;
  let eventLines = 0;
  let promised = 0;
  let before: bigint | undefined;
  for (const [index, content] of linesOf(text).entries()) {
    const counts = COUNTS.exec(content);
    if (counts !== null) {
      lostEvents += Math.max(0, Number(counts[2]) - Number(counts[1]));
      promised += Number(counts[1]);
    }
    lostEvents += Number(LOST.exec(content)?.[1] ?? 0);
    if (content.startsWith('#') || LOST.test(content) || content.trim() === '') continue;
    const event = EVENT.exec(content);
    if (event === null) {
      collector.problems.push(
        problemAt(index + 1, 'expected "task-pid [cpu] flags time: probe: (function) name=value"'),
      );
      continue;
    }
    eventLines += 1;
    const [, task = '', seconds = '', micros = '', place = '', rest = ''] = event;
    const time = (BigInt(seconds) * 1_000_000n + BigInt(micros)) * 1000n;
    const back = runsBack(index + 1, before, time);
    if (back !== undefined) return { ok: false, problems: [back] };
    before = time;
    collector.take({ line: index + 1, task, time, fields: readFields(rest) }, place);
  }
  if (eventLines < promised)
    collector.problems.push(
      problemAt(undefined, `holds ${eventLines} events, its header says ${promised}: the file is truncated`),
    );
  if (eventLines === 0 && collector.problems.length === 0)
    collector.problems.push(problemAt(undefined, 'no event: expected the text of a tracefs trace file'));
  const { events, problems } = collector;
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: { events, lostEvents } };
};
