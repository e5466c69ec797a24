// SPDX-License-Identifier: GPL-2.0-only
import { chmodSync, cpSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import {
  ARGUMENTS,
  githubAction,
  gitlabTemplate,
  makeProject,
  type Project,
  runGithubMatrix,
  runGitlab,
  runKubernetes,
} from './systems.ts';

/** What docs/attaching.md says against what the files in attach/ take and print. */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const page = readFileSync(`${ROOT}docs/attaching.md`, 'utf8');
const LEFT_OUT = '…';

const patternOf = (text: string): RegExp => {
  const parts = text.split(LEFT_OUT).map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^]*?')}$`);
};

const yamlBlocks = [...page.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text = '']) => text);
const yamlNamed = (name: string): unknown => parse(yamlBlocks.find((text) => text.startsWith(`# ${name}\n`)) ?? '');

const logs = [...page.matchAll(/^<!-- log: ([^\n]+) -->\n```text\n(.*?)^```$/gms)].map(
  ([, name = '', text = '']) => [name, text] as const,
);

const projects: Project[] = [];
const printed = new Map<string, string | undefined>();

const spoilt = (): Project => {
  const made = makeProject();
  projects.push(made);
  made.spoil();
  return made;
};

beforeAll(() => {
  const gitlab = runGitlab(spoilt(), 4);
  printed.set('gitlab shard', gitlab.shards[2]?.log).set('gitlab report', gitlab.report().log);
  const onGithub = spoilt();
  printed.set('github report', runGithubMatrix(onGithub, 4).report().log);
  printed.set('github summary', onGithub.read('summary.md'));
  const inKubernetes = spoilt();
  const kubernetes = runKubernetes(inKubernetes);
  printed.set('kubernetes shard', kubernetes.shards[3]?.log);
  rmSync(inKubernetes.at('results/shards/2.json'));
  printed.set('kubernetes missing', kubernetes.report().log);
});

afterAll(() => {
  for (const { remove } of projects) remove();
});

test('the page shows a log of everything that is run', () => {
  expect(logs.map(([name]) => name)).toEqual([...printed.keys()]);
});

test.each(logs)('the page shows the log that is printed: %s', (name, text) => {
  expect(printed.get(name)).toMatch(patternOf(text));
});

test('the page gives the GitLab template inputs that it has', () => {
  const { include } = z
    .object({ include: z.array(z.object({ file: z.string(), inputs: z.record(z.string(), z.unknown()) })) })
    .parse(yamlNamed('.gitlab-ci.yml'));
  const names = include.flatMap(({ file, inputs }) => {
    expect(file).toBe('attach/gitlab.yml');
    return Object.keys(gitlabTemplate(inputs).jobs);
  });
  expect(names).toEqual(['hvreplay-x86_64-shard', 'hvreplay-x86_64', 'hvreplay-arm64-shard', 'hvreplay-arm64']);
});

test('the page gives the GitHub action inputs that it has, of jobs that wait for each other', () => {
  const step = z.object({ uses: z.string().optional(), with: z.record(z.string(), z.unknown()).optional() });
  const workflow = z.object({
    jobs: z.record(z.string(), z.object({ needs: z.string().optional(), steps: z.array(step) })),
  });
  const names = ['.github/workflows/conformance.yml', '.github/workflows/conformance-matrix.yml'];
  const given = names.flatMap((name) =>
    Object.values(workflow.parse(yamlNamed(name)).jobs).flatMap(({ steps }) =>
      steps.filter(({ uses }) => uses === './node_modules/hvreplay/attach/github').map((one) => one.with ?? {}),
    ),
  );
  expect(given.map((one) => Object.keys(one))).toEqual([['arguments'], ['arguments', 'shard', 'shards'], ['merge']]);
  expect(Object.keys(githubAction().inputs)).toEqual(expect.arrayContaining(given.flatMap((one) => Object.keys(one))));
  expect(workflow.parse(yamlNamed(names[1] ?? '')).jobs['report']?.needs).toBe('shard');
  expect(given[0]?.['arguments']).toBe(ARGUMENTS);
});

test('the page names the tarball that the package makes, and all that runs leave for .gitignore', () => {
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')));
  expect(page).toContain(`npm install --save-dev ./hvreplay-${version}.tgz`);
  const left = ['check.sh', 'gitlab.yml', 'github/action.yml'].flatMap(
    (name) => readFileSync(`${ROOT}attach/${name}`, 'utf8').match(/hvreplay-(?:report|shards)\b/g) ?? [],
  );
  for (const folder of new Set(left)) expect(page).toContain(`\`${folder}/\``);
  expect(new Set(left).size).toBe(2);
});

test('the page shows what check.sh prints', () => {
  const here = spoilt();
  cpSync(`${ROOT}attach`, here.at('corpus/node_modules/hvreplay/attach'), { recursive: true });
  chmodSync(here.at('corpus/node_modules/hvreplay/attach/check.sh'), 0o644);
  const [, block = ''] = /^```console\n(.*?)^```$/ms.exec(page) ?? [];
  const steps = block.split(/^\$ /m).slice(1);
  expect(steps.length).toBe(2);
  for (const step of steps) {
    const end = step.indexOf('\n');
    expect(here.run(['sh'], step.slice(0, end)).log).toMatch(patternOf(step.slice(end + 1)));
  }
});
