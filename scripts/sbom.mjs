// SPDX-License-Identifier: GPL-2.0-only
// Prints what a user installs, as a CycloneDX list. npm's own `--omit=dev` forgets a package that a development tool
// could use too, so it is asked about a project that has no development tools.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const read = (name) => JSON.parse(readFileSync(new URL(`../${name}`, import.meta.url), 'utf8'));
const { devDependencies: _tools, scripts: _scripts, ...manifest } = read('package.json');
const lock = read('package-lock.json');
const { devDependencies: _locked, ...root } = lock.packages[''];
const packages = Object.fromEntries(Object.entries(lock.packages).filter(([, entry]) => entry.dev !== true));

const folder = mkdtempSync(join(tmpdir(), 'hvreplay-sbom-'));
try {
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ ...lock, packages: { ...packages, '': root } }));
  const args = ['sbom', '--package-lock-only', '--sbom-format=cyclonedx'];
  const { status } = spawnSync('npm', args, { cwd: folder, stdio: 'inherit' });
  process.exitCode = status ?? 1;
} finally {
  rmSync(folder, { recursive: true });
}
