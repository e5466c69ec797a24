// SPDX-License-Identifier: GPL-2.0-only
import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { scratchFolder } from './scratch.ts';

/** The whole corpus in parts, by the built program (`npm run build`). */

const ROOT = new URL('../..', import.meta.url).pathname;
const COUNT = 4;

let here: ReturnType<typeof scratchFolder>;

const hvreplay = (...words: readonly string[]) =>
  spawnSync(process.execPath, [`${ROOT}dist/cli/main.js`, ...words], { cwd: ROOT, encoding: 'utf8' });

const shardFile = (index: number): string => here.at(`shard-${index}.json`);
const ALL = Array.from({ length: COUNT }, (_, at) => at + 1);

beforeAll(() => {
  here = scratchFolder();
  for (const index of ALL) {
    const done = hvreplay('check', '--shard', `${index}/${COUNT}`, '--reporter', `json=${shardFile(index)}`);
    expect(done).toMatchObject({ status: 0, stdout: '', stderr: '' });
  }
  return here.remove;
});

const merge = (...files: readonly string[]) => hvreplay('merge', ...files);

describe('the corpus in shards', () => {
  test('merged, in any order, is what the run without shards reports, byte for byte', () => {
    const [whole, merged] = [here.at('whole.json'), here.at('merged.json')];
    expect(hvreplay('check', '--reporter', `json=${whole}`).status).toBe(0);
    expect(hvreplay('merge', ...ALL.toReversed().map(shardFile), '--reporter', `json=${merged}`).status).toBe(0);
    expect(here.read('merged.json')).toBe(here.read('whole.json'));
    expect(merge(...ALL.map(shardFile)).stdout).toBe(hvreplay('check').stdout);
  });

  test('in worker processes reports what one process does, byte for byte', () => {
    expect(hvreplay('check', 'traces/sriov', '--jobs', '2', '--reporter', 'json').stdout).toBe(
      hvreplay('check', 'traces/sriov', '--reporter', 'json').stdout,
    );
  });

  test('is refused without one of them, with one twice, or with one of another run', () => {
    expect(merge(...ALL.slice(1).map(shardFile))).toMatchObject({
      ...{ status: 2, stdout: '', stderr: 'hvreplay merge: missing of 4 shards: 1; nothing was merged\n' },
    });
    copyFileSync(shardFile(1), here.at('copy.json'));
    expect(merge(...ALL.map(shardFile), here.at('copy.json'))).toMatchObject({
      ...{ status: 2, stderr: `hvreplay merge: ${here.at('copy.json')}: is shard 1 of 4, and so is ${shardFile(1)}\n` },
    });
    const other = here.at('other.json');
    hvreplay('check', '--shard', `1/${COUNT}`, '--release', 'xen-4.20', '--reporter', `json=${other}`);
    expect(merge(other, ...ALL.slice(1).map(shardFile))).toMatchObject({
      ...{ status: 2, stderr: expect.stringContaining('was planned otherwise than') },
    });
    hvreplay('check', '--shard', '1/3', '--reporter', `json=${other}`);
    expect(merge(...ALL.map(shardFile), other)).toMatchObject({
      ...{ status: 2, stderr: expect.stringContaining('is a shard of 3,') },
    });
  });

  test.each([
    ['{"report":1,', 'no JSON (cut off?)'],
    ['{"report":2}', 'not a report of hvreplay check'],
    ['', 'no JSON'],
  ])('a report that cannot be read is refused: %j', (text, message) => {
    const broken = here.write('broken.json', text);
    expect(merge(...ALL.slice(1).map(shardFile), broken)).toMatchObject({
      ...{ status: 2, stderr: expect.stringContaining(message) },
    });
  });

  test('a corpus without a folder of golden files has none, in shards too', () => {
    for (const name of ['sriov/vf-before-pf.csv', 'machines/sriov-hotplug.yaml'])
      here.write(`new/traces/${name}`, readFileSync(`${ROOT}traces/${name}`, 'utf8'));
    const [whole, part] = [[], ['--shard', '1/1']].map((words) => hvreplay('check', here.at('new/traces'), ...words));
    expect(whole).toMatchObject({ status: 1, stdout: expect.stringContaining('xen-4.17.txt: missing') });
    expect(part?.stdout).toBe(whole?.stdout.replace(/^1 case, /gm, 'shard 1 of 1: 1 case, '));
  });

  test('the report of a whole run is no shard', () => {
    const whole = here.at('a-subject.json');
    hvreplay('check', 'traces/sriov', '--reporter', `json=${whole}`);
    expect(merge(whole)).toMatchObject({ status: 2, stderr: expect.stringContaining('is no shard') });
  });

  test('more shards than cases leave some empty, which is no failure; no case at all is one', () => {
    const few = ['check', 'traces/sriov/vf-before-pf.csv', '--shard'];
    expect(hvreplay(...few, '2/2')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('shard 2 of 2: 0 cases'),
    });
    expect(hvreplay('check', '--filter', 'no such case', '--shard', '2/2')).toMatchObject({
      ...{ status: 2, stderr: expect.stringContaining('nothing was compared') },
    });
  });
});
