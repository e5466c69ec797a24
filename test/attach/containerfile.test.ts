// SPDX-License-Identifier: GPL-2.0-only
import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { readAttached } from './systems.ts';

/** The image cannot be built in a test; what its file says about the project can be compared with the project. */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const json = (name: string): unknown => JSON.parse(readFileSync(join(ROOT, name), 'utf8'));

const manifest = z
  .object({
    ...{ bin: z.object({ hvreplay: z.string() }), scripts: z.object({ prepare: z.string(), build: z.string() }) },
    ...{ engines: z.object({ node: z.string() }), files: z.array(z.string()) },
  })
  .parse(json('package.json'));

const instructions = readAttached('Containerfile')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => line.split(' '));

/** The words of every instruction of this name, stage by stage. */
const stages = instructions.reduce<string[][][]>((all, words) => {
  if (words[0] === 'FROM') all.push([]);
  all.at(-1)?.push(words);
  return all;
}, []);
const [build = [], image = []] = stages;
const wordsOf = (stage: readonly string[][], name: string): readonly string[][] =>
  stage.filter(([first]) => first === name).map(([, ...words]) => words);

const copied = (stage: readonly string[][]): readonly string[] =>
  wordsOf(stage, 'COPY').flatMap((words) => (words[0]?.startsWith('--from=') ? [] : words.slice(0, -1)));

test('every file that is copied is there', () => {
  expect(stages.length).toBe(2);
  expect(copied(build).length).toBeGreaterThan(5);
  expect([...copied(build), ...copied(image)].filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});

test('the first stage has all that the build reads', () => {
  const { include, extends: base } = z
    .object({ include: z.array(z.string()), extends: z.string() })
    .parse(json('tsconfig.build.json'));
  const named = manifest.scripts.build.match(/[\w./-]+\.(?:mjs|json)/g) ?? [];
  const needed = [...include, posix.normalize(base), 'package-lock.json', ...named.map((path) => path.split('/')[0])];
  expect(needed.length).toBeGreaterThan(5);
  expect(needed.filter((path) => !copied(build).includes(path ?? ''))).toEqual([]);
  expect(manifest.scripts.prepare).toBe('npm run build');
  expect(wordsOf(build, 'RUN')).toEqual([['npm', 'ci']]);
});

test('the image has what package.json calls the program, its dependencies alone, and a user who is not root', () => {
  const [home = ''] = wordsOf(image, 'WORKDIR').flat();
  const run = wordsOf(image, 'RUN').map((words) => words.join(' '));
  expect(run[0]).toMatch(/^npm ci --omit=dev --ignore-scripts /);
  expect(run[1]).toContain(`ln -s ${home}/${manifest.bin.hvreplay} /usr/local/bin/hvreplay`);
  expect(wordsOf(image, 'COPY')).toContainEqual(['--from=build', `${home}/dist`, 'dist']);
  expect(wordsOf(image, 'USER')).toEqual([['node']]);
  expect(wordsOf(image, 'ENTRYPOINT')).toEqual([['["hvreplay"]']]);
});

test('both stages have the Node.js that the package asks for', () => {
  const [, major] = /^>=(\d+)\./.exec(manifest.engines.node) ?? [];
  for (const stage of stages) expect(wordsOf(stage, 'FROM')[0]?.[0]).toBe(`node:${major}-slim`);
});

test('the package ships what is to be attached', () => {
  expect(manifest.files).toContain('attach');
});
