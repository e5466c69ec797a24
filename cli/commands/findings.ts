// SPDX-License-Identifier: GPL-2.0-only
import { type Args, textsOf } from '../args.ts';
import type { Command } from '../command.ts';
import { PAGE_FORMAT_OPTION, printList } from '../corpus-page.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import type { Io } from '../io.ts';
import { CORPUS_PATHS, refuser } from '../shared-options.ts';

const refuse = refuser('findings');

const run = async (args: Args, io: Io): Promise<ExitCode> => {
  const [{ findFindings }, { findingsMarkdown, findingsText }] = await Promise.all([
    import('../finding-corpus.ts'),
    import('../finding-text.ts'),
  ]);
  const findings = await findFindings(textsOf(args, 'path'), io);
  if (typeof findings === 'string') return refuse(io, findings);
  if (findings.length === 0) return refuse(io, 'none of these traces is a finding');
  await printList(findings, { text: findingsText, json: (list) => list, markdown: findingsMarkdown }, args, io);
  return EXIT.ok;
};

export const findingsCommand: Command = {
  positionals: [CORPUS_PATHS],
  options: {
    format: PAGE_FORMAT_OPTION,
  },
  details:
    'A trace with the directive # finding: shows a place where Xen does something wrong, and of which kind; # shows: says by which release, events or rule, in the words of shrink, which made the trace. The releases in which it is the same are found by replaying it.\n\n' +
    'docs/findings.md is the whole corpus in Markdown, with a report for each.',
  examples: [
    ['hvreplay findings', 'where Xen crashes, reads freed memory or contradicts itself'],
    ['hvreplay findings --format markdown >docs/findings.md', 'renew the page'],
  ],
  run,
};
