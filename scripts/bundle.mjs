// SPDX-License-Identifier: GPL-2.0-only
// Makes what is shipped of what the compiler made: `node scripts/bundle.mjs build dist`. The program, its worker, the matcher
// for vitest and the library, with what they share in parts/: to load some hundred files takes longer than to run a command.
import { chmodSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { isAbsolute, join, resolve } from 'node:path';
import { rolldown } from 'rolldown';

const [from = 'build', to = 'dist'] = process.argv.slice(2);
const entries = ['cli/main', 'cli/case-worker', 'cli/vitest', 'engine/index'];

const bundle = await rolldown({
  input: Object.fromEntries(entries.map((name) => [name, resolve(from, `${name}.js`)])),
  // Packages stay what they are: dependencies.
  external: (id) => isBuiltin(id) || !(id.startsWith('.') || isAbsolute(id)),
  platform: 'node',
  preserveEntrySignatures: 'strict',
  logLevel: 'warn',
});
await bundle.write({
  dir: to,
  format: 'es',
  entryFileNames: '[name].js',
  chunkFileNames: join('parts', '[name]-[hash].js'),
});
// npm makes the program executable only where it installs it; npx runs it from here too.
chmodSync(join(to, 'cli/main.js'), 0o755);
