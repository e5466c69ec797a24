// SPDX-License-Identifier: GPL-2.0-only
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

/** What a user gets besides hvreplay: packages that are installed with it, and those that are packed into it. */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const read = (name: string): unknown => JSON.parse(readFileSync(join(ROOT, name), 'utf8'));

const PACKED = read('scripts/packed.json') as readonly string[];

interface Locked {
  readonly version: string;
  readonly dev?: boolean;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly license?: string;
  readonly hasInstallScript?: boolean;
  readonly optional?: boolean;
}

const lock = read('package-lock.json') as { readonly packages: Readonly<Record<string, Locked>> };
const locked = Object.entries(lock.packages).filter(([path]) => path !== '');
const isPacked = (path: string): boolean => PACKED.includes(path.replace('node_modules/', ''));
const shipped = locked.filter(([path, entry]) => entry.dev !== true || isPacked(path));
const nameOf = (path: string): string => path.replace(/^.*node_modules\//, '');

test('no package runs a script when it is installed', () => {
  expect(shipped.length).toBeGreaterThan(5);
  expect(shipped.filter(([, entry]) => entry.hasInstallScript === true).map(([path]) => path)).toEqual([]);
});

/** Licences that go together with GPL-2.0-only. Python-2.0: of a release after 2.0, as argparse is. */
const COMPATIBLE = ['0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT', 'Python-2.0'];

test('every licence goes with that of hvreplay', () => {
  const others = shipped.filter(([, { license = '' }]) => !COMPATIBLE.includes(license)).map(([path]) => nameOf(path));
  expect(others).toEqual([]);
});

test('the licence of each packed package is shipped with it', () => {
  const texts = readFileSync(join(ROOT, 'dist/LICENSES.txt'), 'utf8');
  for (const [path, { version, license }] of shipped.filter(([path]) => isPacked(path)))
    expect(texts).toContain(`${nameOf(path)} ${version} (${license})\n\n`);
});

test('every package has its digest, and none the address of a registry', () => {
  expect(locked.filter(([, entry]) => !entry.integrity?.startsWith('sha512-')).map(([path]) => path)).toEqual([]);
  expect(locked.filter(([, entry]) => entry.resolved !== undefined).map(([path]) => path)).toEqual([]);
});

test('the list of what is shipped (npm run sbom) names each package with its version', () => {
  const { status, stdout } = spawnSync('npm', ['run', '--silent', 'sbom'], { cwd: ROOT, encoding: 'utf8' });
  expect(status).toBe(0);
  const bom = JSON.parse(stdout) as { bomFormat: string; components: readonly { name: string; version: string }[] };
  expect(bom.bomFormat).toBe('CycloneDX');
  const named = bom.components.map(({ name, version }) => `${name}@${version}`);
  expect([...new Set(named)].sort()).toEqual(
    [...new Set(shipped.map(([path, entry]) => `${nameOf(path)}@${entry.version}`))].sort(),
  );
});

test('each direct dependency, installed or packed, has its reason in ARCHITECTURE.md', () => {
  const { dependencies } = read('package.json') as { readonly dependencies: Readonly<Record<string, string>> };
  const architecture = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8');
  const direct = [...Object.keys(dependencies), ...PACKED];
  expect(direct.filter((name) => !architecture.includes(`\n| ${name} |`))).toEqual([]);
});
