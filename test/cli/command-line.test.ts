// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { parseCommandLine } from '../../cli/command-line.ts';
import { COMMANDS } from '../../cli/command-table.ts';
import { completionScript } from '../../cli/completion-script.ts';
import { chooseReporters } from '../../cli/reporters/choose.ts';
import { stubModel } from './stub-model.ts';

const argsOf = async (...words: string[]): Promise<unknown> => {
  const line = await parseCommandLine(words);
  return line.kind === 'run' ? line.args : line;
};

describe('command line', () => {
  test('gives options and traces to the command', async () => {
    expect(
      await argsOf('replay', '--release', 'r1', '--format', 'json', '--hardware', 'a.csv', '-', '-r', 'r2'),
    ).toMatchObject({
      release: ['r1', 'r2'],
      format: 'json',
      hardware: true,
      trace: ['a.csv', '-'],
    });
  });

  test('knows --hardware=all, which does not take a trace for its value', async () => {
    expect(await argsOf('replay', '--hardware=all', 'a.csv')).toMatchObject({
      'hardware-reads': true,
      trace: ['a.csv'],
    });
  });

  test('keeps words that look like numbers as they are', async () => {
    expect(await argsOf('replay', '--until', '007', '0x10')).toMatchObject({ until: '007', trace: ['0x10'] });
  });

  test('takes values behind an equals sign and behind a letter, and names behind two dashes', async () => {
    expect(await argsOf('replay', '--until=-1', '-rr1', '--', '--format', '-r')).toEqual({
      until: '-1',
      release: ['r1'],
      trace: ['--format', '-r'],
    });
  });

  test('takes global switches in front of the command', async () => {
    expect(await argsOf('--debug', 'check', 'traces/s')).toMatchObject({ path: ['traces/s'] });
  });

  test.each([
    [['repaly'], "unknown command 'repaly'; did you mean replay?"],
    [['compare', '--proposal', 'p', 'a.csv'], "unknown option '--proposal'; here proposals are named by --with"],
    [['check', '--with', 'p'], "unknown option '--with'; here proposals are named by --release"],
    [['replay', '--relase', 'r1', 'a.csv'], "unknown option '--relase'; did you mean --release?"],
    [['replay'], 'expected <trace..>'],
    [['replay', 'a.csv', '--format'], "option '--format' needs a value"],
    [['replay', 'a.csv', '-r'], "option '--release' needs a value"],
    [['replay', '--format', '--hardware', 'a.csv'], 'one that begins with - is written --format=--hardware'],
    [['replay', 'a.csv', '--hardware=reads'], "option '--hardware' takes no value"],
    [['replay', 'a.csv', '-x'], "unknown option '-x'"],
    [['replay', 'a.csv', '--constructor'], "unknown option '--constructor'"],
    [['replay', 'a.csv', '--until', '1', '--until', '2'], "option '--until' is given more than once"],
    [['completion', 'bash', 'zsh'], "too many arguments: 'zsh'"],
    [['completion', 'tcsh'], 'tcsh: expected bash, zsh, fish'],
    [['replay', 'a.csv', '--format', 'yaml'], '--format yaml: expected text, json'],
    [['--hepl'], "unknown option '--hepl'; did you mean --help?"],
    [[], 'which command?'],
  ])('says what is wrong with %j and where help is', async (words, message) => {
    const line = await parseCommandLine(words);
    expect(line).toMatchObject({ kind: 'wrong', message: expect.stringContaining(message) });
    expect(line).toMatchObject({ message: expect.stringMatching(/\nTry 'hvreplay.* --help'\.\n$/) });
  });

  test.each(COMMANDS.map(({ name }) => [name]))('%s has a help with every option', async (name) => {
    const line = await parseCommandLine([name, '--help']);
    const command = await COMMANDS.find((entry) => entry.name === name)?.load();
    expect(line.kind).toBe('help');
    for (const option of Object.keys(command?.options ?? {}))
      expect(line).toMatchObject({ text: expect.stringContaining(`--${option}`) });
    expect(await parseCommandLine(['help', name])).toEqual(line);
    expect(await parseCommandLine([name, '-h'])).toEqual(line);
  });
});

describe('completion', () => {
  test.each(['bash', 'zsh', 'fish'] as const)('%s knows commands, options and releases', async (shell) => {
    const script = await completionScript(shell, COMMANDS, stubModel);
    for (const word of ['replay', 'accept', 'hardware', 'dry-run', 'r4', 'g2', 'p1']) expect(script).toContain(word);
  });
});

describe('reporters', () => {
  test('may be several as long as one at most writes to stdout, besides annotations', async () => {
    expect(await chooseReporters([])).toMatchObject({ ok: true, targets: [{ file: undefined }] });
    expect(await chooseReporters(['pretty', 'json=out.json'])).toMatchObject({
      ok: true,
      targets: [{}, { file: 'out.json' }],
    });
    expect(await chooseReporters(['pretty', 'json'])).toMatchObject({ ok: false });
    expect(await chooseReporters(['jsn'])).toMatchObject({
      ok: false,
      message: expect.stringContaining('did you mean json?'),
    });
    expect(await chooseReporters(['pretty', 'github'])).toMatchObject({ ok: true });
    expect(await chooseReporters(['json=a', 'tap=a'])).toMatchObject({ ok: false });
    expect(await chooseReporters(['json='])).toMatchObject({ ok: false });
  });
});
