// SPDX-License-Identifier: GPL-2.0-only
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const LEFT_OUT = '…';

/** A command of the tour and the lines that it is said to print, {@link LEFT_OUT} for any number of others. */
interface Shown {
  readonly command: string;
  readonly lines: readonly string[];
}

const shownIn = (text: string): readonly Shown[] =>
  [...text.matchAll(/^```console\n(.*?)^```$/gms)]
    .flatMap(([, block = '']) => block.split(/^\$ /m).slice(1))
    .map((part) => {
      const [command = '', ...lines] = part.trimEnd().split('\n');
      return { command, lines };
    });

const outputOf = (command: string): string => {
  const words = command.split(' ');
  const [program = '', ...args] =
    words[0] === 'npx' ? [process.execPath, 'dist/cli/main.js', ...words.slice(2)] : words;
  const done = spawnSync(program, args, {
    cwd: ROOT,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
  });
  expect(done.stderr, command).toBe('');
  return done.stdout;
};

/** `lines` as a pattern for a whole output. */
const patternOf = (lines: readonly string[]): RegExp => {
  const pattern = lines.map((line) => (line === LEFT_OUT ? '(?:.*\\n)*?' : `${escaped(line)}\\n`));
  return new RegExp(`^${pattern.join('')}$`);
};

const escaped = (line: string): string => line.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

const tour = shownIn(readFileSync(`${ROOT}/README.md`, 'utf8'));

test('the tour shows commands', () => {
  expect(tour.length).toBeGreaterThan(4);
});

test.each(tour)('the README shows what $command prints', ({ command, lines }) => {
  expect(outputOf(command)).toMatch(patternOf(lines));
});
