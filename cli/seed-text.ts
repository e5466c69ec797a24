// SPDX-License-Identifier: GPL-2.0-only
import { type AnswerFact, foldNames, type SeedAnswer } from '../engine/replay/seed-answers.ts';
import type { SeedSection } from './seed-corpus.ts';

/** Questions of discussions and what traces answer to them, as text and as Markdown. */

/** A fact as a golden file has it; of the final state nothing says that it is the final one. */
const factText = ({ key, value }: AnswerFact): string => `${key.replace(/^final /, '')}: ${value ?? '-'}`;

const namesText = ({ states }: SeedAnswer): string => foldNames(states).join(', ');

/** Each answer below the states that give it. */
export const answerLines = (answers: readonly SeedAnswer[]): readonly string[] =>
  answers.flatMap((answer) => [
    `  ${namesText(answer)}`,
    ...answer.facts.flatMap((fact) =>
      factText(fact)
        .split('\n')
        .map((line) => `    ${line}`),
    ),
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

const cellText = (text: string): string =>
  text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\n', '; ').trim();

const answerCell = (answer: SeedAnswer): string =>
  `**${namesText(answer)}**: ${answer.facts.map((fact) => `\`${cellText(factText(fact))}\``).join('; ')}`;

const HEAD = `# Discussions and their traces

What was asked and stated in discussions on mailing lists, the trace that shows it, and what releases and proposals answer to
it: lines of their golden files. Made by \`hvreplay seeds --format markdown\`; \`hvreplay compare TRACE --release A --release B\` prints a row
for any two states. States whose name is in *italics* below were discussed without code, and are modelled from the text.
`;

const stateLine = ({ name, fromText, origin }: SeedSection['proposals'][number]): string =>
  `- ${fromText ? `*${name}*` : name}: ${origin}`;

/** `toTrace`: how a link gets from the page to a trace. */
export const seedsMarkdown = (sections: readonly SeedSection[], toTrace: (trace: string) => string): string =>
  [
    HEAD,
    ...sections.map(({ seed, proposals, rows }) =>
      [
        `## ${seed.subject}\n`,
        `\`${seed.file}\`, ${rows.length} questions.\n`,
        ...(proposals.length === 0 ? [] : [`${proposals.map(stateLine).join('\n')}\n`]),
        '| question | trace | outcome |',
        '|---|---|---|',
        ...rows.map(
          ({ question, name, trace, answers }) =>
            `| ${cellText(question)} | [${name}](${toTrace(trace)}) | ${answers.map(answerCell).join('<br>')} |`,
        ),
        '',
      ].join('\n'),
    ),
  ].join('\n');
