// SPDX-License-Identifier: GPL-2.0-only
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDERS = ['.ci', 'attach', 'bench', 'cli', 'docs', 'engine', 'golden', 'scripts', 'test', 'traces'];
/** Of what lies beside the folders; a checkout may hold logs and other things that are not the project's, a work tree a file .git. */
const AT_ROOT = /^LICENSE$|^\.(?!git$)[a-z]+$|\.(md|json|[cm]?[jt]s)$/;

const walk = function* (folder: string): Generator<string> {
  for (const entry of readdirSync(join(ROOT, folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) yield* walk(path);
    else yield path;
  }
};

const atRoot = readdirSync(ROOT, { withFileTypes: true });
const named = atRoot.filter((entry) => entry.isFile() && AT_ROOT.test(entry.name)).map(({ name }) => name);
const folders = atRoot.filter((entry) => entry.isDirectory() && FOLDERS.includes(entry.name)).map(({ name }) => name);

/** Every file of the project, with `/` and relative to its root, in one order everywhere. */
export const FILES: readonly string[] = [...named, ...folders.flatMap((folder) => [...walk(folder)])].sort();

export const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

const isTypeScript = (path: string): boolean => path.endsWith('.ts');
const isProduct = (path: string): boolean => /^(engine|cli|bench)\//.test(path);

/** Files that people write programs in. */
export const SOURCES: readonly string[] = FILES.filter((path) => /\.(ts|[cm]js)$|^\.ci\/run$|^attach\//.test(path));

const trees = new Map<string, ts.SourceFile>();

/** The syntax tree of a TypeScript file. */
export const treeOf = (path: string): ts.SourceFile => {
  const known = trees.get(path);
  if (known !== undefined) return known;
  const tree = ts.createSourceFile(path, read(path), ts.ScriptTarget.ES2023, true);
  trees.set(path, tree);
  return tree;
};

/** Every node below `node`, itself included. */
export const nodesOf = function* (node: ts.Node): Generator<ts.Node> {
  yield node;
  const children: ts.Node[] = [];
  ts.forEachChild(node, (child) => {
    children.push(child);
  });
  for (const child of children) yield* nodesOf(child);
};

/** `path:line`, for messages. */
export const placeOf = (path: string, node: ts.Node): string => {
  const { line } = treeOf(path).getLineAndCharacterOfPosition(node.getStart());
  return `${path}:${line + 1}`;
};

export const TYPESCRIPT: readonly string[] = FILES.filter(isTypeScript);
export const PRODUCT: readonly string[] = TYPESCRIPT.filter(isProduct);
