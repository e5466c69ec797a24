// SPDX-License-Identifier: GPL-2.0-only
import type { z } from 'zod';
import { formatSbdf, parseSbdf, type Sbdf } from '../num/sbdf.ts';
import { hex } from '../num/u64.ts';
import { didYouMean } from '../trace/nearest.ts';
import type { Parsed } from '../trace/problem.ts';
import { ProblemList, quoted } from '../trace/problem-list.ts';
import { badCharacter } from '../trace/text-input.ts';
import { compileDevice } from './compile-device.ts';
import { MAX_DEVICES, MAX_MACHINE_CHARS } from './limits.ts';
import type { EcamWindow, PlainDevice, PlainMachine } from './plain.ts';
import { readPlainMachine } from './read-plain.ts';
import { deviceSchema, FURTHER_KEYS, headSchema, type MachineHead } from './schema.ts';
import { type Path, positionOf, readYaml, YamlTree } from './yaml-tree.ts';

/** What a machine file says. */
export interface LoadedMachine extends PlainMachine {
  /** `deviceTree`, `grants` and `arm` where given, as plain values; those who use them validate them. */
  readonly further: Readonly<Record<string, unknown>>;
}

/** The value that `path` leads to in plain objects and arrays. */
const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null && Object.hasOwn(at, key) ? Reflect.get(at, key) : undefined),
    value,
  );

/** Numbers from 10 on as people write them in machine files. */
const number = (value: number): string => (Number.isInteger(value) && value >= 10 ? hex(value) : String(value));

const shown = (value: unknown): string => {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'number') return number(value);
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'a map' : String(value);
};

/** What an error message calls the value at `path`: its key, of a numbered one what it is a number of too. */
const nameOf = (path: Path): string => {
  const last = path.at(-1);
  const owner = path.at(-2) ?? 'machine file';
  if (typeof last === 'number') return `${owner}[${last}]`;
  if (last !== undefined && /^[0-9]+$/.test(last)) return `${owner} ${number(Number(last))}`;
  return last ?? 'machine file';
};

/** Reports problems of one file at their places. */
class Reporter {
  readonly #tree: YamlTree;
  readonly #problems: ProblemList;

  constructor(tree: YamlTree, problems: ProblemList) {
    this.#tree = tree;
    this.#problems = problems;
  }

  /** A problem with what is at `path`, or with the key `key` of it. */
  fault(path: Path, message: string, key?: string): void {
    this.#problems.add(() => this.#tree.problem(path, message, key));
  }

  /** An issue of a schema; `path` leads to what was validated. See schema-kinds.ts about its message. */
  issue(path: Path, issue: z.core.$ZodIssue): void {
    const steps = [...path, ...issue.path.map((step) => (typeof step === 'symbol' ? '' : step))];
    if (issue.code === 'unrecognized_keys') {
      const known = issue.message.split(', ');
      for (const key of issue.keys)
        this.#problems.add(() => this.#tree.problem(steps, `unknown key ${quoted(key)}${didYouMean(key, known)}`, key));
      return;
    }
    const last = String(steps.at(-1) ?? '');
    if (issue.code === 'invalid_key') {
      this.fault(steps.slice(0, -1), `expected ${issue.message}; got ${quoted(last)}`, last);
      return;
    }
    const value = valueAt(this.#tree.value, steps);
    const said = `expected ${issue.message}`;
    this.fault(steps, `${nameOf(steps)}: ${value === undefined ? `missing; ${said}` : `${said}; got ${shown(value)}`}`);
  }
}

const readRanges = (ranges: MachineHead['memoryMap'], reporter: Reporter): PlainMachine['memoryMap'] =>
  (ranges ?? []).map((range, index) => {
    const [first = 0, last = 0] = range.split('-').map(Number);
    if (!(first <= last && Number.isSafeInteger(last)))
      reporter.fault(
        ['memoryMap', index],
        `memoryMap: expected a range that ascends, below 2^53; got ${quoted(range)}`,
      );
    return { first, last };
  });

const readWindows = (given: MachineHead['ecam'], reporter: Reporter): readonly EcamWindow[] => {
  const windows = (given ?? []).map(({ segment, base, buses }, index) => {
    const [firstBus = 0, lastBus = 0] = buses.split('-').map(Number);
    if (!(firstBus <= lastBus && lastBus <= 0xff))
      reporter.fault(['ecam', index, 'buses'], `buses: expected a range that ascends, up to 255; got ${quoted(buses)}`);
    return { segment, base, firstBus, lastBus };
  });
  const sorted = windows
    .map((window, index) => ({ ...window, index }))
    .sort((a, b) => a.segment - b.segment || a.firstBus - b.firstBus);
  sorted.forEach(({ segment, firstBus, index }, position) => {
    const before = sorted[position - 1];
    if (before !== undefined && before.segment === segment && before.lastBus >= firstBus)
      reporter.fault(['ecam', index, 'buses'], `buses: overlaps another window of segment ${segment}`);
  });
  return windows;
};

/** Devices without fault, by the description that they were compiled from. */
type CompiledDevices = WeakMap<object, PlainDevice>;

/** A copy of `value` that lacks the keys that a schema does not know. */
const withoutUnknownKeys = (value: unknown, issues: readonly z.core.$ZodIssue[]): unknown => {
  const copy: unknown = structuredClone(value);
  for (const issue of issues) {
    const owner = issue.code === 'unrecognized_keys' ? valueAt(copy, issue.path) : undefined;
    if (issue.code !== 'unrecognized_keys' || typeof owner !== 'object' || owner === null) continue;
    for (const key of issue.keys) Reflect.deleteProperty(owner, key);
  }
  return copy;
};

/** undefined: the description does not fit the schema; other faults leave a device that is of no use. */
const readDevice = (
  sbdf: Sbdf,
  key: string,
  value: unknown,
  reporter: Reporter,
  compiled: CompiledDevices | undefined,
): PlainDevice | undefined => {
  const source = typeof value === 'object' && value !== null ? value : {};
  const known = compiled?.get(source);
  if (known?.sbdf === sbdf) return known;
  const first = deviceSchema.safeParse(value);
  for (const issue of first.error?.issues ?? []) reporter.issue(['devices', key], issue);
  // What is wrong with the rest is told too.
  const parsed = first.success ? first : deviceSchema.safeParse(withoutUnknownKeys(value, first.error.issues));
  if (!parsed.success) return undefined;
  let isSound = first.success;
  const device = compileDevice(sbdf, parsed.data, (path, message, inner) => {
    isSound = false;
    reporter.fault(['devices', key, ...path], message, inner);
  });
  if (isSound) compiled?.set(source, device);
  return device;
};

const readDevices = (
  given: Readonly<Record<string, unknown>>,
  reporter: Reporter,
  compiled: CompiledDevices | undefined,
): readonly PlainDevice[] => {
  const devices = new Map<Sbdf, PlainDevice>();
  const entries = Object.entries(given);
  if (entries.length > MAX_DEVICES) {
    reporter.fault(['devices'], `devices: expected at most ${MAX_DEVICES}; got ${entries.length}`);
    return [];
  }
  for (const [key, value] of entries) {
    const sbdf = parseSbdf(key);
    if (sbdf === undefined) {
      reporter.fault(['devices'], `expected an SBDF such as "0000:03:00.0" as key; got ${quoted(key)}`, key);
      continue;
    }
    if (devices.has(sbdf))
      reporter.fault(['devices'], `device ${formatSbdf(sbdf)} is there twice; expected it once`, key);
    const device = readDevice(sbdf, key, value, reporter, compiled);
    if (device !== undefined) devices.set(sbdf, device);
  }
  return [...devices.values()];
};

/** A VF appears with the VF Enable bit of a function that has to be there, and to have that bit. */
const checkPfs = (machine: PlainMachine, given: Readonly<Record<string, unknown>>, reporter: Reporter): void => {
  const pfs = new Map(machine.devices.map((device) => [device.sbdf, device]));
  for (const { sbdf, presentWith } of machine.devices) {
    if (presentWith === undefined || pfs.get(presentWith)?.sriov !== undefined) continue;
    const key = Object.keys(given).find((name) => parseSbdf(name) === sbdf) ?? '';
    const what = pfs.has(presentWith) ? 'has no sriov' : 'is no device of this machine';
    reporter.fault(['devices'], `${formatSbdf(sbdf)} is present with ${formatSbdf(presentWith)}, which ${what}`, key);
  }
};

/**
 * Reads a machine file: YAML with devices in plain or friendly form. All that is wrong with it is reported at once,
 * except that what is no YAML is not looked at further.
 */
export const parseMachine = (text: string): Parsed<LoadedMachine> => {
  const problems = new ProblemList();
  if (text.length > MAX_MACHINE_CHARS) {
    const message = `expected a machine file of at most ${MAX_MACHINE_CHARS} characters; got ${text.length}`;
    return { ok: false, problems: [{ line: undefined, column: undefined, message }] };
  }
  const bad = badCharacter(text);
  if (bad !== undefined) problems.add(() => ({ ...positionOf(text, bad.offset), message: bad.message }));
  const plain = bad === undefined ? readPlainMachine(text) : undefined;
  if (plain !== undefined) return { ok: true, value: { ...plain, further: {} } };
  const tree = readYaml(text, problems);
  const loaded = tree === undefined ? undefined : readTree(tree, problems);
  if (loaded === undefined || problems.count > 0) return { ok: false, problems: problems.list() };
  return { ok: true, value: loaded };
};

/**
 * Compiles variants of one description, given as the plain values that its file says; undefined: there is something
 * wrong with it. A device's description that is in several variants, as the same object, is compiled once.
 */
export const machineCompiler = (): ((description: unknown) => LoadedMachine | undefined) => {
  const compiled: CompiledDevices = new WeakMap();
  return (description) => {
    const problems = new ProblemList();
    const loaded = readTree(new YamlTree('', undefined, description), problems, compiled);
    return problems.count > 0 ? undefined : loaded;
  };
};

const readTree = (tree: YamlTree, problems: ProblemList, compiled?: CompiledDevices): LoadedMachine | undefined => {
  const reporter = new Reporter(tree, problems);
  const parsed = headSchema.safeParse(tree.value);
  if (!parsed.success) for (const issue of parsed.error.issues) reporter.issue([], issue);
  // Each part is looked at even if the rest is wrong.
  const part = (key: string): unknown => valueAt(tree.value, [key]);
  const memoryMap = readRanges(headSchema.shape.memoryMap.safeParse(part('memoryMap')).data, reporter);
  const ecam = readWindows(headSchema.shape.ecam.safeParse(part('ecam')).data, reporter);
  const found = part('devices');
  const given: Readonly<Record<string, unknown>> =
    parsed.data?.devices ?? (typeof found === 'object' && found !== null && !Array.isArray(found) ? { ...found } : {});
  const devices = readDevices(given, reporter, compiled);
  if (!parsed.success) return undefined;
  const head = parsed.data;
  const machine: PlainMachine = { arch: head.arch, memoryMap, ecam, devices };
  checkPfs(machine, given, reporter);
  const further = Object.fromEntries(
    FURTHER_KEYS.filter((key) => Object.hasOwn(head, key)).map((key) => [key, valueAt(head, [key])]),
  );
  return { ...machine, further };
};
