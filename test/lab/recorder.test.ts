// SPDX-License-Identifier: GPL-2.0-only
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

/** What the recorder does outside a dom0; inside one, the lab runs it. */

const LAB = fileURLToPath(new URL('../../lab', import.meta.url));
const FOLDER = mkdtempSync(join(tmpdir(), 'hvreplay-recorder-'));
afterAll(() => rmSync(FOLDER, { recursive: true }));

const record = (...args: readonly string[]): { status: number | null; stdout: string; stderr: string } =>
  spawnSync('sh', [join(LAB, 'hvreplay-record.sh'), ...args], {
    cwd: FOLDER,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], TMPDIR: FOLDER },
  });

test('a dry run names every probe and the file, and changes nothing', () => {
  const { status, stderr } = record('-n', '-x', '-o', 'out.tar');
  expect(status).toBe(0);
  for (const name of ['pci_conf1_write', 'pci_conf1_read', 'pci_mmcfg_write', 'pci_mmcfg_read', 'xen_pci_notifier'])
    expect(stderr).toContain(name);
  expect(stderr).toContain('would write out.tar');
  expect(stderr).toContain('xentrace');
  expect(readdirSync(FOLDER)).toEqual([]);
});

test('outside a dom0 nothing is recorded and nothing is left', () => {
  const { status, stderr } = record('-t', '1');
  expect(status).toBe(2);
  expect(stderr).toMatch(/no dom0 of Xen|needs root/);
  expect(readdirSync(FOLDER)).toEqual([]);
});

test('a file that exists is not overwritten', () => {
  writeFileSync(join(FOLDER, 'there.tar'), 'kept');
  const { status, stderr } = record('-o', 'there.tar');
  expect(status).toBe(2);
  expect(stderr).toContain('there.tar exists');
  rmSync(join(FOLDER, 'there.tar'));
});

test.each([
  [['-t', 'soon'], 'expected a number of seconds'],
  [['-b', '8M'], 'expected a number of KiB'],
  [['-q'], 'usage:'],
])('%j is refused', (args, says) => {
  const { status, stderr } = record(...args);
  expect(status).toBe(2);
  expect(stderr).toContain(says);
});

test('options for a record of the boot are printed', () => {
  const { status, stdout } = record('-B');
  expect(status).toBe(0);
  expect(stdout).toContain('tevt_mask=');
});

test('every script of the lab is understood by its shell', () => {
  const scripts = ['run', 'packages', 'initramfs'].map((name) => join(LAB, name));
  for (const script of scripts) expect(spawnSync('bash', ['-n', script]).status, script).toBe(0);
  for (const script of ['init', 'hvreplay-record.sh', 'steps/short.sh'])
    expect(spawnSync('sh', ['-n', join(LAB, script)]).status, script).toBe(0);
  expect(existsSync(join(LAB, 'machine'))).toBe(true);
});
