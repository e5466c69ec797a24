// SPDX-License-Identifier: GPL-2.0-only
import { type AnswerFact, foldNames, type SeedAnswer } from '../engine/replay/seed-answers.ts';
import type { Seed } from '../engine/semantics/seeds.ts';
import { traceLink } from './corpus-page.ts';
import type { SeedSection } from './seed-corpus.ts';

/** Questions of discussions and what traces answer to them, as text and as Markdown. */

/** So many lines are shown of a fact that has several. */
const MAX_LINES = 2;

/** A fact as a golden file has it; of the final state nothing says that it is the final one. */
const factLines = ({ key, value }: AnswerFact): readonly string[] => {
  const lines = `${key.replace(/^final /, '')}: ${value ?? '-'}`.split('\n');
  const more = lines.length - MAX_LINES;
  return more > 0 ? [...lines.slice(0, MAX_LINES), `${more} more`] : lines;
};

const namesText = ({ states }: SeedAnswer): string => foldNames(states).join(', ');

interface Part {
  readonly heading: string;
  readonly facts: readonly AnswerFact[];
}

const isSame = (a: AnswerFact, b: AnswerFact): boolean => a.key === b.key && a.value === b.value;

/** What all states answer alike, then each answer without that, by the names of its states. */
const partsOf = (answers: readonly SeedAnswer[]): readonly Part[] => {
  const [first, ...others] = answers;
  if (first === undefined || others.length === 0)
    return answers.map((answer) => ({ heading: namesText(answer), facts: answer.facts }));
  const shared = first.facts.filter((fact) => others.every(({ facts }) => facts.some((one) => isSame(one, fact))));
  const own = answers.map((answer) => ({
    heading: namesText(answer),
    facts: answer.facts.filter((fact) => !shared.some((one) => isSame(one, fact))),
  }));
  return shared.length === 0 ? own : [{ heading: 'all', facts: shared }, ...own];
};

/** Each answer below the states that give it. */
export const answerLines = (answers: readonly SeedAnswer[]): readonly string[] =>
  partsOf(answers).flatMap(({ heading, facts }) => [
    `  ${heading}`,
    ...facts.flatMap((fact) => factLines(fact).map((line) => `    ${line}`)),
  ]);

/** All questions, each with its trace and its answers. */
export const seedsText = (sections: readonly SeedSection[]): string =>
  sections
    .map(({ seed, rows }) =>
      [
        `${seed.subject} (${seed.file})\n`,
        ...rows.flatMap(({ question, trace, answers }) => [question, `  ${trace}`, ...answerLines(answers), '']),
      ].join('\n'),
    )
    .join('\n');

const cellText = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');

const partCell = ({ heading, facts }: Part): string =>
  `**${heading}**: ${facts.map((fact) => `\`${cellText(factLines(fact).join('; '))}\``).join('; ')}`;

const HEAD = `# Discussions and their traces

What was asked and stated in discussions on mailing lists, the trace that shows it, and what releases and proposals answer to
it: lines of their golden files. Made by \`hvreplay seeds --format markdown\`; \`hvreplay compare TRACE --release A --release B\` prints a row
for any two states. States whose name is in *italics* below were discussed without code, and are modelled from the text.
`;

const stateLine = (seed: Seed, { name, fromText, origin }: SeedSection['proposals'][number]): string =>
  `- ${fromText ? `*${name}*` : name}: ${origin.replace(`; ${seed.file}`, '')}`;

/** The page. */
export const seedsMarkdown = (sections: readonly SeedSection[]): string =>
  [
    HEAD,
    ...sections.map(({ seed, proposals, rows }) =>
      [
        `## ${seed.subject}\n`,
        `\`${seed.file}\`, ${rows.length} questions.\n`,
        ...(proposals.length === 0 ? [] : [`${proposals.map((proposal) => stateLine(seed, proposal)).join('\n')}\n`]),
        ...(seed.notModelled === undefined ? [] : [`Not modelled: ${seed.notModelled}.\n`]),
        '| question | trace | outcome |',
        '|---|---|---|',
        ...rows.map(
          ({ question, name, trace, answers }) =>
            `| ${cellText(question)} | [${name}](${traceLink(trace)}) | ${partsOf(answers).map(partCell).join('<br>')} |`,
        ),
        '',
      ].join('\n'),
    ),
  ].join('\n');
