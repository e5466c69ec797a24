// SPDX-License-Identifier: GPL-2.0-only
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type Scratch, scratch } from './scratch.ts';

/**
 * The matcher in a project of its own, whose vitest runs in a process of its own. Needs a build (`npm run build`). What it
 * does where an outcome differs, and with `-u`, is on the page that test/author/page.test.ts carries out.
 */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const GOLDEN = 'golden/sriov/vf-before-pf';

const TEST_FILE = `
import { authorTrace, event } from 'hvreplay';
import 'hvreplay/vitest';
import { expect, test } from 'vitest';

const [pf, vf] = ['0000:03:00.0', '0000:03:10.0'];
const addVf = event('physdev.pci_device_add', { dom: 'd0', sbdf: vf, flags: 'virtfn', physfn: pf });
const header = {
  title: 'A VF reported before its PF',
  machine: '../machines/sriov-hotplug.yaml',
  releases: 'xen-4.18..xen-4.20',
};

test('a VF before its PF', () => {
  const trace = authorTrace(header, [
    event('boot.hwdom_setup'),
    event('hw.plug', { sbdf: pf }),
    event('hw.set', { sbdf: pf, reg: 0x168, size: 2, value: 0x9 }),
    addVf,
    event('physdev.pci_device_add', { dom: 'd0', sbdf: pf }),
    addVf,
  ]);
  expect(trace).toMatchGolden('${GOLDEN}');
  for (const [what, ...words] of [['foo', '${GOLDEN}'], [undefined, '${GOLDEN}'], [trace, undefined], [trace, '${GOLDEN}', { release: 'xen-4.20' }]])
    expect(() => expect(what).toMatchGolden(...words)).toThrow(/toMatchGolden.*: (expected|unknown option)/);
  expect(() => expect(trace).not.toMatchGolden('${GOLDEN}')).toThrow('what an outcome is, not what it is not');
});
`;

const project = (): Scratch => {
  const here = scratch({ 'package.json': '{ "type": "module" }', 'vf.test.ts': TEST_FILE });
  for (const folder of ['node_modules', 'traces/machines']) mkdirSync(here.at(folder), { recursive: true });
  symlinkSync(ROOT, here.at('node_modules/hvreplay'));
  symlinkSync(`${ROOT}node_modules/vitest`, here.at('node_modules/vitest'));
  const machine = 'traces/machines/sriov-hotplug.yaml';
  copyFileSync(`${ROOT}${machine}`, here.at(machine));
  return here;
};

const vitest = (here: Scratch, env: Readonly<Record<string, string>> = {}, ...words: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [`${ROOT}node_modules/vitest/vitest.mjs`, 'run', ...words],
    { cwd: here.root, encoding: 'utf8', env: { PATH: process.env['PATH'], NO_COLOR: '1', ...env } },
  );
  return { status, text: stdout + stderr };
};

const CI = { CI: 'true' };
const ACCEPTED = ['xen-4.18.txt', 'xen-4.19.txt', 'xen-4.20.txt'];
const filesIn = (here: Scratch): readonly string[] => readdirSync(here.at(GOLDEN)).sort();

test('golden files are written for a case that has none, and then compared with', () => {
  const here = project();
  const first = vitest(here);
  expect(first.text).toMatch(/Snapshots +1 written/);
  expect(first.status).toBe(0);
  expect(filesIn(here)).toEqual(ACCEPTED);
  expect(here.read(`${GOLDEN}/xen-4.20.txt`)).toContain(
    '\nevent 4 physdev.pci_device_add d0 0000:03:10.0 flags=virtfn',
  );
  const second = vitest(here, CI);
  expect(second.text).not.toContain('Snapshots');
  expect(second.status).toBe(0);
});

test('in CI a golden file that is missing fails, and nothing is written', () => {
  const here = project();
  const failed = vitest(here, CI);
  expect(failed.text).toContain(`${GOLDEN}/xen-4.18.txt: missing`);
  expect(failed.status).toBe(1);
  expect(() => filesIn(here)).toThrow('ENOENT');
});
