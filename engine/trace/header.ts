// SPDX-License-Identifier: GPL-2.0-only
import { misspeltDirective } from './directives.ts';
import { MAX_DIRECTIVES, MAX_MACHINE_CHARS } from './limits.ts';
import type { TraceHeader } from './operation.ts';
import type { Problem } from './problem.ts';
import { type ProblemList, quoted } from './problem-list.ts';

/** The version of the trace format that is read and written. */
export const TRACE_VERSION = 1;

export const VERSION_KEY = 'hvreplay-trace';

/** The key that embedded lines of a machine file have in JSON lines. */
export const MACHINE_TEXT_KEY = 'machine-text';

const KEY = /^[A-Za-z][A-Za-z0-9-]{0,63}$/;

export const isDirectiveKey = (key: string): boolean => KEY.test(key) && key !== MACHINE_TEXT_KEY;

/** What a directive's value has to be. */
export const isDirectiveValue = (value: string): boolean =>
  value !== '' && value.trim() === value && !/[\r\n]/.test(value);

/** Directives that say how a trace was recorded; a header has them first, in this order. */
export const RECORDING = {
  /** What it was recorded from, and by what. */
  source: 'source',
  tool: 'tool',
  /** Xen's own version string. */
  xen: 'xen-version',
  /** `no`: the recording ends before what was recorded did. */
  complete: 'complete',
  /** How many events the recorder saw and could not write. */
  lost: 'lost',
} as const;

const COUNT = /^(?:0|[1-9]\d{0,14})$/;

/** What is wrong with a directive that programs go by. */
export const badDirective = (key: string, value: string): string | undefined => {
  if (key === RECORDING.complete && value !== 'yes' && value !== 'no')
    return `${key}: expected yes or no; got ${quoted(value)}`;
  if (key === RECORDING.lost && !COUNT.test(value))
    return `${key}: expected a number of events, decimal; got ${quoted(value)}`;
  return undefined;
};

/** A machine file's text as a header has it: lines that all end in a line feed. undefined: there are none. */
export const machineTextOf = (text: string): string | undefined => {
  const lines = text.replaceAll('\r\n', '\n');
  return lines === '' || lines.endsWith('\n') ? lines || undefined : `${lines}\n`;
};

const LINES_AT_ONCE = 1024;

/** Collects the lines of a machine file within a trace. Of more than there may be it keeps as much as shows that. */
export class MachineLines {
  readonly #parts: string[] = [];
  #lines: string[] = [];
  #length = 0;

  /** @param line without its end */
  add(line: string): void {
    if (this.#length > MAX_MACHINE_CHARS) return;
    this.#length += line.length + 1;
    this.#lines.push(line);
    if (this.#lines.length === LINES_AT_ONCE) this.#join();
  }

  /** As {@link machineTextOf} answers it. */
  text(): string | undefined {
    this.#join();
    return machineTextOf(this.#parts.join(''));
  }

  /** Many short texts take many times the memory of one long one. */
  #join(): void {
    if (this.#lines.length > 0) this.#parts.push(`${this.#lines.join('\n')}\n`);
    this.#lines = [];
  }
}

/** The lines of the machine file that a trace holds, without their ends. */
export const machineLines = ({ machineText }: TraceHeader): readonly string[] =>
  machineText === undefined ? [] : machineText.slice(0, -1).split('\n');

/** Where something is in a file; nowhere in a format without lines. */
export type DirectivePlace = Omit<Problem, 'message'>;

export const NOWHERE: DirectivePlace = { line: undefined, column: undefined };

/** Finds a directive by its key; undefined: the header as a whole. */
export type LocateDirective = (key: string | undefined) => DirectivePlace;

/** Beside the headers, which are the same whatever they were read from. */
const PLACES = new WeakMap<TraceHeader, LocateDirective>();

/** Where a directive is in the file that the header was read from. */
export const directivePlace = (header: TraceHeader, key: string): DirectivePlace =>
  PLACES.get(header)?.(key) ?? NOWHERE;

/** The header that directives, and lines of a machine file, make; reports what is wrong with them. */
export const makeHeader = (
  directives: ReadonlyMap<string, string>,
  machineText: string | undefined,
  locate: LocateDirective,
  problems: ProblemList,
): TraceHeader | undefined => {
  const { [VERSION_KEY]: version, title, machine, ...further } = Object.fromEntries(directives);
  const before = problems.count;
  const wrong = (message: string, key?: string): void => problems.add(() => ({ ...locate(key), message }));
  if (version === undefined) wrong(`${VERSION_KEY}: missing; expected version ${TRACE_VERSION}`);
  else if (version !== String(TRACE_VERSION))
    wrong(`${VERSION_KEY}: expected version ${TRACE_VERSION}; got ${quoted(version)}`, VERSION_KEY);
  for (const [key, value] of directives) {
    const bad = badDirective(key, value);
    if (bad !== undefined) wrong(bad, key);
    const meant = misspeltDirective(key);
    if (meant !== undefined) wrong(`${key}: no directive that is known; did you mean ${meant}?`, key);
  }
  if (directives.size > MAX_DIRECTIVES) wrong(`more than ${MAX_DIRECTIVES} directives; expected fewer`);
  if (machine !== undefined && machineText !== undefined)
    wrong('machine: given as a file and within the trace; expected one of them', 'machine');
  if (machineText !== undefined && machineText.length > MAX_MACHINE_CHARS)
    wrong(`the machine within the trace has more than ${MAX_MACHINE_CHARS} characters; expected fewer`);
  if (problems.count > before) return undefined;
  const embedded = machineText === undefined ? {} : { machineText };
  const header = { version: TRACE_VERSION, title, machine, ...embedded, directives: inOrder(further) };
  PLACES.set(header, locate);
  return header;
};

/** The header with further directives. */
export const withDirectives = (header: TraceHeader, more: Readonly<Record<string, string>>): TraceHeader => ({
  ...header,
  directives: inOrder({ ...header.directives, ...more }),
});

/** The directives with those of {@link RECORDING} first. */
const inOrder = (directives: Readonly<Record<string, string>>): Readonly<Record<string, string>> => {
  const first = Object.values(RECORDING).flatMap((key) => {
    const value = directives[key];
    return value === undefined ? [] : [[key, value] as const];
  });
  return { ...Object.fromEntries(first), ...directives };
};
