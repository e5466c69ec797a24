// SPDX-License-Identifier: GPL-2.0-only
// Prints what a user gets, installed or packed, as a CycloneDX list. npm's own `--omit=dev` forgets a package that a
// development tool could use too, so it is asked about a project that has no development tools.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const read = (name) => JSON.parse(readFileSync(new URL(`../${name}`, import.meta.url), 'utf8'));
const { devDependencies, scripts: _scripts, ...rest } = read('package.json');
const lock = read('package-lock.json');
const PACKED = read('scripts/packed.json');

/** A packed package is there without what it would bring. */
const shippedEntry = ([path, { dev, ...entry }]) => {
  if (!PACKED.includes(path.replace('node_modules/', ''))) return dev ? [] : [[path, entry]];
  const { dependencies: _brought, ...alone } = entry;
  return [[path, alone]];
};

const packed = Object.fromEntries(PACKED.map((name) => [name, devDependencies[name]]));
const manifest = { ...rest, dependencies: { ...rest.dependencies, ...packed } };
const { devDependencies: _tools, ...root } = lock.packages[''];
const packages = {
  ...Object.fromEntries(Object.entries(lock.packages).flatMap(shippedEntry)),
  '': { ...root, dependencies: manifest.dependencies },
};

const folder = mkdtempSync(join(tmpdir(), 'hvreplay-sbom-'));
try {
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ ...lock, packages }));
  const args = ['sbom', '--package-lock-only', '--sbom-format=cyclonedx'];
  const { status } = spawnSync('npm', args, { cwd: folder, stdio: 'inherit' });
  process.exitCode = status ?? 1;
} finally {
  rmSync(folder, { recursive: true });
}
