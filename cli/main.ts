#!/usr/bin/env node
// SPDX-License-Identifier: GPL-2.0-only
import type { ExitCode } from './exit-code.ts';
import type { Io } from './io.ts';
import { packageVersion } from './package-version.ts';

/** From argv to exit status; the only file that touches `process`. */

/** They may stand before what a command line asks for. */
const STYLE_SWITCHES: readonly string[] = ['--no-color', '--debug'];

const isSet = (value: string | undefined): boolean => value !== undefined && value !== '' && value !== '0';

const CTRL_C = '\u0003';

const untilQuit = (): Promise<void> =>
  new Promise((resolve) => {
    const { stdin } = process;
    const quit = (): void => {
      if (stdin.isTTY) stdin.setRawMode(false);
      stdin.pause();
      resolve();
    };
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, quit);
    if (!stdin.isTTY) return;
    stdin.setRawMode(true);
    stdin.on('data', (keys) => {
      if (['q', CTRL_C].includes(keys.toString())) quit();
    });
  });

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // What must not be asked runs too.
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
};

const makeIo = (argv: readonly string[]): Io => {
  const { stdout, stderr, env } = process;
  const { CI, NO_COLOR, TERM } = env;
  let closed = false;
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    closed = true;
    // A reader that has seen enough is no failure; a full disk is one, and no success must hide it.
    if (error.code === 'EPIPE') return;
    process.exitCode = 2;
    stderr.write(`hvreplay: stdout could not be written: ${error.message}\n`);
  });
  stderr.on('error', () => undefined);
  let progressShown = false;
  const progress = (text: string): void => {
    if (!stderr.isTTY || isSet(CI)) return;
    if (text !== '' || progressShown) stderr.write(`\r\u001b[K${text}`);
    progressShown = text !== '';
  };
  return {
    out: (data) =>
      new Promise((resolve) => {
        if (stdout.isTTY) progress('');
        if (closed || data.length === 0) resolve();
        else stdout.write(data, () => resolve());
      }),
    outClosed: () => closed,
    note: (text) => {
      progress('');
      stderr.write(text);
    },
    progress,
    untilQuit,
    colour: Boolean(stdout.isTTY) && (NO_COLOR ?? '') === '' && TERM !== 'dumb' && !argv.includes('--no-color'),
    env,
    self: { pid: process.pid, isRunning },
    takeTerminal: async () => {
      const { stdin } = process;
      if (!stdin.isTTY || !stdout.isTTY) return undefined;
      return (await import('./terminal.ts')).takeTerminal(stdin, stdout);
    },
  };
};

const run = async (argv: readonly string[], io: Io): Promise<ExitCode> => {
  const [first = ''] = argv.filter((word) => !STYLE_SWITCHES.includes(word));
  if (['--version', '-V'].includes(first)) {
    await io.out(`hvreplay ${packageVersion()}\n`);
    return 0;
  }
  const { parseCommandLine } = await import('./command-line.ts');
  const line = await parseCommandLine(argv);
  if (line.kind === 'wrong') {
    io.note(line.message);
    return 2;
  }
  if (line.kind === 'help') {
    await io.out(line.text);
    return 0;
  }
  return line.command.run(line.args, io);
};

const reportDefect = (error: unknown, argv: readonly string[], io: Io): void => {
  const { HVREPLAY_DEBUG } = io.env;
  const debug = argv.includes('--debug') || isSet(HVREPLAY_DEBUG);
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  io.note(
    `hvreplay: internal error: ${what}\n` +
      'This is a defect of hvreplay, not of your input. Please report it with the command line, the trace and its\n' +
      `machine file, and the version (${packageVersion()}).\n`,
  );
  if (!debug) io.note('--debug shows where it happened.\n');
  else if (error instanceof Error) io.note(`${error.stack ?? ''}\n`);
};

const main = async (): Promise<void> => {
  const argv = process.argv.slice(2);
  const io = makeIo(argv);
  try {
    const exit = await run(argv, io);
    process.exitCode = Math.max(exit, Number(process.exitCode ?? 0));
  } catch (error) {
    reportDefect(error, argv, io);
    process.exitCode = 3;
  }
};

await main();
