// SPDX-License-Identifier: GPL-2.0-only
import { type Args, textOf, textsOf } from '../args.ts';
import type { Command } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import type { Io } from '../io.ts';
import { CORPUS_PATHS, refuser } from '../shared-options.ts';

const FORMATS = ['text', 'json', 'markdown'] as const;

const refuse = refuser('seeds');

/** From `docs/` to a trace of the corpus beside it. */
const fromDocs = (trace: string): string => `../${trace}`;

const run = async (args: Args, io: Io): Promise<ExitCode> => {
  const wanted = textOf(args, 'format') ?? 'text';
  const format = FORMATS.find((known) => known === wanted);
  if (format === undefined) return refuse(io, `--format ${wanted}: expected ${FORMATS.join(', ')}`);
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
  switch (format) {
    case 'json': {
      const rows = sections.map(({ seed, proposals, rows: asked }) => ({
        ...seed,
        proposals: proposals.map(({ name, origin, fromText }) => ({ name, origin, fromText })),
        questions: asked,
      }));
      await io.out(`${JSON.stringify(rows, undefined, 2)}\n`);
      break;
    }
    case 'markdown':
      await io.out(seedsMarkdown(sections, fromDocs));
      break;
    case 'text':
      await io.out(seedsText(sections));
  }
  return EXIT.ok;
};

export const seedsCommand: Command = {
  positionals: [CORPUS_PATHS],
  options: {
    format: { describe: 'text, json, or markdown', value: 'FORMAT', default: 'text', completes: FORMATS },
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
