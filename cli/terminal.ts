// SPDX-License-Identifier: GPL-2.0-only
import { emitKeypressEvents, type Key as NodeKey } from 'node:readline';
import type { Key, Terminal } from './io.ts';

/** Another screen, which leaves what was there as it was; without a cursor. */
const [ENTER, LEAVE] = ['\u001b[?1049h\u001b[?25l', '\u001b[?25h\u001b[?1049l'];
const [HOME, CLEAR_LINE, CLEAR_BELOW] = ['\u001b[H', '\u001b[K', '\u001b[J'];

const PRINTABLE = /^[^\p{Cc}]+$/u;

const keyOf = (text: string | undefined, key: NodeKey): Key => {
  const name = key.name ?? text ?? '';
  return {
    name: key.ctrl === true ? `ctrl-${name}` : name,
    text: text !== undefined && PRINTABLE.test(text) ? text : '',
  };
};

/** Takes a terminal over, until it is closed. */
export const takeTerminal = (stdin: NodeJS.ReadStream, stdout: NodeJS.WriteStream): Terminal => {
  const waiting: Key[] = [];
  let wake = (): void => undefined;
  const push = (key: Key): void => {
    waiting.push(key);
    wake();
  };
  const onKey = (text: string | undefined, key: NodeKey): void => push(keyOf(text, key));
  const onResize = (): void => push({ name: 'resize', text: '' });
  const onEnd = (): void => push({ name: 'closed', text: '' });
  emitKeypressEvents(stdin);
  stdin.setRawMode(true);
  stdin.on('keypress', onKey).on('end', onEnd).resume();
  stdout.on('resize', onResize).write(ENTER);
  return {
    size: () => ({ columns: stdout.columns, rows: stdout.rows }),
    show: (lines) => {
      stdout.write(`${HOME}${lines.map((line) => line + CLEAR_LINE).join('\r\n')}${CLEAR_BELOW}`);
    },
    key: async () => {
      for (;;) {
        const key = waiting.shift();
        if (key !== undefined) return key;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    close: () => {
      stdin.off('keypress', onKey).off('end', onEnd).pause();
      stdin.setRawMode(false);
      stdout.off('resize', onResize).write(LEAVE);
    },
  };
};
