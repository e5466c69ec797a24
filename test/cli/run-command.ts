// SPDX-License-Identifier: GPL-2.0-only
import { isUtf8 } from 'node:buffer';
import { parseCommandLine } from '../../cli/command-line.ts';
import type { Io } from '../../cli/io.ts';

/** What a command answered and printed; bytes that are no text as one character each. */
export interface Ran {
  readonly exit: number;
  readonly out: string;
  readonly notes: string;
}

/** Runs a command within the test, as the command line would. */
export const runCommand = async (
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
  terminal: Pick<Io, 'takeTerminal'> = {},
): Promise<Ran> => {
  const line = await parseCommandLine([...words]);
  if (line.kind === 'wrong') return { exit: 2, out: '', notes: line.message };
  if (line.kind === 'help') throw new Error(`no command: ${words.join(' ')}`);
  let [out, notes] = ['', ''];
  const exit = await line.command.run(line.args, {
    out: async (data) => {
      out += typeof data === 'string' ? data : Buffer.from(data).toString(isUtf8(data) ? 'utf8' : 'latin1');
    },
    outClosed: () => false,
    note: (text) => {
      notes += text;
    },
    progress: () => undefined,
    untilQuit: async () => undefined,
    ...{ colour: false, env, self: { pid: process.pid, isRunning: () => true }, ...terminal },
  });
  return { exit, out, notes };
};
