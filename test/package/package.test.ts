// SPDX-License-Identifier: GPL-2.0-only
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, expect, test } from 'vitest';

/** What users get: the packed package, installed into a project of its own. Needs a build (`npm run build`). */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const HOME = mkdtempSync(join(tmpdir(), 'hvreplay-package-'));
const INSTALLED = join(HOME, 'node_modules/hvreplay');

const MACHINE = `machine: 1
arch: x86
devices:
  "0000:00:03.0":
    id: 8086:10c9
    class: 0x020000
    bars:
      0: { kind: mem32, address: 0xfe000000, size: 0x2000 }
`;

const TRACE = `# hvreplay-trace: 1
# title: memory decoding maps a BAR
# machine: machine.yaml
op,dom,sbdf,reg,size,value
boot.hwdom_setup,,,,,
cfg.write,d0,0000:00:03.0,0x4,2,0x2
`;

const PROGRAM = `import { readFileSync } from 'node:fs';
import { authorTrace, decodeCsv, differences, event, findState, formatCsv, OPERATIONS, parseMachine, type ResultLine, renderBody, replayTrace } from 'hvreplay';

const machine = parseMachine(readFileSync('machine.yaml', 'utf8'));
const trace = decodeCsv(readFileSync('trace.csv'), OPERATIONS);
const release = findState('xen-4.20');
if (!machine.ok || !trace.ok || release === undefined) throw new Error('this input is fine');

const { events } = trace.value;
const lines: readonly ResultLine[] = [...replayTrace({ machine: machine.value, behaviours: release.behaviours }, events)];
console.log(JSON.stringify(lines.at(-1)?.state?.domains['d0']?.p2m));
console.log(differences(renderBody(lines, events, OPERATIONS), '').length > 0);
const sbdf = '0000:00:03.0';
const authored = authorTrace({ title: 'memory decoding maps a BAR', machine: 'machine.yaml' }, [
  event('boot.hwdom_setup'),
  event('cfg.write', { dom: 'd0', sbdf, reg: 0x4, size: 2, value: 0x2 }),
]);
const csv = (of: typeof authored) => formatCsv(of.header, of.events, OPERATIONS);
console.log(csv(authored) === csv(trace.value));
// @ts-expect-error: boot.hide has no such field
export const wrong = () => event('boot.hide', { sbdf, physfn: sbdf });
`;

/** Standard output of a command that has to succeed. */
const run = (command: string, ...args: readonly string[]): string => {
  const done = spawnSync(command, args, { cwd: HOME, encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`${command} ${args.join(' ')}: ${done.status}\n${done.stdout}${done.stderr}`);
  return done.stdout;
};

let tarball = 'none';

beforeAll(() => {
  expect(existsSync(join(ROOT, 'dist/cli/main.js')), 'built before it is packed').toBe(true);
  // Without scripts: packing would build anew, and take dist from under tests that run at the same time.
  const packed = run('npm', 'pack', ROOT, '--ignore-scripts', '--json', '--pack-destination', HOME);
  tarball = /"filename": *"([^"]+)"/.exec(packed)?.[1] ?? 'none';
  writeFileSync(join(HOME, 'package.json'), '{ "name": "user", "private": true, "type": "module" }\n');
  run('npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', `./${tarball}`);
  mkdirSync(join(HOME, 'elsewhere'));
  for (const [name, text] of Object.entries({ 'machine.yaml': MACHINE, 'trace.csv': TRACE, 'program.ts': PROGRAM }))
    writeFileSync(join(HOME, name), text);
});

afterAll(() => rmSync(HOME, { recursive: true, force: true }));

test('the package holds the program, the library with its types, the schema and the documents, and no tests', () => {
  for (const path of [
    ...[
      'dist/cli/main.js',
      'dist/cli/reporters/html/page.html',
      'dist/engine/index.js',
      'dist/engine/index.d.ts',
      ...['dist/cli/vitest.js', 'dist/cli/vitest.d.ts', 'dist/cli/golden-matcher.d.ts'],
      'traces/machine.schema.json',
    ],
    ...['attach/check.sh', 'attach/github/action.yml', 'attach/gitlab.yml', 'attach/kubernetes.yaml'],
    ...['README.md', 'CHANGELOG.md', 'LICENSE', 'docs/formats.md'],
  ])
    expect(existsSync(join(INSTALLED, path)), path).toBe(true);
  for (const path of ['test', 'build', 'dist/test', 'dist/bench', 'engine', 'golden'])
    expect(existsSync(join(INSTALLED, path)), path).toBe(false);
});

test('the installed program says its version and replays a trace', () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const bin = join(HOME, 'node_modules/.bin/hvreplay');
  expect(run(bin, '--version')).toBe(`hvreplay ${version}\n`);
  expect(run(bin, 'replay', '--release', 'xen-4.20', 'trace.csv')).toContain(
    'p2m d0 gfn 0x00000fe000-0x00000fe001: mfn 0x00000fe000 mmio_direct rwx\n',
  );
});

test('the installed library type-checks and runs in a program of its own', () => {
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  const types = ['--types', 'node', '--typeRoots', join(ROOT, 'node_modules/@types')];
  const options = ['--strict', '--exactOptionalPropertyTypes', '--lib', 'es2023', '--module', 'node20', ...types];
  run(process.execPath, tsc, ...options, 'program.ts');
  expect(run(process.execPath, 'program.js')).toBe(
    '[{"gfn":"0xfe000","lastGfn":"0xfe001","mfn":"0xfe000","type":"mmio_direct","access":"rwx"}]\ntrue\ntrue\n',
  );
});

test('publint finds nothing to say about the package', async () => {
  const data = readFileSync(join(HOME, tarball));
  const bytes = data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength);
  const { messages, pkg } = await publint({ pack: { tarball: bytes }, strict: true });
  expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
});

test('every way of resolving that ends in ES modules finds the types that belong to the code', async () => {
  const analysis = await checkPackage(createPackageFromTarballData(new Uint8Array(readFileSync(join(HOME, tarball)))));
  if (analysis.types === false) throw new Error('the package has no types');
  // The package is ES modules alone: `require` of them is Node's to answer, and node10 does not know "exports".
  const problems = analysis.problems.filter(
    (problem) =>
      !(
        'resolutionKind' in problem &&
        (problem.resolutionKind === 'node10' || problem.resolutionKind === 'node16-cjs')
      ),
  );
  expect(problems).toEqual([]);
});
