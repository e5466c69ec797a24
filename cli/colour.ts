// SPDX-License-Identifier: GPL-2.0-only

/** Text in colour for a terminal, as it is for everything else. */
export interface Paint {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly strong: (text: string) => string;
}

const sgr =
  (code: number) =>
  (text: string): string =>
    `\u001b[${code}m${text}\u001b[0m`;

const plain = (text: string): string => text;

export const paint = (colour: boolean): Paint =>
  colour
    ? { good: sgr(32), bad: sgr(31), faint: sgr(2), strong: sgr(1) }
    : { good: plain, bad: plain, faint: plain, strong: plain };

/** A unified diff with its lines coloured. */
export const paintDiff = (diff: string, colours: Paint): string =>
  diff
    .split('\n')
    .map((line) => {
      if (line.startsWith('+++') || line.startsWith('---')) return colours.strong(line);
      if (line.startsWith('+')) return colours.good(line);
      if (line.startsWith('-')) return colours.bad(line);
      return line.startsWith('@@') ? colours.faint(line) : line;
    })
    .join('\n');
