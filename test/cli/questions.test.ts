// SPDX-License-Identifier: GPL-2.0-only
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

/** What docs/questions.md says against what the built program (`npm run build`) prints. */

const ROOT = new URL('../..', import.meta.url).pathname;
const BIN = `${ROOT}dist/cli/main.js`;
const [ANSWERED, DIFFERS] = [0, 1];
const SCREEN = { lines: 40, columns: 80 };

const page = readFileSync(`${ROOT}docs/questions.md`, 'utf8');

const examples = [...page.matchAll(/^```console\n\$ hvreplay (.+)\n((?:.*\n)*?)```$/gm)].map(
  ([, command = '', output = '']) => ({ command, output }),
);

/** Words of a command line; single quotes keep spaces. */
const wordsOf = (command: string): readonly string[] =>
  [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? '');

describe('the page of questions', () => {
  test('has at least ten, each with its command', () => {
    expect(examples.length).toBeGreaterThanOrEqual(10);
    for (const question of page.split(/^## /m).slice(1)) expect(question).toMatch(/^(?:\$ |`)hvreplay /m);
  });

  test.each(examples)('says what is printed: $command', ({ command, output }) => {
    const done = spawnSync(process.execPath, [BIN, ...wordsOf(command)], { cwd: ROOT, encoding: 'utf8' });
    const status = command.startsWith('why ') ? ANSWERED : DIFFERS;
    expect(done).toMatchObject({ status, stderr: '', stdout: output });
  });

  test.each(examples)('has an answer that fits on a screen: $command', ({ output }) => {
    const lines = output.trimEnd().split('\n');
    expect(lines.length).toBeLessThan(SCREEN.lines);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(SCREEN.columns);
  });
});
