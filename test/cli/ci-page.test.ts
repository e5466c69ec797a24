// SPDX-License-Identifier: GPL-2.0-only
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { scratchFolder } from './scratch.ts';

/** What docs/ci.md says, carried out with the built program (`npm run build`) on a copy of the corpus. */

const ROOT = new URL('../..', import.meta.url).pathname;
const page = readFileSync(`${ROOT}docs/ci.md`, 'utf8');

/** Enough of the corpus for four shards. */
const COPIED = ['traces/machines', ...['sriov', 'msi', 'rom'].flatMap((name) => [`traces/${name}`, `golden/${name}`])];

const here = scratchFolder();
const corpus = here.at('corpus');

/** Runs a line of a script where `hvreplay` and `npx hvreplay` are the built program. */
const shell = (line: string, env: Readonly<Record<string, string>> = {}) =>
  spawnSync('sh', ['-c', `exec 2>&1\n${line}`], {
    ...{ cwd: corpus, encoding: 'utf8' },
    env: { PATH: `${here.at('bin')}:${process.env['PATH']}`, LC_ALL: 'C', SOURCE_DATE_EPOCH: '1767225600', ...env },
  });

beforeAll(() => {
  const program = `exec '${process.execPath}' '${ROOT}dist/cli/main.js' "$@"\n`;
  chmodSync(here.write('bin/hvreplay', `#!/bin/sh\n${program}`), 0o755);
  chmodSync(here.write('bin/npx', `#!/bin/sh\nshift\n${program}`), 0o755);
  for (const folder of COPIED) cpSync(`${ROOT}${folder}`, `${corpus}/${folder}`, { recursive: true });
});

afterAll(here.remove);

const yamlBlocks = [...page.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text = '']) => text);
const yamlNamed = (name: string): unknown => parse(yamlBlocks.find((text) => text.startsWith(`# ${name}\n`)) ?? '');

describe('the corpus in several jobs', () => {
  const whole = () => shell('hvreplay check').stdout;

  /** What a merge of the files that the shards wrote prints, to be compared with the run without shards. */
  const merged = (line: string, env: Readonly<Record<string, string>> = {}) => {
    const done = shell(line, env);
    shell('rm -f shard-*.json');
    return { status: done.status, stdout: done.stdout };
  };

  const isOurs = (line: string): boolean => line.includes('hvreplay ');

  test('runs as the GitLab jobs of the page', () => {
    const job = z.object({ script: z.array(z.string()) });
    const { conformance, 'conformance-report': report } = z
      .object({ conformance: job.extend({ parallel: z.int() }), 'conformance-report': job })
      .parse(yamlNamed('.gitlab-ci.yml'));
    for (let node = 1; node <= conformance.parallel; node += 1)
      for (const line of conformance.script.filter(isOurs))
        expect(shell(line, { CI_NODE_INDEX: `${node}`, CI_NODE_TOTAL: `${conformance.parallel}` }).status).toBe(0);
    expect(merged(report.script.filter(isOurs).join('\n'))).toEqual({ status: 0, stdout: whole() });
    expect(readFileSync(`${corpus}/junit.xml`, 'utf8')).toMatch(/<testsuites .* failures="0" errors="0"/);
    expect(readFileSync(`${corpus}/quality.json`, 'utf8')).toBe('[]\n');
  });

  test('runs as the GitHub matrix of the page', () => {
    const job = z.object({ steps: z.array(z.object({ run: z.string().optional() })) });
    const { jobs } = z
      .object({
        jobs: z.object({
          shard: job.extend({ strategy: z.object({ matrix: z.object({ shard: z.array(z.int()) }) }) }),
          report: job,
        }),
      })
      .parse(yamlNamed('.github/workflows/conformance.yml'));
    const linesOf = ({ steps }: z.infer<typeof job>) => steps.map(({ run = '' }) => run).filter(isOurs);
    const { shard: shards } = jobs.shard.strategy.matrix;
    for (const shard of shards)
      for (const line of linesOf(jobs.shard)) {
        const made = line
          .replace(/\$\{\{ matrix\.shard \}\}/g, `${shard}`)
          .replace(/\$\{\{ strategy\.job-total \}\}/g, `${shards.length}`);
        expect(shell(made).status).toBe(0);
      }
    const summary = here.at('summary.md');
    expect(merged(linesOf(jobs.report).join('\n'), { GITHUB_STEP_SUMMARY: summary })).toEqual({
      status: 0,
      stdout: whole(),
    });
    expect(here.read('summary.md')).toMatch(/^## hvreplay\n/);
  });

  test('runs as the Kubernetes Indexed Job of the page', () => {
    const container = z.object({
      command: z.tuple([z.literal('sh'), z.literal('-c'), z.string()]),
      env: z.array(z.object({ name: z.string(), value: z.string() })),
    });
    const { spec } = z
      .object({
        spec: z.object({
          completionMode: z.literal('Indexed'),
          completions: z.int(),
          template: z.object({ spec: z.object({ containers: z.tuple([container]) }) }),
        }),
      })
      .parse(yamlNamed('job.yaml'));
    const [{ command, env }] = spec.template.spec.containers;
    const set = Object.fromEntries(env.map(({ name, value }) => [name, value]));
    for (let index = 0; index < spec.completions; index += 1)
      expect(shell(command[2].replace('/results/', ''), { ...set, JOB_COMPLETION_INDEX: `${index}` }).status).toBe(0);
    const [, line = ''] = /^Then, where the volume is: `(.+)`\.$/m.exec(page) ?? [];
    expect(merged(line.replace('/results/', ''))).toEqual({ status: 0, stdout: whole() });
  });
});

describe('the page', () => {
  const steps = [...page.matchAll(/^```(console|yaml)\n(.*?)^```$/gms)].flatMap(([, kind, block = '']) => {
    if (kind === 'yaml') return block.startsWith('known:') ? [{ command: 'expectations', output: block }] : [];
    return block
      .split(/^\$ /m)
      .slice(1)
      .map((part) => ({ command: part.slice(0, part.indexOf('\n')), output: part.slice(part.indexOf('\n') + 1) }));
  });

  test('shows commands', () => {
    expect(steps.length).toBeGreaterThan(8);
  });

  // In the order of the page: some of its commands change the copy.
  test.each(steps)('says what is printed: $command', ({ command, output }) => {
    if (command === 'expectations') here.write('corpus/golden/expectations.yaml', output);
    else expect(shell(command).stdout).toBe(output);
  });
});
