// SPDX-License-Identifier: GPL-2.0-only
import { posix } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { nodesOf, PRODUCT, read, TYPESCRIPT, treeOf } from './sources.ts';

const isExported = (node: ts.Node): boolean =>
  ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);

/** Names that a file declares and exports. */
const exportsOf = (path: string): readonly string[] =>
  treeOf(path)
    .statements.filter(isExported)
    .flatMap((statement) => {
      if (ts.isVariableStatement(statement))
        return statement.declarationList.declarations.map(({ name }) => name.getText());
      return 'name' in statement && statement.name !== undefined ? [(statement.name as ts.Identifier).text] : [];
    });

const resolved = (from: string, specifier: string): string => posix.join(posix.dirname(from), specifier);

/** What a statement takes from another file; `*`: all of it. */
const takenBy = (node: ts.Node): readonly string[] => {
  if (ts.isExportDeclaration(node))
    return node.exportClause !== undefined && ts.isNamedExports(node.exportClause)
      ? node.exportClause.elements.map((one) => (one.propertyName ?? one.name).text)
      : ['*'];
  if (!ts.isImportDeclaration(node)) return [];
  const bindings = node.importClause?.namedBindings;
  if (bindings === undefined) return [];
  return ts.isNamedImports(bindings) ? bindings.elements.map((one) => (one.propertyName ?? one.name).text) : ['*'];
};

/** `path#name` of all that the files of `paths` take from other files. */
const usesOf = (paths: readonly string[]): ReadonlySet<string> => {
  const uses = new Set<string>();
  const add = (from: string, specifier: ts.Expression | undefined, names: readonly string[]): void => {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier) || !specifier.text.startsWith('.')) return;
    for (const name of names) uses.add(`${resolved(from, specifier.text)}#${name}`);
  };
  for (const path of paths)
    for (const node of nodesOf(treeOf(path))) {
      if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) add(path, node.moduleSpecifier, takenBy(node));
      else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
        add(path, node.arguments[0], namesNear(node));
      else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
        add(path, node.argument.literal, ['*']);
    }
  return uses;
};

/** Of `(await import(…)).name` and `const { name } = await import(…)`, lists included: every name of the statement. */
const namesNear = (node: ts.Node): readonly string[] => {
  let statement: ts.Node = node;
  while (!ts.isStatement(statement) && !ts.isPropertyAssignment(statement)) statement = statement.parent;
  return [...nodesOf(statement)].filter(ts.isIdentifier).map(({ text }) => text);
};

/** A type is there for those who want to name it; but its own file at least has to use it. */
const isTypeInUse = (path: string, name: string): boolean => {
  const tree = treeOf(path);
  const isType = tree.statements.some(
    (one) => (ts.isInterfaceDeclaration(one) || ts.isTypeAliasDeclaration(one)) && one.name.text === name,
  );
  return isType && [...nodesOf(tree)].filter((node) => ts.isIdentifier(node) && node.text === name).length > 1;
};

test('everything that is exported is used by another file', () => {
  const uses = usesOf(TYPESCRIPT);
  const unused = PRODUCT.filter((path) => path !== 'engine/index.ts' && !uses.has(`${path}#*`)).flatMap((path) =>
    exportsOf(path)
      .filter((name) => !uses.has(`${path}#${name}`) && !isTypeInUse(path, name))
      .map((name) => `${path}: ${name}`),
  );
  expect(uses.size).toBeGreaterThan(500);
  expect(unused).toEqual([]);
});

test('the library names what it exports', () => {
  const index = read('engine/index.ts');
  expect(index).not.toMatch(/export \*|export default/);
});
