// SPDX-License-Identifier: GPL-2.0-only
import ts from 'typescript';
import { expect, test } from 'vitest';
import { nodesOf, PRODUCT, placeOf, read, TYPESCRIPT, treeOf } from './sources.ts';

const MAX_FUNCTION_LINES = 60;

const isEngine = (path: string): boolean => path.startsWith('engine/');

/** `path:line: what` of each node that `what` has something to say about. */
const findings = (paths: readonly string[], what: (node: ts.Node) => string | undefined): string[] =>
  paths.flatMap((path) => {
    const found: string[] = [];
    for (const node of nodesOf(treeOf(path))) {
      const text = what(node);
      if (text !== undefined) found.push(`${placeOf(path, node)}: ${text}`);
    }
    return found;
  });

/** The node is the name of something global, not of a property or a declaration. */
const isFreeName = (node: ts.Node): node is ts.Identifier => {
  if (!ts.isIdentifier(node)) return false;
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) || ts.isQualifiedName(parent)) return parent.getChildAt(0) === node;
  if (ts.isPropertyAssignment(parent) || ts.isBindingElement(parent)) return parent.initializer === node;
  return !('name' in parent && parent.name === node);
};

const namesIn = (paths: readonly string[], names: readonly string[]): string[] =>
  findings(paths, (node) => (isFreeName(node) && names.includes(node.text) ? node.text : undefined));

test('functions are short', () => {
  const long = findings(PRODUCT, (node) => {
    if (!ts.isFunctionLike(node) || !('body' in node) || node.body === undefined) return undefined;
    const lines = node.getText().split('\n').length;
    return lines > MAX_FUNCTION_LINES ? `${lines} lines` : undefined;
  });
  expect(long).toEqual([]);
});

test('the engine has no clock, randomness, process, console or timers', () => {
  const impure = [
    'process',
    'console',
    'Date',
    'performance',
    'setTimeout',
    'setInterval',
    'setImmediate',
    'crypto',
    'fetch',
    'Intl',
    'globalThis',
  ];
  const engine = PRODUCT.filter(isEngine);
  expect(engine.length).toBeGreaterThan(100);
  expect(namesIn(engine, impure)).toEqual([]);
  expect(findings(engine, (node) => (node.getText() === 'Math.random' ? 'Math.random' : undefined))).toEqual([]);
});

test('the engine does not depend on a locale', () => {
  const methods = ['toLocaleString', 'toLocaleLowerCase', 'toLocaleUpperCase', 'localeCompare'];
  const calls = findings(PRODUCT, (node) =>
    ts.isPropertyAccessExpression(node) && methods.includes(node.name.text) ? node.name.text : undefined,
  );
  expect(calls).toEqual([]);
});

test('the engine does nothing asynchronously', () => {
  const waits = findings(PRODUCT.filter(isEngine), (node) =>
    node.kind === ts.SyntaxKind.AsyncKeyword || ts.isAwaitExpression(node) ? 'async' : undefined,
  );
  expect(waits).toEqual([]);
});

test('only the main program touches the process, and nothing the console', () => {
  const cli = PRODUCT.filter((path) => path.startsWith('cli/'));
  expect(namesIn(cli, ['process']).filter((place) => !place.startsWith('cli/main.ts:'))).toEqual([]);
  expect(namesIn(cli, ['process']).length).toBeGreaterThan(0);
  expect(namesIn(cli, ['console'])).toEqual([]);
});

test('classes inherit from nothing', () => {
  const heirs = findings(TYPESCRIPT, (node) =>
    ts.isHeritageClause(node) && ts.isClassLike(node.parent) && node.token === ts.SyntaxKind.ExtendsKeyword
      ? node.getText()
      : undefined,
  );
  expect(heirs).toEqual([]);
});

test('nothing but the semantics decides by a release', () => {
  const outside = PRODUCT.filter((path) => !path.startsWith('engine/semantics/'));
  const isRelease = (text: string): boolean => /^((xen|linux|stable)-)?[4-9]\.\d+(\.\d+)?$|^xen-unstable$/.test(text);
  const literals = findings(outside, (node) =>
    (ts.isStringLiteralLike(node) || ts.isLiteralTypeNode(node)) && isRelease(node.getText().slice(1, -1))
      ? node.getText()
      : undefined,
  );
  expect(literals).toEqual([]);
});

test('every rule decides something somewhere', () => {
  const ids = [...nodesOf(treeOf('engine/semantics/rules.ts'))]
    .filter(ts.isPropertyAssignment)
    .map(({ name }) => (ts.isStringLiteral(name) ? name.text : ''))
    .filter((id) => id.includes('.'));
  const elsewhere = PRODUCT.filter((path) => path !== 'engine/semantics/rules.ts')
    .map(read)
    .join('\n');
  expect(ids.length).toBeGreaterThan(50);
  expect(ids.filter((id) => !elsewhere.includes(`'${id}'`))).toEqual([]);
});

test('every behaviour is asked for somewhere outside the semantics', () => {
  const asked = PRODUCT.filter((path) => !path.startsWith('engine/semantics/'))
    .map(read)
    .join('\n');
  const declared = PRODUCT.filter((path) => /^engine\/semantics\/(.*-)?(behaviours|arm)\.ts$/.test(path)).flatMap(
    (path) =>
      [...nodesOf(treeOf(path))]
        .filter(ts.isInterfaceDeclaration)
        .filter(({ name }) => name.text.endsWith('Behaviours'))
        .flatMap(({ members }) => members.map(({ name }) => name?.getText() ?? '')),
  );
  expect(declared.length).toBeGreaterThan(30);
  expect(declared.filter((name) => !new RegExp(`\\b${name}\\b`).test(asked))).toEqual([]);
});
