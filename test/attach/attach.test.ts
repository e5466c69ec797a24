// SPDX-License-Identifier: GPL-2.0-only
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { requireProgram } from '../require-program.ts';
import {
  ARGUMENTS,
  githubAction,
  gitlabTemplate,
  kubernetesJobs,
  makeProject,
  type Parallel,
  type Project,
  type Ran,
  readAttached,
  runGithub,
  runGithubMatrix,
  runGitlab,
  runKubernetes,
} from './systems.ts';

const CHECK = fileURLToPath(new URL('../../attach/check.sh', import.meta.url));

const project = (): Project => {
  const here = makeProject();
  onTestFinished(here.remove);
  return here;
};

const statuses = (runs: readonly Ran[]): readonly (number | null)[] => runs.map(({ status }) => status);

interface System {
  readonly run: (project: Project) => Parallel;
  /** Where the shards' reports are, the JUnit report, and the code quality report if there is one. */
  readonly shards: string;
  readonly junit: string;
  readonly quality?: string;
  readonly arguments: string;
}

const reported = gitlabTemplate({}).jobs['hvreplay']?.artifacts;

const SYSTEMS: readonly (readonly [string, System])[] = [
  [
    'the GitLab template',
    {
      ...{ run: (here) => runGitlab(here, 2), arguments: ARGUMENTS, shards: 'corpus/hvreplay-shards' },
      ...{ junit: `corpus/${reported?.reports?.junit}`, quality: `corpus/${reported?.reports?.codequality}` },
    },
  ],
  [
    'the GitHub action in a matrix',
    {
      ...{ run: (here) => runGithubMatrix(here, 2), arguments: ARGUMENTS },
      ...{ shards: 'corpus/hvreplay-shards', junit: 'corpus/hvreplay-report/junit.xml' },
    },
  ],
  [
    'the Indexed Job of Kubernetes',
    { run: runKubernetes, arguments: '', shards: 'results/shards', junit: 'results/junit.xml' },
  ],
];

describe.each(SYSTEMS)('%s', (_, { run, shards, junit, quality, arguments: given }) => {
  const whole = (here: Project): string => here.run(['sh'], `hvreplay check ${given}`).log;

  test('is green where everything agrees, and the merged report is that of one run', () => {
    const here = project();
    const done = run(here);
    expect(statuses(done.shards).filter((status) => status !== 0)).toEqual([]);
    const report = done.report();
    expect(report.status).toBe(0);
    expect(report.log).toBe(whole(here));
    expect(here.read(junit)).toContain(' failures="0" errors="0"');
    if (quality !== undefined) expect(here.read(quality)).toBe('[]\n');
  });

  test('is red where a golden file is wrong: in one shard and in the report, whose files say what', () => {
    const here = project();
    here.spoil();
    const done = run(here);
    expect([...statuses(done.shards)].sort()).toEqual([...done.shards.slice(1).map(() => 0), 1]);
    const report = done.report();
    expect(report.status).toBe(1);
    expect(report.log).toContain(whole(here));
    expect(here.read(junit)).toMatch(/^<testsuites .* failures="[1-9]\d*" errors="0"/m);
    expect(here.read(junit)).toContain('name="sriov/vf-before-pf [xen-4.20]"');
    if (quality !== undefined) expect(JSON.parse(here.read(quality))).toMatchObject([{ severity: 'major' }]);
  });

  test('does not pass without one of its shards, or without all, and leaves no report then', () => {
    const here = project();
    const done = run(here);
    rmSync(here.at(`${shards}/2.json`));
    expect(done.report()).toMatchObject({
      status: 2,
      log: expect.stringMatching(/^hvreplay merge: missing of \d shards: [1-4]; nothing was merged$/m),
    });
    rmSync(here.at(shards), { recursive: true });
    expect(done.report().status).toBe(2);
    expect(existsSync(here.at(junit))).toBe(false);
  });

  test('is red in every job where there is no corpus', () => {
    const here = project();
    rmSync(here.at('corpus/traces'), { recursive: true });
    const done = run(here);
    expect(statuses([...done.shards, done.report()]).filter((status) => status !== 2)).toEqual([]);
  });
});

describe('the GitLab template', () => {
  test('declares artifacts where the jobs write, and takes those of the shards', () => {
    const { 'x-shard': shard, x: report } = gitlabTemplate({ name: 'x' }).jobs;
    expect(report?.needs).toEqual(['x-shard']);
    expect(shard?.artifacts.paths).toEqual(['hvreplay-shards/']);
    const { junit = '', codequality = '' } = report?.artifacts.reports ?? {};
    for (const path of [junit, codequality]) {
      expect(report?.artifacts.paths).toEqual([`${path.slice(0, path.lastIndexOf('/'))}/`]);
      expect(report?.script.join(' ')).toContain(`=${path}`);
    }
  });

  test('runs both jobs on runners with the tags that are asked for', () => {
    const jobs = Object.values(gitlabTemplate({ tags: ['linux-arm64'] }).jobs);
    expect(jobs.map(({ tags }) => tags)).toEqual([['linux-arm64'], ['linux-arm64']]);
  });
});

describe('the GitHub action', () => {
  test('without a shard checks all, and its summary and annotations say what differs', () => {
    const here = project();
    expect(runGithub(here, { arguments: ARGUMENTS }).status).toBe(0);
    here.spoil();
    const { status, log } = runGithub(here, { arguments: ARGUMENTS });
    expect(status).toBe(1);
    expect(log).toContain('\n::error file=traces/sriov/vf-before-pf.csv,line=12,title=');
    expect(here.read('summary.md')).toContain('| sriov/vf-before-pf | differs |');
  });

  test('gives and takes the artifacts of shards under one name, whatever the steps before came to', () => {
    const [download, , upload] = githubAction().runs.steps;
    expect(download).toMatchObject({ if: "inputs.merge == 'true'", with: { path: 'hvreplay-shards' } });
    expect(upload?.if).toBe('always()');
    const named = z.object({ name: z.string(), path: z.string() }).parse(upload?.with);
    expect(named.name).toContain("format('shard-{0}', inputs.shard)");
    expect(named.path).toBe(`\${{ inputs.shard && 'hvreplay-shards' || 'hvreplay-report' }}`);
  });

  test('takes words of its inputs for words, not for commands', () => {
    const here = project();
    const marks = { arguments: '$(touch marked) ; touch marked', shard: '1', shards: '1;touch marked' };
    expect(runGithub(here, marks).status).not.toBe(0);
    expect(readdirSync(here.at('corpus'))).not.toContain('marked');
  });
});

test("npx, asked as the jobs ask it, runs the project's hvreplay with all of its options", () => {
  const here = project();
  rmSync(here.at('bin/npx'));
  here.write('corpus/package.json', '{ "name": "user", "private": true }\n');
  here.write('corpus/node_modules/.bin/hvreplay', '#!/bin/sh\necho "own: $*"; exit 1\n');
  const script = 'chmod +x node_modules/.bin/hvreplay\nnpx --no -- hvreplay --version check --shard auto';
  const { status, log } = here.run(['sh'], script);
  expect(status).toBe(1);
  expect(log).toContain('own: --version check --shard auto\n');
  for (const jobs of [readAttached('gitlab.yml'), readAttached('github/action.yml')])
    expect(jobs.match(/npx .*? hvreplay/g)).toEqual(jobs.match(/npx --no -- hvreplay/g));
});

test('the Kubernetes manifest says one number of shards three times, and does not stop at the first red one', () => {
  const [shards, merge] = kubernetesJobs();
  const [{ env = [] }] = shards?.template.spec.containers ?? [{}];
  expect(env).toEqual([{ name: 'HVREPLAY_SHARDS', value: String(shards?.completions) }]);
  expect(shards).toMatchObject({
    completionMode: 'Indexed',
    parallelism: shards?.completions,
    backoffLimitPerIndex: 0,
  });
  expect(merge?.suspend).toBe(true);
});

describe('check.sh', () => {
  const check = (here: Project, words: string, variables = {}): Ran =>
    here.run(['sh'], `set -- ${words}\n${readAttached('check.sh')}`, variables);

  test('keeps the exit status of check, and leaves the reports', () => {
    const here = project();
    expect(check(here, ARGUMENTS)).toEqual({ status: 0, log: '4 cases, 4 replays: 4 agree\n' });
    here.spoil();
    expect(check(here, ARGUMENTS, { HVREPLAY_REPORTS: '../results' }).status).toBe(1);
    expect(readdirSync(here.at('results')).sort()).toEqual(['junit.xml', 'quality.json', 'report.html', 'report.json']);
    expect(here.read('results/junit.xml')).toContain(' failures="1" ');
    expect(here.read('corpus/hvreplay-report/junit.xml')).toContain(' failures="0" ');
    expect(check(here, "--filter 'no such case'").status).toBe(2);
    expect(check(here, `${ARGUMENTS} --shard auto`).log).toContain('--shard auto: expected one of');
  });

  test("takes the project's hvreplay first, and says so where there is none, installing nothing", () => {
    const here = project();
    here.write('corpus/node_modules/.bin/hvreplay', '#!/bin/sh\necho "own: $1"; exit 1\n');
    here.run(['sh'], 'chmod +x node_modules/.bin/hvreplay');
    expect(check(here, '')).toEqual({ status: 1, log: 'own: check\n' });
    rmSync(here.at('corpus/node_modules'), { recursive: true });
    rmSync(here.at('bin/hvreplay'));
    here.write('bin/npm', '#!/bin/sh\necho installed\n');
    const none = here.run(['sh'], `PATH='${here.at('bin')}'\n${readAttached('check.sh')}`);
    expect(none).toEqual({ status: 2, log: expect.stringMatching(/^check.sh: no hvreplay in /) });
  });

  test('is what POSIX calls a shell script, without anything that ShellCheck warns of', ({ skip }) => {
    expect(spawnSync('sh', ['-n', CHECK], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
    requireProgram('shellcheck', 'shellcheck', skip);
    expect(spawnSync('shellcheck', [CHECK], { encoding: 'utf8' })).toMatchObject({ status: 0, stdout: '' });
    const [step] = githubAction().runs.steps.filter(({ run }) => run !== undefined);
    const variables = Object.keys(step?.env ?? {}).map((name) => `export ${name}=given\n`);
    const input = `${variables.join('')}${step?.run}`;
    const ofAction = spawnSync('shellcheck', ['--shell=bash', '-'], { encoding: 'utf8', input });
    expect(ofAction).toMatchObject({ status: 0, stdout: '' });
  });
});
