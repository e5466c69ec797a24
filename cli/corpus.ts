// SPDX-License-Identifier: GPL-2.0-only
import { join, relative, resolve, sep } from 'node:path';
import { type FileResult, listTree, pathKind, realPath, sha256, stampOf, type TreeEntry } from './files.ts';
import { isInside } from './reference.ts';
import { TRACE_EXTENSIONS } from './trace-format.ts';
import { isTemporary } from './write-files.ts';

/** A trace of the corpus and where its golden files belong. */
export interface Case {
  /** `<subject>/<case>`: the trace's path in the corpus without its extension. */
  readonly name: string;
  /** Path to open, under the corpus folder as the user named it. */
  readonly trace: string;
  /** `<subject>/<case>.<extension>`. */
  readonly traceName: string;
}

/** Something in the corpus that belongs to no case. `path` as the user knows it. */
export interface Stray {
  readonly path: string;
  readonly message: string;
  /** A golden file whose trace is gone: `accept` removes it. */
  readonly orphan: boolean;
}

export interface Corpus {
  /** The folder with the traces, and the one with the golden files, as the user named them. */
  readonly traces: string;
  readonly golden: string;
  readonly cases: readonly Case[];
  readonly strays: readonly Stray[];
  /** Neither paths nor a filter leave anything out. */
  readonly isWhole: boolean;
  /** Golden files by case name: release -> path to open. */
  readonly goldenFiles: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/** The folder of the golden files as it was found, before any of them was read. */
export interface GoldenState {
  /** Changes with the files. */
  readonly stamp: string;
  /** What an `accept` that was killed left. */
  readonly leftovers: readonly string[];
}

export type Discovered =
  | { readonly ok: true; readonly corpus: Corpus; readonly goldenTree: readonly TreeEntry[] }
  | { readonly ok: false; readonly message: string };

const CORPUS_FOLDER = 'traces';
const GOLDEN_FOLDER = 'golden';
/** The list of expectations, in the folder of the golden files. */
export const EXPECTATIONS = 'expectations.yaml';
/** In the folder of the golden files while they are written. */
export const ACCEPT_LOCK = '.accept.lock';
/** Where in the corpus the machines are. */
export const CORPUS_MACHINES = 'machines/';
/** Files that may lie in the corpus without being traces. */
const BESIDE = /(?:^|\/)(?:README\.md|[^/]+\.schema\.json|[^/]+\.proto)$/;
const TRACE = new RegExp(`^([^/]+/[^/]+)\\.(?:${TRACE_EXTENSIONS.join('|')})$`);
const GOLDEN = /^([^/]+\/[^/]+)\/([^/]+)\.txt$/;

/** All files that there may be among the golden files; no folder is an empty one. */
export const listGolden = (golden: string): FileResult<readonly TreeEntry[]> =>
  pathKind(golden) === 'absent' ? { ok: true, value: [] } : listTree(golden);

/** What is known of the golden files listed in `tree`, the lock aside: the stamp is another one once any has changed. */
export const goldenStateOf = (golden: string, tree: readonly TreeEntry[]): GoldenState => {
  const files = tree.filter(({ path }) => path !== ACCEPT_LOCK).map(({ path }) => path);
  return {
    stamp: sha256(files.map((path) => `${path} ${stampOf(join(golden, path))}\n`).join('')),
    leftovers: files.filter(isTemporary).map((path) => join(golden, path)),
  };
};

/** The folder named `traces` that holds `path`, spelled as the user spelled it. */
const corpusFolderOf = (path: string): string | undefined => {
  const levels = resolve(path).split(sep);
  const depth = levels.lastIndexOf(CORPUS_FOLDER);
  if (depth < 0) return undefined;
  const absolute = levels.slice(0, depth + 1).join(sep);
  return path === resolve(path) ? absolute : relative('', absolute) || '.';
};

const readCases = (folder: string, entries: readonly TreeEntry[]): { cases: Case[]; strays: Stray[] } => {
  const cases = new Map<string, Case>();
  const strays: Stray[] = [];
  const real = realPath(folder);
  for (const { path, kind } of entries) {
    const shown = join(folder, path);
    const stray = (message: string): void => {
      strays.push({ path: shown, message, orphan: false });
    };
    if (path.startsWith(CORPUS_MACHINES) || BESIDE.test(path) || isTemporary(path)) continue;
    const target = kind === 'link' ? realPath(shown) : undefined;
    const name = TRACE.exec(path)?.[1];
    if (target?.ok && real.ok && !isInside(real.value, target.value)) stray('a link that leads out of the corpus');
    else if (kind === 'other' || (kind === 'link' && (!target?.ok || pathKind(shown) !== 'file')))
      stray('is neither a file nor a link to one');
    else if (name === undefined)
      stray(`unknown file; expected <subject>/<case>.${TRACE_EXTENSIONS.join('|')}, machines/*.yaml or README.md`);
    else if (cases.has(name)) stray(`a second trace of the case ${name}, beside ${cases.get(name)?.traceName}`);
    else cases.set(name, { name, trace: shown, traceName: path });
  }
  return { cases: [...cases.values()], strays };
};

const readGolden = (
  folder: string,
  entries: readonly TreeEntry[],
  cases: readonly Case[],
): { files: Map<string, Map<string, string>>; strays: Stray[] } => {
  const files = new Map<string, Map<string, string>>();
  const known = new Set(cases.map(({ name }) => name));
  const strays: Stray[] = [];
  for (const { path, kind } of entries) {
    if (['README.md', '.gitkeep', EXPECTATIONS, ACCEPT_LOCK].includes(path) || isTemporary(path)) continue;
    const shown = join(folder, path);
    const [, name, release] = GOLDEN.exec(path) ?? [];
    if (kind !== 'file' || name === undefined || release === undefined)
      strays.push({ path: shown, message: 'unknown file; expected <subject>/<case>/<release>.txt', orphan: false });
    else if (!known.has(name))
      strays.push({ path: shown, message: `orphaned: the corpus has no trace ${name}`, orphan: true });
    else {
      const ofCase = files.get(name) ?? new Map<string, string>();
      files.set(name, ofCase.set(release, shown));
    }
  }
  return { files, strays };
};

/** Whether the case or file with this path (`a/b`, `a/b.csv`, `a/b/c.txt`) is in what the user selected. */
const selects = (selections: readonly string[], path: string): boolean =>
  selections.some((selection) => selection === '' || path === selection || path.startsWith(`${selection}/`));

/** `path` within the corpus, with `/`; a trace without its extension, so that it selects its golden files too. */
const selectionOf = (folder: string, path: string): string => {
  const way = relative(resolve(folder), resolve(path)).split(sep).join('/');
  return TRACE.exec(way)?.[1] ?? way;
};

/**
 * Finds the cases below `paths` (traces, or folders of the corpus) and their golden files. The corpus is the folder
 * named `traces` that holds the paths; its golden files are in the folder `golden` beside it.
 */
export const discover = (paths: readonly string[], filter: string | undefined): Discovered => {
  const given = paths.length === 0 ? [CORPUS_FOLDER] : paths;
  const folders = new Set<string>();
  for (const path of given) {
    if (pathKind(path) === 'absent') return { ok: false, message: `${path}: no such file or folder` };
    const folder = corpusFolderOf(path);
    if (folder === undefined)
      return { ok: false, message: `${path}: is not in a folder named '${CORPUS_FOLDER}', so it has no golden files` };
    folders.add(folder);
  }
  const [traces, second] = folders;
  if (traces === undefined || second !== undefined)
    return { ok: false, message: `${[...folders].join(', ')}: expected paths of one corpus` };
  const golden = join(traces, '..', GOLDEN_FOLDER);
  const traceTree = listTree(traces);
  if (!traceTree.ok) return { ok: false, message: `${traces}: ${traceTree.message}` };
  const goldenTree = listGolden(golden);
  if (!goldenTree.ok) return { ok: false, message: `${golden}: ${goldenTree.message}` };
  const { cases, strays } = readCases(traces, traceTree.value);
  const goldens = readGolden(golden, goldenTree.value, cases);
  const selections = given.map((path) => selectionOf(traces, path));
  const inSelection = (root: string) => (stray: Stray) =>
    filter === undefined && selects(selections, relative(root, stray.path).split(sep).join('/'));
  return {
    ok: true,
    goldenTree: goldenTree.value,
    corpus: {
      ...{ traces, golden, goldenFiles: goldens.files, isWhole: filter === undefined && selections.includes('') },
      cases: cases.filter(({ name }) => selects(selections, name) && (filter === undefined || name.includes(filter))),
      strays: [...strays.filter(inSelection(traces)), ...goldens.strays.filter(inSelection(golden))],
    },
  };
};
