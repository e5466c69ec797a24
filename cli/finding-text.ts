// SPDX-License-Identifier: GPL-2.0-only
import { traceLink } from './corpus-page.ts';
import { type CorpusFinding, KINDS } from './finding-corpus.ts';
import { rules } from './model.ts';

/** What `findings` prints, as text and as a page. */

export const findingsText = (findings: readonly CorpusFinding[]): string =>
  findings.map(({ name, title, kind, releases }) => `${kind}: ${title}\n  ${name}, ${releases}\n`).join('');

const summaryOf = (findings: readonly CorpusFinding[]): string =>
  Object.entries(KINDS)
    .map(([kind, says]) => [kind, says, findings.filter((one) => one.kind === kind).length] as const)
    .filter(([, , count]) => count > 0)
    .map(([kind, says, count]) => `| ${kind} | ${count} | ${says} |`)
    .join('\n');

const INTRODUCTION = `# Findings

Where Xen's own code crashes, reads freed memory, leaves a stale mapping or contradicts itself, as the traces of this corpus
show it. Each trace was made by \`hvreplay shrink\`: nothing can be left out of it. This page is made by
\`hvreplay findings --format markdown\`; a test makes it again, and shrinks every trace again. The releases are those in
which the trace shows the same.
`;

const sectionOf = ({ title, kind, releases, rules: names, trace, report }: CorpusFinding): string => {
  const decided = names.map((name) => `\`${name}\` (${rules.get(name)?.where ?? ''})`);
  return [
    `### ${title}\n`,
    `${kind}, in ${releases}; [${trace}](${traceLink(trace)})\n`,
    ...(decided.length === 0 ? [] : [`By ${decided.join(', ')}.\n`]),
    `\`\`\`text\n${report}\`\`\`\n`,
  ].join('\n');
};

/** The page. */
export const findingsMarkdown = (findings: readonly CorpusFinding[]): string => {
  const kinds = Object.keys(KINDS).filter((kind) => findings.some((one) => one.kind === kind));
  const sections = kinds.map((kind) => {
    const own = findings.filter((one) => one.kind === kind);
    const name = `${kind[0]?.toUpperCase()}${kind.slice(1)}`;
    return `## ${name}\n\n${own.map((one) => sectionOf(one)).join('\n')}`;
  });
  return `${INTRODUCTION}\n| kind | traces | |\n|---|---|---|\n${summaryOf(findings)}\n\n${sections.join('\n')}`;
};
