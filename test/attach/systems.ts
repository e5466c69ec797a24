// SPDX-License-Identifier: GPL-2.0-only
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { type Scratch, scratchFolder } from '../cli/scratch.ts';

/** The scripts of `attach/`, run as the systems run them, on a small corpus and with the built program. */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export const readAttached = (path: string): string => readFileSync(`${ROOT}attach/${path}`, 'utf8');

const TRACES = ['pf-removed-with-vfs', 'vf-after-pf', 'vf-before-pf', 'vf-without-pf'];
const GOLDEN = 'golden/sriov/vf-before-pf/xen-4.20.txt';

/** Options that every run is given, so that it does not depend on how many releases there are. */
export const ARGUMENTS = '--release xen-4.20';

const PROGRAM = `exec '${process.execPath}' '${ROOT}dist/cli/main.js' "$@"\n`;
/** npm and npx as far as scripts may use them: what is not installed already is not downloaded. */
const NPM = '#!/bin/sh\n[ "$*" = ci ]\n';
const NPX = `#!/bin/sh\n[ "$1 $2 $3" = '--no -- hvreplay' ] || exit 64\nshift 3\n${PROGRAM}`;

export interface Ran {
  readonly status: number | null;
  /** What a log shows: both streams. */
  readonly log: string;
}

type Variables = Readonly<Record<string, string>>;

export interface Project extends Scratch {
  readonly remove: () => void;
  /** Runs a file of commands by `shell` and its options. */
  run(shell: readonly string[], script: string, variables?: Variables): Ran;
  /** Makes a golden file say what Xen does not answer. */
  spoil(): void;
}

/** A project with four traces whose hvreplay is the built one. */
export const makeProject = (): Project => {
  const here = scratchFolder();
  for (const [name, text] of Object.entries({ hvreplay: `#!/bin/sh\n${PROGRAM}`, npm: NPM, npx: NPX }))
    chmodSync(here.write(`bin/${name}`, text), 0o755);
  const corpus = here.at('corpus');
  for (const name of TRACES)
    for (const part of [`traces/sriov/${name}.csv`, `golden/sriov/${name}`])
      cpSync(`${ROOT}${part}`, `${corpus}/${part}`, { recursive: true });
  cpSync(`${ROOT}traces/machines`, `${corpus}/traces/machines`, { recursive: true });
  mkdirSync(here.at('results'));
  return {
    ...here,
    run: ([shell = 'sh', ...options], script, variables = {}) => {
      const file = here.write('script', `exec 2>&1\n${script}\n`);
      const { status, stdout } = spawnSync(shell, [...options, file], {
        ...{ cwd: corpus, encoding: 'utf8' },
        env: { PATH: `${here.at('bin')}:${process.env['PATH']}`, LC_ALL: 'C', ...variables },
      });
      return { status, log: stdout };
    },
    spoil: () => {
      here.write(`corpus/${GOLDEN}`, here.read(`corpus/${GOLDEN}`).replace('-ENODEV', '-EBUSY'));
    },
  };
};

/** What each shard's job came to, and one after all of them. */
export interface Parallel {
  readonly shards: readonly Ran[];
  report(): Ran;
}

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at + 1);

const inputs = z.record(z.string(), z.object({ default: z.unknown().optional() }));
const gitlabJob = z.object({
  script: z.array(z.string()),
  parallel: z.int().optional(),
  tags: z.array(z.string()),
  needs: z.array(z.string()).optional(),
  artifacts: z.object({
    paths: z.array(z.string()),
    reports: z.object({ junit: z.string(), codequality: z.string() }).optional(),
  }),
});

/** The template with its inputs filled in: a text that is an input and nothing else gets the input's type. */
export const gitlabTemplate = (given: Readonly<Record<string, unknown>>) => {
  const [head, body] = parseAllDocuments(readAttached('gitlab.yml')).map((document) => document.toJS());
  const { spec } = z.object({ spec: z.object({ inputs }) }).parse(head);
  const inputNamed = (name: string): unknown => {
    if (!Object.hasOwn(spec.inputs, name)) throw new Error(`gitlab.yml has no input ${name}`);
    return given[name] ?? spec.inputs[name]?.default;
  };
  const fill = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(fill);
    if (typeof node === 'object' && node !== null)
      return Object.fromEntries(Object.entries(node).map(([key, value]) => [fill(key), fill(value)]));
    if (typeof node !== 'string') return node;
    const [, whole] = /^\$\[\[ (\w+\.\w+) \]\]$/.exec(node) ?? [];
    if (whole !== undefined) return inputNamed(whole.replace('inputs.', ''));
    return node.replace(/\$\[\[ inputs\.(\w+) \]\]/g, (_, name: string) => String(inputNamed(name)));
  };
  for (const name of Object.keys(given)) inputNamed(name);
  return { names: Object.keys(spec.inputs), jobs: z.record(z.string(), gitlabJob).parse(fill(body)) };
};

const BASH = ['bash', '--noprofile', '--norc', '-eo', 'pipefail'];

export const runGitlab = (project: Project, count: number): Parallel => {
  const { jobs } = gitlabTemplate({ arguments: ARGUMENTS, shards: count });
  const { hvreplay: report, 'hvreplay-shard': shard } = jobs;
  if (report === undefined || shard?.parallel !== count) throw new Error('expected two jobs, one in parallel');
  const run = ({ script }: typeof report, variables: Variables): Ran =>
    project.run(BASH, script.join('\n'), { CI: 'true', GITLAB_CI: 'true', ...variables });
  return {
    shards: numbers(count).map((node) => run(shard, { CI_NODE_INDEX: `${node}`, CI_NODE_TOTAL: `${count}` })),
    report: () => run(report, { CI_NODE_TOTAL: '1' }),
  };
};

const action = z.object({
  inputs,
  runs: z.object({
    using: z.literal('composite'),
    steps: z.array(
      z.object({
        if: z.string().optional(),
        uses: z.string().optional(),
        shell: z.string().optional(),
        env: z.record(z.string(), z.string()).optional(),
        run: z.string().optional(),
        with: z.record(z.string(), z.unknown()).optional(),
      }),
    ),
  }),
});

export const githubAction = () => action.parse(parse(readAttached('github/action.yml')));

/** The steps of the action that are scripts, with these inputs. */
export const runGithub = (project: Project, given: Variables): Ran => {
  const { inputs: declared, runs } = githubAction();
  const summary = project.at('summary.md');
  const [step] = runs.steps.filter(({ run }) => run !== undefined);
  if (step?.run === undefined || step.shell !== 'bash') throw new Error('expected one script, of bash');
  const variables = Object.entries(step.env ?? {}).map(([name, value]) => {
    const [, input = ''] = /^\$\{\{ inputs\.(\w+) \}\}$/.exec(value) ?? [];
    if (!Object.hasOwn(declared, input)) throw new Error(`${value} is no input`);
    return [name, given[input] ?? String(declared[input]?.default ?? '')];
  });
  const env = { CI: 'true', GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary, ...Object.fromEntries(variables) };
  return project.run(BASH, step.run, env);
};

export const runGithubMatrix = (project: Project, count: number): Parallel => ({
  shards: numbers(count).map((shard) =>
    runGithub(project, { arguments: ARGUMENTS, shard: `${shard}`, shards: `${count}` }),
  ),
  report: () => runGithub(project, { merge: 'true' }),
});

const container = z.object({
  command: z.tuple([z.literal('sh'), z.literal('-c'), z.string()]),
  env: z.array(z.object({ name: z.string(), value: z.string() })).optional(),
  volumeMounts: z.array(z.object({ name: z.string(), mountPath: z.string() })),
});
const kubernetesJob = z.object({
  kind: z.literal('Job'),
  spec: z.object({
    completionMode: z.string().optional(),
    completions: z.int().optional(),
    parallelism: z.int().optional(),
    backoffLimitPerIndex: z.int().optional(),
    suspend: z.boolean().optional(),
    template: z.object({ spec: z.object({ containers: z.tuple([container]) }) }),
  }),
});

export const kubernetesJobs = () =>
  parseAllDocuments(readAttached('kubernetes.yaml'))
    .map((document): unknown => document.toJS())
    .flatMap((document) => {
      const job = kubernetesJob.safeParse(document);
      return job.success ? [job.data.spec] : [];
    });

export const runKubernetes = (project: Project): Parallel => {
  const [shards, merge] = kubernetesJobs();
  if (shards?.completions === undefined || merge === undefined) throw new Error('expected two Jobs');
  const run = ({ template }: typeof shards, variables: Variables): Ran => {
    const [{ command, env = [], volumeMounts }] = template.spec.containers;
    const set = Object.fromEntries(env.map(({ name, value }) => [name, value]));
    const mounted = volumeMounts.reduce(
      (text, { name, mountPath }) => text.replaceAll(`${mountPath}/`, `${project.at(name)}/`),
      command[2],
    );
    return project.run(['sh'], mounted, { ...set, ...variables });
  };
  return {
    shards: numbers(shards.completions).map((number) => run(shards, { JOB_COMPLETION_INDEX: `${number - 1}` })),
    report: () => run(merge, {}),
  };
};
