// SPDX-License-Identifier: GPL-2.0-only
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { RELEASES } from '../../engine/semantics/releases.ts';
import { type Scratch, scratch } from './scratch.ts';

/** These run the built program (`npm run build`), as users do. */

const BIN = new URL('../../dist/cli/main.js', import.meta.url).pathname;

const NEWEST = RELEASES.at(-1)?.name ?? '';

const MACHINE = `machine: 1
arch: x86
memoryMap:
  - 0x0-0x9ffff
devices:
  "0000:00:03.0":
    registers: { 0x000: 0x10018086, 0x004: 0x00000002, 0x008: 0x02000001, 0x010: 0xfe000000 }
    writable: { 0x004: 0x00000547, 0x010: 0xffffc000 }
    writeOneToClear: {}
`;

const TRACE = `# hvreplay-trace: 1
# title: one device with memory decoding on
# machine: ../machines/one.yaml
op,dom,sbdf,reg,size,value,note
boot.hwdom_setup,,,,,,
cfg.read,d0,0000:00:03.0,0x0,4,,
checkpoint,,,,,,after boot
cfg.write,d0,0000:00:03.0,0x4,2,0x0,decoding off
`;

const BAD = `# hvreplay-trace: 1
# machine: ../machines/one.yaml
op,dom,sbdf
cfg.raed,d0,0000:00:03.0
physdev.pci_device_add,d0,nonsense
`;

const project = (): Scratch => scratch({ 'traces/machines/one.yaml': MACHINE, 'traces/basic/one.csv': TRACE });

interface Done {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const run = (
  cwd: string,
  args: readonly string[],
  extra: { input?: string; env?: Record<string, string> } = {},
): Done => {
  const { CI: _ci, ...env } = process.env;
  return spawnSync(process.execPath, [BIN, ...args], {
    ...{ cwd, encoding: 'utf8', input: extra.input ?? '' },
    env: { ...env, ...extra.env },
  });
};

describe('hvreplay', () => {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

  test.each([[['--version']], [['-V']], [['--no-color', '--debug', '--version']]])(
    'prints its version: %j',
    (words) => {
      const done = run('/', words);
      expect(done).toMatchObject({ status: 0, stderr: '' });
      expect(manifest).toMatchObject({ version: /^hvreplay (.+)\n$/.exec(done.stdout)?.[1] });
    },
  );

  test('lists its commands', () => {
    const { status, stdout } = run('/', ['--help']);
    expect(status).toBe(0);
    for (const name of ['replay', 'check', 'accept', 'ops', 'releases', 'completion'])
      expect(stdout).toContain(`  ${name} `);
  });

  test('answers a wrong command line with status 2 on stderr', () => {
    const done = run('/', ['chekc']);
    expect(done).toMatchObject({ status: 2, stdout: '' });
    expect(done.stderr).toBe("hvreplay: unknown command 'chekc'; did you mean check?\nTry 'hvreplay --help'.\n");
  });

  test.each([['ops'], ['releases'], ['rules']])('%s prints text and JSON', (command) => {
    const text = run('/', [command]);
    const json = run('/', [command, '--format', 'json']);
    expect([text.status, json.status]).toEqual([0, 0]);
    expect(text.stdout.length).toBeGreaterThan(100);
    expect(json.stdout.length).toBeGreaterThan(100);
    expect(() => JSON.parse(json.stdout)).not.toThrow();
  });

  test('prints a completion script that bash understands', () => {
    const { stdout } = run('/', ['completion', 'bash']);
    const shell = spawnSync('bash', [
      '-c',
      'eval "$1"; COMP_WORDS=(hvreplay re); COMP_CWORD=1; _hvreplay; declare -p COMPREPLY',
      '-',
      stdout,
    ]);
    expect(shell.stdout.toString()).toBe('declare -a COMPREPLY=([0]="replay" [1]="releases")\n');
  });
});

describe('replay', () => {
  test('prints JSON lines for each trace and release', () => {
    const here = project();
    const done = run(here.root, ['replay', '--release', 'all', '--format', 'json', 'traces/basic/one.csv']);
    const lines = done.stdout
      .trimEnd()
      .split('\n')
      .map((line): Record<string, unknown> => JSON.parse(line));
    const heads = lines.filter((line) => 'trace' in line);
    expect(heads[0]).toEqual({ trace: 'traces/basic/one.csv', release: RELEASES[0]?.name });
    expect(lines.filter((line) => 'final' in line)).toHaveLength(RELEASES.length);
    expect(lines[2]).toMatchObject({ seq: 2, value: '0x10018086' });
    expect(lines.some((line) => 'hw' in line)).toBe(false);
  });

  test('prints writes to hardware on demand', () => {
    const here = project();
    const { stdout } = run(here.root, ['replay', '--format', 'json', '--hardware', 'traces/basic/one.csv']);
    expect(stdout).toContain('"hw":["w 0000:00:03.0 0x4 2 0x0"');
    expect(run(here.root, ['replay', '--format', 'json', '--hardware=all', 'traces/basic/one.csv']).stdout).toContain(
      '"r 0000:00:03.0',
    );
  });

  test('prints the text form and stops where it is told', () => {
    const here = project();
    const whole = run(here.root, ['replay', 'traces/basic/one.csv']).stdout;
    expect(whole).toContain('event 2 cfg.read d0 0000:00:03.0 reg=0x0 size=0x4: 0x10018086\n');
    expect(whole).toContain('final device 0000:00:03.0 bars mapped: no\n');
    const part = run(here.root, ['replay', '--until', '3', 'traces/basic/one.csv']).stdout;
    expect(part).toContain('final device 0000:00:03.0 bars mapped: yes\n');
    expect(run(here.root, ['replay', '--until', '9', 'traces/basic/one.csv'])).toMatchObject({ status: 2, stdout: '' });
  });

  test('reads a trace from stdin', () => {
    const here = project();
    const done = run(here.root, ['replay', '--machine', 'traces/machines/one.yaml', '-'], { input: TRACE });
    expect(done).toMatchObject({ status: 0, stderr: '' });
    expect(done.stdout).toContain('[final state]');
  });

  test('lists all faults of all traces with their places and replays the others', () => {
    const here = project();
    here.write('traces/basic/bad.csv', BAD);
    here.write('traces/basic/lost.csv', TRACE.replace('one.yaml', 'none.yaml'));
    const done = run(here.root, ['replay', 'traces/basic/one.csv', 'traces/basic/bad.csv', 'traces/basic/lost.csv']);
    expect(done.status).toBe(2);
    expect(done.stdout.match(/^trace: .*/gm)).toEqual(['trace: traces/basic/one.csv']);
    expect(done.stderr).toMatch(/^traces\/basic\/bad\.csv:4:1: .*cfg\.raed.*cfg\.read/m);
    expect(done.stderr).toMatch(/^traces\/basic\/bad\.csv:5:\d+: /m);
    expect(done.stderr).toMatch(/^traces\/basic\/lost\.csv:\d+:1: machine: .*none\.yaml/m);
  });

  test('tells where a directive is wrong, and says of numbers of releases which there are', () => {
    const here = project();
    const wrong = TRACE.replace(/^(# machine: .*)$/m, '$1\n# releases: xen-4.99..');
    here.write('traces/basic/wrong.csv', wrong);
    const { status, stderr } = run(here.root, ['replay', 'traces/basic/wrong.csv', 'traces/basic/one.csv']);
    const line = wrong.split('\n').indexOf('# releases: xen-4.99..') + 1;
    expect(status).toBe(2);
    expect(stderr).toMatch(new RegExp(`^traces/basic/wrong\\.csv:${line}:1: # releases: 'xen-4.99..' is no release`));
    expect(stderr).toContain(`what comes after is ${NEWEST}`);
  });

  test('a machine as the model takes it is a machine file too', () => {
    const here = project();
    const { stdout } = run(here.root, ['machine', 'traces/machines/one.yaml']);
    here.write('plain.yaml', stdout);
    const lines = (...args: string[]): string[] =>
      run(here.root, ['replay', '--format', 'json', ...args, 'traces/basic/one.csv']).stdout.split('\n');
    expect(lines('--machine', 'plain.yaml')).toEqual(lines());
    expect(lines().length).toBeGreaterThan(3);
  });

  test('names the nearest release', () => {
    const done = run(project().root, ['replay', '--release', `${NEWEST}x`, 'traces/basic/one.csv']);
    expect(done).toMatchObject({ status: 2, stdout: '' });
    expect(done.stderr).toContain(`did you mean ${NEWEST}?`);
  });

  test('ends quietly when nobody reads on', async () => {
    const here = project();
    const many = Array.from({ length: 400 }, () => 'traces/basic/one.csv');
    const child = spawn(process.execPath, [BIN, 'replay', '--release', 'all', ...many], { cwd: here.root });
    let stderr = '';
    child.stderr.on('data', (text) => {
      stderr += String(text);
    });
    child.stdout.once('data', () => child.stdout.destroy());
    const status = await new Promise((resolve) => child.on('close', resolve));
    expect([status, stderr]).toEqual([0, '']);
  });
});

describe('check and accept', () => {
  test('a new case fails, is accepted, then agrees', () => {
    const here = project();
    expect(run(here.root, ['check'])).toMatchObject({ status: 1, stdout: expect.stringContaining('missing') });
    expect(run(here.root, ['accept', '--dry-run'])).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('would write'),
    });
    expect(run(here.root, ['accept']).status).toBe(0);
    expect(run(here.root, ['check'])).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^1 case, \d+ replays: 1 agree\n$/),
    });
    expect(run(here.root, ['check', 'traces/basic/one.csv', '--release', NEWEST])).toMatchObject({
      status: 0,
      stdout: '1 case, 1 replay: 1 agree\n',
    });
  });

  test('accept refuses in CI unless it is forced', () => {
    const here = project();
    expect(run(here.root, ['accept'], { env: { CI: 'true' } })).toMatchObject({ status: 2, stdout: '' });
    expect(run(here.root, ['accept', '--force'], { env: { CI: 'true' } }).status).toBe(0);
  });

  test('check without a case is an error, never a silent pass', () => {
    expect(run(project().root, ['check', '--filter', 'nothing'])).toMatchObject({ status: 2 });
    expect(run(scratch().root, ['check'])).toMatchObject({ status: 2 });
  });

  test('check writes a JSON report beside the pretty one', () => {
    const here = project();
    const done = run(here.root, ['check', '--reporter', 'pretty', '--reporter', 'json=out/report.json']);
    expect(done.status).toBe(1);
    expect(JSON.parse(here.read('out/report.json'))).toMatchObject({ summary: { cases: 1, differ: 1 } });
  });
});
