// SPDX-License-Identifier: GPL-2.0-only
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { scratchFolder } from '../cli/scratch.ts';

/** What docs/authoring.md says, carried out with the built library in a project of its own. Needs `npm run build`. */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const page = readFileSync(`${ROOT}docs/authoring.md`, 'utf8');
const LEFT_OUT = '…';

const here = scratchFolder({ 'package.json': '{ "type": "module" }' });

const NPX = `#!/bin/sh
program=$1
shift
case $program in
tsc) set -- '${ROOT}node_modules/typescript/bin/tsc' --pretty false --skipLibCheck "$@" ;;
vitest) set -- '${ROOT}node_modules/vitest/vitest.mjs' "$@" ;;
hvreplay) set -- '${ROOT}dist/cli/main.js' "$@" ;;
esac
exec '${process.execPath}' "$@"
`;

const shell = (line: string) =>
  spawnSync('sh', ['-c', `exec 2>&1\n${line}`], {
    ...{ cwd: here.root, encoding: 'utf8' },
    env: { PATH: `${here.at('bin')}:${process.env['PATH']}`, LC_ALL: 'C', NO_COLOR: '1' },
  });

const programs = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, text = '']) => text);
const programNamed = (name: string): string => programs.find((text) => text.startsWith(`// ${name}\n`)) ?? '';

beforeAll(() => {
  chmodSync(here.write('bin/npx', NPX), 0o755);
  for (const folder of ['node_modules', 'traces/machines']) mkdirSync(here.at(folder), { recursive: true });
  symlinkSync(ROOT, here.at('node_modules/hvreplay'));
  symlinkSync(`${ROOT}node_modules/vitest`, here.at('node_modules/vitest'));
  const machine = 'traces/machines/sriov-hotplug.yaml';
  copyFileSync(`${ROOT}${machine}`, here.at(machine));
  for (const name of ['vf.test.ts', 'wrong.ts']) here.write(name, programNamed(name));
});

afterAll(here.remove);

/** `text` as a pattern: what is left out may be anything. */
const patternOf = (text: string): RegExp => {
  const parts = text.split(LEFT_OUT).map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^]*?')}$`);
};

const steps = [...page.matchAll(/^```console\n(.*?)^```$/gms)].flatMap(([, block = '']) =>
  block
    .split(/^\$ /m)
    .slice(1)
    .map((part) => ({ command: part.slice(0, part.indexOf('\n')), output: part.slice(part.indexOf('\n') + 1) })),
);

test('the page shows commands, and its test compiles', () => {
  expect(steps.length).toBeGreaterThan(5);
  expect(shell('npx tsc --noEmit --module node20 --strict vf.test.ts').stdout).toBe('');
});

// In the order of the page: what one does the next one sees.
test.each(steps)('the page says what is printed: $command', ({ command, output }) => {
  if (command === 'npx hvreplay check') {
    const [imports = '', write = ''] = (programs.at(-1) ?? '').split('\n\n');
    const text = here.read('vf.test.ts').replace(/^(?= {2}expect)/m, write);
    here.write('written.test.ts', `${imports}\n${text}`);
    expect(shell('npx vitest run written').status).toBe(0);
  }
  expect(shell(command).stdout).toMatch(patternOf(output));
});
