// SPDX-License-Identifier: GPL-2.0-only
import { type Args, textsOf } from '../args.ts';
import type { Command } from '../command.ts';
import { PAGE_FORMAT_OPTION, printList } from '../corpus-page.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import type { Io } from '../io.ts';
import type { SeedSection } from '../seed-corpus.ts';
import { CORPUS_PATHS, refuser } from '../shared-options.ts';

const refuse = refuser('seeds');

const jsonOf = ({ seed, proposals, rows }: SeedSection): object => ({
  ...seed,
  proposals: proposals.map(({ name, origin, fromText }) => ({ name, origin, fromText })),
  questions: rows,
});

const run = async (args: Args, io: Io): Promise<ExitCode> => {
  const [{ discover }, { makeSession }, { model }, { seedSections }, { seedsMarkdown, seedsText }] = await Promise.all([
    import('../corpus.ts'),
    import('../session.ts'),
    import('../model.ts'),
    import('../seed-corpus.ts'),
    import('../seed-text.ts'),
  ]);
  const found = discover(textsOf(args, 'path'), undefined);
  if (!found.ok) return refuse(io, found.message);
  const made = seedSections(makeSession(model), found.corpus);
  if (!made.ok) return refuse(io, made.message);
  const { sections } = made;
  if (sections.length === 0) return refuse(io, 'none of these traces answers a question of a discussion');
  await printList(sections, { text: seedsText, json: (list) => list.map(jsonOf), markdown: seedsMarkdown }, args, io);
  return EXIT.ok;
};

export const seedsCommand: Command = {
  positionals: [CORPUS_PATHS],
  options: {
    format: PAGE_FORMAT_OPTION,
  },
  details:
    'A trace with the directives # seed: and # question: shows what a discussion on a mailing list asks or states. For each question the states (releases, guests, proposals) are listed by what they answer: the lines of their golden files that # answer: names, or those that differ.\n\n' +
    'docs/seeds.md is the whole corpus in Markdown.',
  examples: [
    ['hvreplay seeds', 'all questions and what each state answers'],
    ['hvreplay seeds traces/sriov', 'those of some traces'],
    ['hvreplay seeds --format markdown >docs/seeds.md', 'renew the page'],
  ],
  run,
};
