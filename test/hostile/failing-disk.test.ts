// SPDX-License-Identifier: GPL-2.0-only
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ACCEPT_LOCK } from '../../cli/corpus.ts';
import { matchGolden } from '../../cli/golden-matcher.ts';
import { isTemporary, writeAtomic } from '../../cli/write-files.ts';
import { event } from '../../engine/author/event.ts';
import { authorTrace } from '../../engine/author/trace.ts';
import { runCommand } from '../cli/run-command.ts';
import { type Scratch, scratch } from '../cli/scratch.ts';
import { type Failure, onFailingDisk, type Refused } from './failing-disk.ts';
import { contents, putCorpus, restore, somethingElse, temporariesIn, WRITERS, writersScratch } from './writers.ts';

/**
 * Commands that write files meet a disk that refuses: each of the calls that change something, in turn. Afterwards each
 * file is what it was or what it was to become, nothing else is left, and the message says which file and why.
 */

const CASES = 4;
const NEVER = Number.POSITIVE_INFINITY;
const TIME_LIMIT_MS = 600_000;

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'not permitted',
  EDQUOT: 'the disk quota is used up; make room and try again',
  EFBIG: 'more than a file may have here (ulimit -f); expected a larger limit',
  EIO: 'the device failed',
  ENOSPC: 'no space left on the device; make room and try again',
  EROFS: 'the file system is read-only; expected one that can be written',
};
const CODES = Object.keys(REASONS);

/** What the disk goes on to refuse, with what it says. */
const FAILURES: readonly (readonly [afterwards: Failure['afterwards'], codes: readonly string[]])[] = [
  ['nothing', CODES],
  ['growth', ['ENOSPC', 'EDQUOT']],
  ['everything', ['EROFS', 'EIO']],
];

/** What cannot be tidied up, since that is what was refused. */
const leftBy = (refused: readonly Refused[]): readonly string[] =>
  refused.filter(({ name }) => name === 'unlinkSync').map(({ path }) => path);

const isLock = (path: string): boolean => path.endsWith(ACCEPT_LOCK);

interface Attempt {
  readonly here: Scratch;
  readonly folder: string;
  readonly old: ReadonlyMap<string, string>;
  readonly after: ReadonlyMap<string, string>;
}

const expectOldOrNew = ({ here, folder, old, after }: Attempt, refused: readonly Refused[], what: string): void => {
  const now = contents(here.at(folder));
  const paths = [...new Set([...old.keys(), ...after.keys()])];
  expect(paths).toEqual(expect.arrayContaining([...now.keys()]));
  for (const path of paths) expect([old.get(path), after.get(path)], `${path}, ${what}`).toContain(now.get(path));
  const left = leftBy(refused);
  expect(temporariesIn(here.at(folder)), what).toBe(left.filter(isTemporary).length);
  expect(existsSync(here.at(`${folder}/${ACCEPT_LOCK}`)), what).toBe(left.some(isLock));
  for (const path of left) rmSync(path, { force: true });
};

test.each(WRITERS)('$name, refused any call, says which file and why', { timeout: TIME_LIMIT_MS }, async (writer) => {
  const here = await writersScratch(CASES);
  const run = (words: readonly string[]) => runCommand(words);
  const { folder, earlier } = writer;
  const words = writer.words(here.at);
  if (earlier !== undefined) {
    earlier(here, CASES);
    expect(await run(words)).toMatchObject({ exit: 0 });
    putCorpus(here, 1, CASES);
  }
  const before = earlier === undefined ? undefined : contents(here.at(folder));
  const whole = await onFailingDisk(here.root, { code: '', from: NEVER, afterwards: 'nothing' }, () => run(words));
  expect(whole).toMatchObject({ value: { exit: 0 }, refused: [] });
  const after = contents(here.at(folder));
  const attempt: Attempt = { here, folder, old: before ?? somethingElse(after), after };
  for (const [afterwards, codes] of FAILURES)
    for (let from = 1; from <= whole.calls; from += 1) {
      const code = codes[from % codes.length] ?? '';
      restore(here, folder, attempt.old);
      const { value, refused } = await onFailingDisk(here.root, { code, from, afterwards }, () => run(words));
      const [first] = refused;
      const what = `${code} for ${first?.name} at call ${from} of ${whole.calls}, then ${afterwards}`;
      expect([value.exit, value.notes], what).toEqual([2, expect.stringContaining(REASONS[code] ?? '')]);
      expect(value.notes, what).toMatch(/could not be (written|removed): /);
      expect(value.notes, what).toContain(here.at(folder));
      expectOldOrNew(attempt, refused, what);
    }
  restore(here, folder, attempt.old);
  expect(await run(words)).toMatchObject({ exit: 0 });
  expect(contents(here.at(folder))).toEqual(after);
});

test('toMatchGolden, refused any call, says which file and why', { timeout: TIME_LIMIT_MS }, async () => {
  const here = scratch({ 'golden/s/c/xen-4.22.txt': 'a file too many' });
  const machineText = 'machine: 1\narch: x86\nmemoryMap: [0x0-0xfffff]\n';
  const header = { title: 'new', releases: 'xen-4.18..xen-4.20', machineText };
  const match = async () =>
    matchGolden(authorTrace(header, [event('boot.hwdom_setup')]), here.at('golden/s/c'), {}, 'all').changed;
  const old = contents(here.at('golden'));
  const whole = await onFailingDisk(here.root, { code: '', from: NEVER, afterwards: 'nothing' }, match);
  expect(whole).toMatchObject({ value: 2, refused: [] });
  const after = contents(here.at('golden'));
  for (let from = 1; from <= whole.calls; from += 1) {
    restore(here, 'golden', old);
    const code = CODES[from % CODES.length] ?? '';
    const said = async (): Promise<string> => match().then(String, ({ message }: Error) => message);
    const { value, refused } = await onFailingDisk(here.root, { code, from, afterwards: 'nothing' }, said);
    const what = `${code} for ${refused[0]?.name} at call ${from} of ${whole.calls}`;
    expect(value, what).toContain(REASONS[code]);
    expect(value, what).toContain(here.at('golden'));
    expectOldOrNew({ here, folder: 'golden', old, after }, refused, what);
  }
});

test('a file system that syncs no folders is no failure, one that fails to is', async () => {
  const here = scratch({ 'a/b.txt': 'old' });
  const write = async () => writeAtomic(here.at('a/b.txt'), 'new').ok;
  const { calls } = await onFailingDisk(here.root, { code: '', from: NEVER, afterwards: 'nothing' }, write);
  const last = (code: string) => onFailingDisk(here.root, { code, from: calls, afterwards: 'nothing' }, write);
  const refused = [{ name: 'fsyncSync', path: here.at('a') }];
  expect(await last('EINVAL')).toMatchObject({ value: true, refused });
  expect(await last('EIO')).toMatchObject({ value: false, refused });
});

test('nothing else writes files', () => {
  const sources = readdirSync('cli', { recursive: true, encoding: 'utf8' }).map((path) => `cli/${path}`);
  const writing = sources.filter(
    (path) => path.endsWith('.ts') && /\b(?:writeAtomic|writePieces|createFile)\(/.test(readFileSync(path, 'utf8')),
  );
  expect(writing.sort()).toEqual([...new Set(WRITERS.map(({ by }) => by))].sort());
});
