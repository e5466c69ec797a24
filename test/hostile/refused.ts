// SPDX-License-Identifier: GPL-2.0-only
import { spawnSync } from 'node:child_process';
import { lstatSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { scratch } from '../cli/scratch.ts';

/** Runs the built program on inputs that are wrong in every way: it says so, with the place, and nothing else happens. */

export const BIN = new URL('../../dist/cli/main.js', import.meta.url).pathname;

/** More than anything here needs, and less than would do harm. */
const TIME_LIMIT_MS = 20_000;
const HEAP_LIMIT_MIB = 512;

export const MACHINE = `machine: 1
arch: x86
devices:
  "0000:00:03.0":
    registers: { 0x000: 0x10018086 }
    writable: {}
`;
export const HEAD = '# hvreplay-trace: 1\n# machine: m.yaml\n';
export const ROWS = `${HEAD}op,dom,sbdf,reg,size,value\nboot.hwdom_setup,,,,,\n`;

/** Names of all that is below a folder; of files sizes and times too. */
const contentsOf = (root: string): readonly string[] =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((path) => {
      const status = lstatSync(join(root, path));
      return status.isDirectory() ? path : `${path} ${status.size} ${status.mtimeMs}`;
    })
    .sort();

export interface Given {
  /** Files by name, in the folder that the program runs in; `m.yaml` is a good machine unless given. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** Does to the folder what files cannot. */
  readonly prepare?: (root: string) => void;
  readonly args?: readonly string[];
}

/** Runs the program in a new folder. Whatever comes out: it ends, in little memory and few words, with no word about its own code. */
export const run = ({ files = {}, prepare, args = ['replay', 't.csv'] }: Given) => {
  const { root } = scratch();
  for (const [name, content] of Object.entries({ 'm.yaml': MACHINE, ...files })) {
    mkdirSync(join(root, name, '..'), { recursive: true });
    writeFileSync(join(root, name), content);
  }
  prepare?.(root);
  const before = contentsOf(root);
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [BIN, ...args], {
    ...{ cwd: root, encoding: 'utf8', input: '', timeout: TIME_LIMIT_MS },
    env: { PATH: process.env['PATH'], NODE_OPTIONS: `--max-old-space-size=${HEAP_LIMIT_MIB}` },
  });
  expect(signal, stderr.slice(0, 2000)).toBe(null);
  expect(stderr).not.toMatch(/^\s+at |node:internal|Error:|internal error/m);
  expect(stderr.length).toBeLessThan(8000);
  const said = (stdout + stderr).replaceAll(`${root}/`, '');
  return { status, said, isSilent: stdout === '', isChanged: contentsOf(root).join() !== before.join() };
};

/** Runs `replay t.csv`, or what is given, and checks what holds for all wrong inputs. Answers what was said. */
export const refused = (given: Given): string => {
  const { said, ...ran } = run(given);
  expect(ran, said.slice(0, 2000)).toEqual({ status: 2, isSilent: true, isChanged: false });
  return said;
};

export const bytes = (...parts: readonly (string | readonly number[])[]): Uint8Array =>
  Buffer.concat(parts.map((part) => Buffer.from(part as string)));
