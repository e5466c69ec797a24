// SPDX-License-Identifier: GPL-2.0-only
// Makes what is shipped of what the compiler made: `node scripts/bundle.mjs build dist`. The program, its worker, the matcher
// for vitest and the library, with what they share in parts/: to load some hundred files takes longer than to run a command.
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { isAbsolute, join, resolve } from 'node:path';
import { rolldown } from 'rolldown';

const [from = 'build', to = 'dist'] = process.argv.slice(2);
const entries = ['cli/main', 'cli/case-worker', 'cli/vitest', 'engine/index'];

/** protobufjs tries to load long, and does without it if it is not there. */
const LONG = 'long';
const withoutLong = {
  name: 'without-long',
  resolveId: (id) => (id === LONG ? LONG : undefined),
  load: (id) => (id === LONG ? 'export default undefined' : undefined),
};

const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));
const { dependencies, peerDependencies } = readJson('package.json');
/**
 * Packages that become part of what is shipped, since nearly every command needs them. Who installs hvreplay does not
 * install them: they are development dependencies.
 */
const PACKED = readJson('scripts/packed.json');
const isOneOf = (names, id) => names.some((name) => id === name || id.startsWith(`${name}/`));
const INSTALLED = Object.keys({ ...dependencies, ...peerDependencies });

/** What stays outside: all but our own files and packed packages. */
const isExternal = (id) => {
  if (id.startsWith('.') || isAbsolute(id) || isOneOf([...PACKED, LONG], id)) return false;
  if (!isBuiltin(id) && !isOneOf(INSTALLED, id)) throw new Error(`${id} is neither packed nor a dependency`);
  return true;
};

const bundle = await rolldown({
  input: Object.fromEntries(entries.map((name) => [name, resolve(from, `${name}.js`)])),
  external: isExternal,
  plugins: [withoutLong],
  platform: 'node',
  preserveEntrySignatures: 'strict',
  logLevel: 'warn',
});
const { output } = await bundle.write({
  dir: to,
  format: 'es',
  entryFileNames: '[name].js',
  chunkFileNames: join('parts', '[name]-[hash].js'),
});
// npm makes the program executable only where it installs it; npx runs it from here too.
chmodSync(join(to, 'cli/main.js'), 0o755);

/** `module`: a path, or what a plugin or the bundler itself made. */
const packageOf = (module) => /^(?!\0).*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(module)?.[1];
const found = new Set(output.flatMap(({ moduleIds = [] }) => moduleIds.map(packageOf)));
found.delete(undefined);
if ([...found].sort().join() !== PACKED.join()) throw new Error(`packed: ${[...found].sort()}; expected: ${PACKED}`);

/** The licence that each packed package asks to be passed on with it. */
const licences = PACKED.map((name) => {
  const home = join('node_modules', name);
  const { version, license } = readJson(join(home, 'package.json'));
  const file = readdirSync(home).find((entry) => /^licen[cs]e/i.test(entry));
  if (file === undefined) throw new Error(`${name} has no licence file`);
  return `${name} ${version} (${license})\n\n${readFileSync(join(home, file), 'utf8').trim()}\n`;
});
writeFileSync(
  join(to, 'LICENSES.txt'),
  `Packages that are part of hvreplay\n\n${licences.join(`\n${'-'.repeat(72)}\n\n`)}`,
);
