// SPDX-License-Identifier: GPL-2.0-only
import { columnNames, type Place } from './decode-event.ts';
import { isDirectiveKey, MachineLines, makeHeader, VERSION_KEY } from './header.ts';
import { MAX_COLUMNS, MAX_DIRECTIVES } from './limits.ts';
import { didYouMean } from './nearest.ts';
import type { Registry, TraceHeader } from './operation.ts';
import { type ProblemList, quoted } from './problem-list.ts';

/** Begins a line of a machine file that the trace holds itself. */
export const MACHINE_LINE = '#|';

/** The lines in front of a CSV trace's header row: `# key: value`, or `#|` and a line of a machine file. */
export class Directives {
  readonly #found = new Map<string, string>();
  readonly #problems: ProblemList;
  readonly #machine = new MachineLines();
  readonly #lines = new Map<string, number>();

  constructor(problems: ProblemList) {
    this.#problems = problems;
  }

  /** `text`: one line that begins with #. */
  add(text: string, line: number): void {
    if (text.startsWith(MACHINE_LINE)) {
      this.#machine.add(text.replace(/\r?\n$/, '').replace(/^#\| ?/, ''));
      return;
    }
    const colon = text.indexOf(':');
    const key = text.slice(1, Math.max(colon, 1)).trim();
    const value = text.slice(colon + 1).trim();
    const wrong = (message: string): void => this.#problems.add(() => ({ line, column: 1, message }));
    if (colon < 0 || !isDirectiveKey(key)) wrong(`expected a directive "# key: value"; got ${quoted(text.trim())}`);
    else if (this.#found.has(key)) wrong(`# ${key}: given twice; expected it once`);
    else if (this.#found.size >= MAX_DIRECTIVES) wrong(`# ${key}: more than ${MAX_DIRECTIVES} directives`);
    else if (value === '') wrong(`# ${key}: expected a value after the colon`);
    else if (/[\r\n]/.test(value)) wrong(`# ${key}: expected one line of text; got ${quoted(value)}`);
    else {
      this.#found.set(key, value);
      this.#lines.set(key, line);
    }
  }

  header(): TraceHeader | undefined {
    const lineOf = (key: string): number => this.#lines.get(key) ?? 1;
    const locate = (key = VERSION_KEY): Place => ({ line: lineOf(key), column: 1 });
    return makeHeader(this.#found, this.#machine.text(), locate, this.#problems);
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
