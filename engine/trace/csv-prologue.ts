// SPDX-License-Identifier: GPL-2.0-only
import { columnNames, type Place } from './decode-event.ts';
import { MAX_COLUMNS, MAX_DIRECTIVES } from './limits.ts';
import { didYouMean } from './nearest.ts';
import type { Registry, TraceHeader } from './operation.ts';
import { type ProblemList, quoted } from './problem-list.ts';

/** The version of the trace format that is read and written. */
export const TRACE_VERSION = 1;

const VERSION_KEY = 'hvreplay-trace';
const KEY = /^[A-Za-z][A-Za-z0-9-]{0,63}$/;

/** The header that directives make; reports what is wrong with the version. Shared by the text formats. */
export const makeHeader = (
  directives: ReadonlyMap<string, string>,
  place: Place,
  problems: ProblemList,
): TraceHeader | undefined => {
  const { [VERSION_KEY]: version, title, machine, ...further } = Object.fromEntries(directives);
  if (version === undefined) {
    problems.add(() => ({ ...place, message: `${VERSION_KEY}: missing; expected version ${TRACE_VERSION}` }));
    return undefined;
  }
  if (version !== String(TRACE_VERSION)) {
    const message = `${VERSION_KEY}: expected version ${TRACE_VERSION}; got ${quoted(version)}`;
    problems.add(() => ({ ...place, message }));
    return undefined;
  }
  return { version: TRACE_VERSION, title, machine, directives: further };
};

/** The `# key: value` lines in front of a CSV trace's header row. */
export class Directives {
  readonly #found = new Map<string, string>();
  readonly #problems: ProblemList;
  #versionLine = 1;

  constructor(problems: ProblemList) {
    this.#problems = problems;
  }

  /** `text`: one line that begins with #. */
  add(text: string, line: number): void {
    const colon = text.indexOf(':');
    const key = text.slice(1, Math.max(colon, 1)).trim();
    const value = text.slice(colon + 1).trim();
    const wrong = (message: string): void => this.#problems.add(() => ({ line, column: 1, message }));
    if (colon < 0 || !KEY.test(key)) wrong(`expected a directive "# key: value"; got ${quoted(text.trim())}`);
    else if (this.#found.has(key)) wrong(`# ${key}: given twice; expected it once`);
    else if (this.#found.size >= MAX_DIRECTIVES) wrong(`# ${key}: more than ${MAX_DIRECTIVES} directives`);
    else if (value === '') wrong(`# ${key}: expected a value after the colon`);
    else if (value.includes('\r')) wrong(`# ${key}: expected one line of text; got ${quoted(value)}`);
    else this.#found.set(key, value);
    if (key === VERSION_KEY) this.#versionLine = line;
  }

  header(): TraceHeader | undefined {
    return makeHeader(this.#found, { line: this.#versionLine, column: 1 }, this.#problems);
  }
}

/**
 * The header row's columns, undefined in place of those that are reported; no `op` among them: no row can be decoded.
 * `locate`: where a cell of the header row is.
 */
export const readColumns = (
  cells: readonly string[],
  registry: Registry,
  problems: ProblemList,
  locate: (cell: number) => Place,
): readonly (string | undefined)[] => {
  const known = columnNames(registry);
  const seen = new Set<string>();
  const columns = cells.slice(0, MAX_COLUMNS).map((name, cell) => {
    const wrong = (message: () => string): undefined => {
      problems.add(() => ({ ...locate(cell), message: message() }));
      return undefined;
    };
    if (name === '') return wrong(() => `column ${cell + 1} has no name; expected the name of a field`);
    if (!known.has(name)) return wrong(() => `unknown column ${quoted(name)}${didYouMean(name, known)}`);
    if (seen.has(name)) return wrong(() => `column ${name} is there twice; expected it once`);
    seen.add(name);
    return name;
  });
  if (cells.length > MAX_COLUMNS)
    problems.add(() => ({
      ...locate(MAX_COLUMNS),
      message: `${cells.length} columns; expected at most ${MAX_COLUMNS}`,
    }));
  if (!seen.has('op'))
    problems.add(() => ({
      ...locate(0),
      message: 'the header row has no column op; expected one, such as "op,dom,sbdf"',
    }));
  return columns;
};
