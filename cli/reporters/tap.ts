// SPDX-License-Identifier: GPL-2.0-only
import type { Reporter } from './report.ts';
import { type Result, resultsOf, shownDetail } from './results.ts';

/** A description or a reason: one line, in which # and \ mean themselves. */
const plain = (text: string): string => text.replace(/\s+/g, ' ').replace(/[\\#]/g, '\\$&');

const directive = ({ outcome, message }: Result): string => {
  if (outcome === 'known') return ` # todo ${plain(message)}`;
  return outcome === 'skipped' ? ` # skip ${plain(message)}` : '';
};

/** JSON strings are YAML strings, whatever is in them. */
const diagnostics = (result: Result): readonly string[] => {
  const { message, kind, file } = result;
  const lines = shownDetail(result);
  return [
    '  ---',
    `  message: ${JSON.stringify(message)}`,
    `  kind: ${JSON.stringify(kind)}`,
    `  file: ${JSON.stringify(file)}`,
    ...(lines === ''
      ? []
      : [
          '  lines:',
          ...lines
            .replace(/\n$/, '')
            .split('\n')
            .map((line) => `    - ${JSON.stringify(line)}`),
        ]),
    '  ...',
  ];
};

/** TAP 14: a test for each case and release; what is known to differ is a todo. */
export const tapReporter: Reporter = (report) => {
  const results = resultsOf(report);
  const lines = ['TAP version 14', `1..${results.length}${results.length === 0 ? ' # skip no case' : ''}`];
  results.forEach((result, index) => {
    const { outcome, name } = result;
    const ok = outcome === 'passed' || outcome === 'skipped';
    lines.push(`${ok ? 'ok' : 'not ok'} ${index + 1} - ${plain(name)}${directive(result)}`);
    if (!ok) lines.push(...diagnostics(result));
  });
  return `${lines.join('\n')}\n`;
};
