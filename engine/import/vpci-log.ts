// SPDX-License-Identifier: GPL-2.0-only
import { has } from '../num/bits.ts';
import { parseSbdf, type Sbdf } from '../num/sbdf.ts';
import type { Parsed, Problem } from '../trace/problem.ts';
import { linesOf, problemAt, runsBack } from './problems.ts';
import type { HardwareAccess, Recorded } from './record.ts';

/** What a Xen that logs each vPCI access says. */
export interface VpciLog {
  /** In the order of the log. */
  readonly events: readonly Recorded[];
  /** Accesses that were passed on to hardware as they were (`@H`); register handlers reach hardware without one. */
  readonly passedOn: readonly HardwareAccess[];
  /** Lines with the mark of the log that are cut or garbled: what they said is lost. */
  readonly broken: readonly Problem[];
}

/** The log's lines are known by their mark, whatever is in front of it. */
export const VPCI_LOG_MARK = /\(XEN\) (?:\[[^\]]{0,40}\] )?@([VHBMXDP]) (.*)$/;

/** As many digits as the field may have: more are damage. */
const U64 = '([0-9a-f]{1,16})';
const FRAME = '([0-9a-f]{1,13})';
const U32 = '([0-9a-f]{1,8})';
const REG = '([0-9a-f]{1,3})';
const RET = '(0|-?[1-9]\\d{0,3})';
const FLAGS = '(\\d{1,4})';
const SIZE = '([1248])';
/** Through ports an access has no more bytes. */
const PORT_BYTES = 4;
const DOM = '(d(?:0|[1-9]\\d{0,3}))';
const SBDF = '([0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\\.[0-7])';

/** One kind of line: what it looks like, and what it says, if that makes sense; undefined: nothing that a trace holds. */
interface Kind {
  readonly mark: string;
  readonly pattern: RegExp;
  read(groups: readonly string[], line: number): Recorded | HardwareAccess | 'garbled' | undefined;
}

const fromHex = (text: string | undefined): number => Number.parseInt(text ?? '', 16);

/** The pattern has made sure that it is one. */
const sbdfOf = (text: string | undefined): Sbdf => parseSbdf(text ?? '') ?? (0 as Sbdf);

const DOM0 = { dom: 'd0', vcpu: 0 } as const;

const hypercall = (
  line: number,
  name: string,
  args: Readonly<Record<string, unknown>>,
  ret: string | undefined,
): Recorded => ({
  ...{ line, time: undefined, kind: 'hypercall', ...DOM0, op: `physdev.${name}`, note: undefined },
  args: { dom: DOM0.dom, vcpu: undefined, ...args },
  ret: Number(ret),
});

/** Bit 1 of the flags: a VF, whose PF is named. */
const VIRTFN = 2;

const addArgs = (sbdf: Sbdf, flags: number, physfn: string | undefined): Readonly<Record<string, unknown>> => ({
  ...{ sbdf, flags: flags === 0 ? undefined : flags, pxm: undefined },
  physfn: has(flags, VIRTFN) ? parseSbdf(physfn ?? '') : undefined,
});

const PHYSDEV_RESULT = new RegExp(`^d\\d+v\\d+ physdev_op \\d+ -> ${RET}$`);

const KINDS: readonly Kind[] = [
  {
    mark: 'V',
    pattern: new RegExp(`^(\\d{1,19}) ${DOM}v([0-7]?\\d{1,3}) ([PE]) ([RW]) ${SBDF} ${REG}/${SIZE} ${U64}$`),
    read: ([, time, dom, vcpu, path, direction, sbdf, reg, sizeText, value], line) => {
      const size = Number(sizeText);
      if (path === 'P' && size > PORT_BYTES) return 'garbled';
      return {
        ...{ line, time: BigInt(time ?? 0), kind: 'config', dom: dom ?? '', vcpu: Number(vcpu), inferred: false },
        ...{ path: path === 'P' ? 'ports' : 'ecam', write: direction === 'W', sbdf: sbdfOf(sbdf), reg: fromHex(reg) },
        ...{ size, value: BigInt(`0x${value}`) },
      };
    },
  },
  {
    mark: 'H',
    pattern: new RegExp(`^([RW]) ${SBDF} ${REG}/(\\d) ${U32}$`),
    read: ([, direction, sbdf, reg, , value], line) => ({
      ...{ line, time: undefined, write: direction === 'W', sbdf: sbdfOf(sbdf) },
      ...{ reg: fromHex(reg), value: fromHex(value) },
    }),
  },
  {
    mark: 'M',
    pattern: new RegExp(`^${DOM} (map|unmap) gfn ${FRAME}-${FRAME} mfn ${FRAME} rc ${RET}$`),
    read: ([, dom, what, first, last, mfn, ret], line) => {
      const [gfn, count] = [fromHex(first), fromHex(last) - fromHex(first) + 1];
      if (count < 1) return 'garbled';
      return {
        ...{ line, time: undefined, kind: 'mapped', dom: dom ?? '', isMap: what === 'map' },
        ...{ gfn, count, mfn: fromHex(mfn), ret: Number(ret) },
      };
    },
  },
  {
    mark: 'X',
    pattern: new RegExp(`^([RW]) gpa ${U64}/${SIZE}(?: ${U64})?$`),
    read: ([, direction, gpa, size, value], line) => ({
      ...{ line, time: undefined, kind: 'memory', ...DOM0, write: direction === 'W', gpa: BigInt(`0x${gpa}`) },
      ...{ size: Number(size), value: value === undefined ? undefined : BigInt(`0x${value}`) },
      ...{ via: 'msix', inferred: false },
    }),
  },
  {
    mark: 'D',
    pattern: new RegExp(`^pci_device_add ${SBDF} flags ${FLAGS} physfn ([0-9a-f:.]+) node \\d+ -> ${RET}$`),
    read: ([, sbdf, flags, physfn, ret], line) =>
      hypercall(line, 'pci_device_add', addArgs(sbdfOf(sbdf), Number(flags), physfn), ret),
  },
  {
    mark: 'D',
    pattern: new RegExp(`^pci_device_remove ${SBDF} -> ${RET}$`),
    read: ([, sbdf, ret], line) => hypercall(line, 'pci_device_remove', { sbdf: sbdfOf(sbdf) }, ret),
  },
  {
    mark: 'D',
    pattern: new RegExp(`^pci_device_reset ${SBDF} flags ${FLAGS} -> ${RET}$`),
    read: ([, sbdf, flags, ret], line) =>
      hypercall(line, 'pci_device_reset', { sbdf: sbdfOf(sbdf), flags: Number(flags) }, ret),
  },
  {
    mark: 'P',
    pattern: PHYSDEV_RESULT,
    read: () => undefined,
  },
  {
    mark: 'B',
    pattern: new RegExp(`^(?:modify_bars|decoding) ${SBDF} cmd ${U32} rom_only \\d$`),
    read: () => undefined,
  },
];

/** `@D pci_mmcfg_reserved addr b0000000 seg 0 bus 0-ff flags 1` has its result on the `@P` line that follows. */
const MMCFG =
  /^pci_mmcfg_reserved addr ([0-9a-f]{1,16}) seg ([0-9a-f]{1,4}) bus ([0-9a-f]{1,2})-([0-9a-f]{1,2}) flags (\d{1,4})$/;

class Reader {
  readonly events: Recorded[] = [];
  readonly passedOn: HardwareAccess[] = [];
  readonly broken: Problem[] = [];
  #mmcfg: readonly string[] | undefined;

  /** Answers the time that the line tells, if it tells one. */
  take(line: number, mark: string, said: string): bigint | undefined {
    const mmcfg = mark === 'D' ? MMCFG.exec(said) : null;
    if (mmcfg !== null) {
      this.#mmcfg = mmcfg;
      return undefined;
    }
    const kind = KINDS.find(({ mark: its, pattern }) => its === mark && pattern.test(said));
    const read = kind === undefined ? 'garbled' : kind.read(kind.pattern.exec(said) ?? [], line);
    if (read === 'garbled') {
      if (mark === 'P') this.#mmcfg = undefined;
      this.broken.push(problemAt(line, `a line of the vPCI log (@${mark}) that is cut or garbled`));
      return undefined;
    }
    if (mark === 'P') this.#finishMmcfg(line, said);
    if (read === undefined) return undefined;
    if ('kind' in read) this.events.push(read);
    else this.passedOn.push(read);
    return read.time;
  }

  #finishMmcfg(line: number, said: string): void {
    const [, address, segment, startBus, endBus, flags] = this.#mmcfg ?? [];
    this.#mmcfg = undefined;
    if (address === undefined) return;
    const buses = { segment: fromHex(segment), startBus: fromHex(startBus), endBus: fromHex(endBus) };
    const args = { address: BigInt(`0x${address}`), ...buses, flags: Number(flags) };
    this.events.push(hypercall(line, 'pci_mmcfg_reserved', args, PHYSDEV_RESULT.exec(said)?.[1]));
  }
}

/**
 * The lines that a Xen with logging at each vPCI access writes to its console: `@V` accesses of domains with the value
 * returned or written, `@H` what was passed on to hardware, `@M` ranges mapped, `@X` trapped accesses to MSI-X tables,
 * `@D` hypercalls about devices, `@P` results, `@B` requests to change decoding. Other lines are passed over.
 */
export const importVpciLog = (text: string): Parsed<VpciLog> => {
  const reader = new Reader();
  let seen = 0;
  let before: bigint | undefined;
  for (const [index, content] of linesOf(text).entries()) {
    const match = VPCI_LOG_MARK.exec(content.trimEnd());
    if (match === null) continue;
    seen += 1;
    const time = reader.take(index + 1, match[1] ?? '', match[2] ?? '');
    const back = time === undefined ? undefined : runsBack(index + 1, before, time);
    if (back !== undefined) return { ok: false, problems: [back] };
    before = time ?? before;
  }
  if (seen === 0)
    return { ok: false, problems: [problemAt(undefined, 'no line of a vPCI log: expected "(XEN) @V …"')] };
  const { events, passedOn, broken } = reader;
  return { ok: true, value: { events, passedOn, broken } };
};
