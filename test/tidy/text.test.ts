// SPDX-License-Identifier: GPL-2.0-only
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { FILES, PRODUCT, read, SOURCES } from './sources.ts';

const LICENCE = 'SPDX-License-Identifier: GPL-2.0-only';
const MAX_PRODUCT_LINES = 300;
const MAX_LINES = 400;

/** Recorded or generated; nobody writes in them. */
const GENERATED = /^(golden|traces|test\/.*\/data)\/|^package-lock\.json$|^LICENSE$/;
const WRITTEN = FILES.filter((path) => !GENERATED.test(path) && !path.endsWith('.gz'));
/** This file has to spell what it forbids. */
const CHECKED = WRITTEN.filter((path) => path !== 'test/tidy/text.test.ts');

/** `path:line: text` of each line that matches. */
const linesWith = (paths: readonly string[], pattern: RegExp): string[] =>
  paths.flatMap((path) =>
    read(path)
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [])),
  );

test('every source file names its licence first, or right after the line that names its interpreter', () => {
  const firstLine = (path: string): string | undefined =>
    read(path)
      .replace(/^#!.*\n/, '')
      .split('\n', 1)[0];
  expect(SOURCES.length).toBeGreaterThan(100);
  expect(
    SOURCES.filter((path) => !/^(\/\/|#) /.test(firstLine(path) ?? '') || !firstLine(path)?.endsWith(LICENCE)),
  ).toEqual([]);
});

test('nothing is left to be done in comments', () => {
  expect(linesWith(CHECKED, /\b(TODO|FIXME|XXX|HACK)\b/)).toEqual([]);
});

test('no file refers to a place on the machine of its author', () => {
  expect(linesWith(CHECKED, /(^|[^\w./}])\/(work|tmp|home|root|Users)(\/|\b)/)).toEqual([]);
});

test('the lock file leaves the choice of the registry to whoever installs', () => {
  expect(linesWith(['package-lock.json'], /"resolved":/)).toEqual([]);
});

test('no test is skipped, left for later, or run alone', () => {
  const tests = CHECKED.filter((path) => path.startsWith('test/') && path.endsWith('.ts'));
  expect(linesWith(tests, /\b(test|it|describe)\.(skip|only|todo|fails|skipIf|runIf)\b/)).toEqual([]);
});

test('no file has outgrown its job', () => {
  const limitOf = (path: string): number => (PRODUCT.includes(path) ? MAX_PRODUCT_LINES : MAX_LINES);
  const lengths = SOURCES.map((path) => ({ path, lines: read(path).split('\n').length - 1 }));
  expect(lengths.filter(({ path, lines }) => lines > limitOf(path))).toEqual([]);
});

test('links between documents lead somewhere', () => {
  const broken = FILES.filter((path) => path.endsWith('.md')).flatMap((path) =>
    [...read(path).matchAll(/\]\((?!https?:|#)([^)#]+)(#[^)]*)?\)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !existsSync(new URL(`../../${join(dirname(path), target)}`, import.meta.url)))
      .map((target) => `${path}: ${target}`),
  );
  expect(broken).toEqual([]);
});
