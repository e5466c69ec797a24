// SPDX-License-Identifier: GPL-2.0-only
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { RULES } from '../../engine/semantics/rules.ts';
import { runCommand } from '../cli/run-command.ts';
import { scratch } from '../cli/scratch.ts';

const FOLDER = 'traces/findings';
const NAMES = readdirSync(FOLDER).map((file) => file.replace(/\.csv$/, ''));

/** Rows of a trace, and its directives of these names. */
const partsOf = (csv: string): { readonly rows: string; readonly shows: readonly string[] } => ({
  rows: csv
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n'),
  shows: (/^# shows: (.*)$/m.exec(csv)?.[1] ?? '').split(' '),
});

test('the page says what the traces show, and in which releases', async () => {
  const { exit, out } = await runCommand(['findings', '--format', 'markdown']);
  expect(exit).toBe(0);
  // After a change on purpose: hvreplay findings --format markdown >docs/findings.md
  expect(readFileSync('docs/findings.md', 'utf8')).toBe(out);
});

test.each(NAMES)('nothing can be left out of %s', async (name) => {
  const { rows, shows } = partsOf(readFileSync(`${FOLDER}/${name}.csv`, 'utf8'));
  const { exit, out } = await runCommand(['shrink', `${FOLDER}/${name}.csv`, ...shows, '--format', 'json']);
  expect(exit).toBe(0);
  const { isSmallest, files } = JSON.parse(out);
  expect(isSmallest).toBe(true);
  expect(partsOf(files['trace.csv']).rows).toBe(rows);
  expect(files['machine.yaml']).toBe(readFileSync(`traces/machines/finding-${name}.yaml`, 'utf8'));
});

test('every place where code leaves defined behaviour has a finding, and each finding a release', async () => {
  const { out } = await runCommand(['findings', '--format', 'json']);
  const findings: readonly { readonly rules: readonly string[]; readonly releases: string }[] = JSON.parse(out);
  expect(findings.length).toBe(NAMES.length);
  expect(findings.filter(({ releases }) => releases === '')).toEqual([]);
  const found = new Set(findings.flatMap(({ rules }) => rules));
  // What a discussion leaves open is nobody's code.
  const wanted = Object.entries(RULES).flatMap(([rule, { where }]) =>
    rule.startsWith('undefined.') && /^[\w/-]+\.c: /.test(where) ? [rule] : [],
  );
  expect(wanted.length).toBeGreaterThan(10);
  expect(wanted.filter((rule) => !found.has(rule))).toEqual([]);
});

describe('what is wrong with a finding is said', () => {
  const trace = (directives: string): string =>
    `# hvreplay-trace: 1\n# title: t\n# machine: ../machines/m.yaml\n${directives}op\nboot.hwdom_setup\n`;

  test.each([
    ['# finding: oddity\n# shows: --release xen-4.20\n', '# finding: oddity: expected one of crash, '],
    ['# finding: crash\n# shows: xen-4.20\n', '# shows: expected --release NAME'],
    ['# finding: crash\n', '# shows: expected --release NAME'],
    ['# finding: crash\n# shows: --release xen-4.20\n', 'on xen-4.20 Xen stays within defined behaviour'],
    ['# finding: crash\n# shows: --release xen-4\n', "unknown release 'xen-4'"],
    ['', 'none of these traces is a finding'],
  ])('%j', async (directives, message) => {
    const files = { 'traces/a/t.csv': trace(directives), 'traces/machines/m.yaml': 'machine: 1\narch: x86\n' };
    const { exit, notes } = await runCommand(['findings', scratch(files).at('traces')]);
    expect(exit).toBe(2);
    expect(notes).toContain(message);
  });
});
