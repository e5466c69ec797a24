// SPDX-License-Identifier: GPL-2.0-only

import { type Args, choiceOf } from './args.ts';
import type { Option } from './command.ts';
import type { Io } from './io.ts';
import { formatJson } from './text.ts';

/** Commands that list what the traces of a corpus show, and make a page of it in `docs/`. */

const FORMATS = ['text', 'json', 'markdown'] as const;

export const PAGE_FORMAT_OPTION: Option = {
  describe: 'text, json, or markdown',
  value: 'FORMAT',
  default: 'text',
  choices: FORMATS,
};

/** From the page to a trace of the corpus, whose path begins with `traces/`. */
export const traceLink = (trace: string): string => `../${trace}`;

/** Prints a list in the form that `--format` asks for. */
export const printList = async <T>(
  list: T,
  as: {
    readonly text: (list: T) => string;
    readonly json: (list: T) => unknown;
    readonly markdown: (list: T) => string;
  },
  args: Args,
  io: Io,
): Promise<void> => {
  const format = choiceOf(args, 'format', FORMATS);
  await io.out(format === 'json' ? formatJson(as.json(list)) : as[format](list));
};
