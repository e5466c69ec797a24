// SPDX-License-Identifier: GPL-2.0-only
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { scratchFolder } from './scratch.ts';

/** What docs/ci.md says, carried out with the built program (`npm run build`) on a copy of the corpus. */

const ROOT = new URL('../..', import.meta.url).pathname;
const page = readFileSync(`${ROOT}docs/ci.md`, 'utf8');

/** What of the corpus the page is about. */
const COPIED = ['traces/machines', 'traces/sriov', 'golden/sriov'];

const here = scratchFolder();
const corpus = here.at('corpus');

/** Runs a line of a script where `hvreplay` and `npx hvreplay` are the built program. */
const shell = (line: string) =>
  spawnSync('sh', ['-c', `exec 2>&1\n${line}`], {
    ...{ cwd: corpus, encoding: 'utf8' },
    env: { PATH: `${here.at('bin')}:${process.env['PATH']}`, LC_ALL: 'C', SOURCE_DATE_EPOCH: '1767225600' },
  });

beforeAll(() => {
  const program = `#!/bin/sh\nexec '${process.execPath}' '${ROOT}dist/cli/main.js' "$@"\n`;
  chmodSync(here.write('bin/hvreplay', program), 0o755);
  for (const folder of COPIED) cpSync(`${ROOT}${folder}`, `${corpus}/${folder}`, { recursive: true });
});

afterAll(here.remove);

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
