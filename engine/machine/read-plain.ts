// SPDX-License-Identifier: GPL-2.0-only
import { parseSbdf, type Sbdf } from '../num/sbdf.ts';
import { CONFIG_SPACE_BYTES, LEGACY_SPACE_BYTES, MAX_DEVICES, MAX_RANGES } from './limits.ts';
import type { EcamWindow, PlainDevice, PlainMachine } from './plain.ts';
import { ARCHS } from './schema.ts';

/*
 * Reads what formatMachine writes, a subset of YAML that needs no YAML parser and so takes a tenth of the time. Whatever
 * is not exactly in that form (comment lines, empty lines and another order of a device's keys are) is left to the YAML
 * reader, and so is every error.
 */

const HEAD = /^(?:#[^\n]*\n|\n){0,64}machine: 1\narch: (.*)\n/;
const NO_CONTENT = /^ *(?:#.*)?$/;
const RANGE = /^ {2}- (0x[0-9a-f]{1,13})-(0x[0-9a-f]{1,13})$/;
const WINDOW = /^ {2}- \{ segment: (\d{1,5}), base: (0x[0-9a-f]{1,13}), buses: (\d{1,3})-(\d{1,3}) \}$/;
const DEVICE = /^ {2}"([0-9a-f]{4}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7])":$/;
const DWORDS = /^ {4}(registers|writable|writeOneToClear): \{(?: (.*) )?\}$/;
const DWORD = /^0x([0-9a-f]{3}): 0x([0-9a-f]{8})$/;
const FLAG = /^ {4}(extended|aliased|present|stickyMemoryDecoding): (true|false)$/;
const PRESENT_WITH = /^ {4}presentWith: "([0-9a-f]{4}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7])"$/;
const SRIOV = /^ {4}sriov: (0x[0-9a-f]{1,3})$/;
const RESIZABLE = /^ {4}resizable: \[(.*)\]$/;
const RESIZABLE_ITEM = /^\{ control: (0x[0-9a-f]{1,3}), bar: ([0-7]) \}$/;

type Draft = { -readonly [K in keyof PlainDevice]?: PlainDevice[K] };

/** undefined: not in canonical form, ascending and without zeroes. */
const readDwords = (text: string | undefined): Map<number, number> | undefined => {
  const dwords = new Map<number, number>();
  let last = -1;
  for (const item of text === undefined ? [] : text.split(', ')) {
    const [, offsetText = '', valueText = ''] = DWORD.exec(item) ?? [];
    const offset = Number.parseInt(offsetText, 16);
    const value = Number.parseInt(valueText, 16);
    if (!(offset > last && offset % 4 === 0 && offset < CONFIG_SPACE_BYTES && value > 0)) return undefined;
    dwords.set(offset, value);
    last = offset;
  }
  return dwords;
};

const readResizable = (text: string): PlainDevice['resizable'] | undefined => {
  const list = text.split(/(?<=\}), /).map((item) => {
    const [, control, bar] = RESIZABLE_ITEM.exec(item) ?? [];
    return { control: Number(control), bar: Number(bar) };
  });
  return list.length <= 6 && list.every(({ control }) => control % 4 === 0) ? list : undefined;
};

/** Takes one line of a device into `draft`; false: it is not in canonical form, or there twice. */
const takeDeviceLine = (line: string, draft: Draft): boolean => {
  const put = <K extends keyof Draft>(key: K, value: Draft[K] | undefined): boolean => {
    if (value === undefined || draft[key] !== undefined) return false;
    draft[key] = value;
    return true;
  };
  const dwords = DWORDS.exec(line);
  // The patterns' groups list exactly these keys.
  if (dwords !== null) return put(dwords[1] as 'registers' | 'writable' | 'writeOneToClear', readDwords(dwords[2]));
  const flag = FLAG.exec(line);
  if (flag !== null)
    return put(flag[1] as 'extended' | 'aliased' | 'present' | 'stickyMemoryDecoding', flag[2] === 'true');
  const presentWith = PRESENT_WITH.exec(line)?.[1];
  if (presentWith !== undefined) return put('presentWith', parseSbdf(presentWith));
  const sriov = SRIOV.exec(line)?.[1];
  if (sriov !== undefined) return Number(sriov) % 4 === 0 && put('sriov', Number(sriov));
  const resizable = RESIZABLE.exec(line)?.[1];
  return resizable !== undefined && put('resizable', readResizable(resizable));
};

const NOTHING: ReadonlyMap<number, number> = new Map();

const finish = (sbdf: Sbdf, draft: Draft): PlainDevice => {
  const { registers = NOTHING, writable = NOTHING, writeOneToClear = NOTHING } = draft;
  return {
    sbdf,
    registers,
    writable,
    writeOneToClear,
    extended:
      draft.extended ??
      [registers, writable, writeOneToClear].some((dwords) =>
        [...dwords.keys()].some((offset) => offset >= LEGACY_SPACE_BYTES),
      ),
    aliased: draft.aliased ?? false,
    present: draft.present ?? true,
    presentWith: draft.presentWith,
    sriov: draft.sriov,
    resizable: draft.resizable ?? [],
    stickyMemoryDecoding: draft.stickyMemoryDecoding ?? false,
  };
};

const readWindow = (line: string): EcamWindow | undefined => {
  const match = WINDOW.exec(line);
  if (match === null) return undefined;
  const [segment = 0, base = 0, firstBus = 0, lastBus = 0] = match.slice(1).map(Number);
  const valid = segment <= 0xffff && base % 0x100000 === 0 && firstBus <= lastBus && lastBus <= 0xff;
  return valid ? { segment, base, firstBus, lastBus } : undefined;
};

const readRange = (line: string): PlainMachine['memoryMap'][number] | undefined => {
  const [first = Number.NaN, last = Number.NaN] = (RANGE.exec(line) ?? []).slice(1).map(Number);
  return first <= last ? { first, last } : undefined;
};

/** What YAML would refuse or look at more closely: windows of one segment, VFs without PF, too much of anything. */
const isPlausible = ({ memoryMap, ecam, devices }: PlainMachine): boolean => {
  if (memoryMap.length > MAX_RANGES || ecam.length > MAX_RANGES || devices.length > MAX_DEVICES) return false;
  if (new Set(ecam.map(({ segment }) => segment)).size < ecam.length) return false;
  const pfs = new Set(devices.flatMap(({ sbdf, sriov }) => (sriov === undefined ? [] : [sbdf])));
  return devices.every(({ presentWith }) => presentWith === undefined || pfs.has(presentWith));
};

const SECTIONS = ['memoryMap:', 'ecam:', 'devices:'];

/** The machine, or undefined if the text is not in canonical form. */
export const readPlainMachine = (text: string): PlainMachine | undefined => {
  const head = HEAD.exec(text);
  const arch = ARCHS.find((name) => name === head?.[1]);
  if (head === null || arch === undefined) return undefined;
  const memoryMap: PlainMachine['memoryMap'][number][] = [];
  const ecam: EcamWindow[] = [];
  const drafts = new Map<Sbdf, Draft>();
  let draft: Draft | undefined;
  let section = -1;
  const take = (line: string): boolean => {
    if (!line.startsWith(' ')) {
      const next = SECTIONS.indexOf(line);
      const ascends = next > section;
      section = next;
      return ascends;
    }
    if (section === 0) return push(memoryMap, readRange(line));
    if (section === 1) return push(ecam, readWindow(line));
    const sbdf = section === 2 ? parseSbdf(DEVICE.exec(line)?.[1] ?? '') : undefined;
    if (sbdf === undefined) return draft !== undefined && takeDeviceLine(line, draft);
    const isNew = !drafts.has(sbdf);
    draft = {};
    drafts.set(sbdf, draft);
    return isNew;
  };
  for (const line of text.slice(head[0].length).split('\n'))
    if (!NO_CONTENT.test(line) && !take(line)) return undefined;
  if ([...drafts.values()].some((given) => Object.keys(given).length === 0)) return undefined;
  const machine = { arch, memoryMap, ecam, devices: [...drafts].map(([sbdf, given]) => finish(sbdf, given)) };
  return isPlausible(machine) ? machine : undefined;
};

const push = <T>(list: T[], item: T | undefined): boolean => {
  if (item === undefined) return false;
  list.push(item);
  return true;
};
