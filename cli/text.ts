// SPDX-License-Identifier: GPL-2.0-only

/** What fits on a line of a terminal. */
export const WIDTH = 80;

/** JSON for programs and people. */
export const formatJson = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;

/** `1 fact`, `2 facts`. */
export const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/** One line, cut where it is longer than `width`. */
export const short = (text: string, width = WIDTH): string =>
  text.length <= width ? text : `${text.slice(0, width - 2)} …`;

/** How text is broken into lines: so many columns wide, lines after the first so much further to the right. */
export interface Wrapping {
  readonly width?: number;
  readonly hanging?: number;
}

/** Text in lines that fit, broken between words. */
export const wrapped = (
  text: string,
  indent: number,
  { width = WIDTH, hanging = 2 }: Wrapping = {},
): readonly string[] => {
  const lines: string[] = [];
  let line = ' '.repeat(indent);
  let isEmpty = true;
  for (const word of text.split(' ')) {
    if (!isEmpty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = ' '.repeat(indent + hanging);
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line];
};

/** So many names are listed of those that there are. */
const NAMES_LISTED = 12;

/** `there are d0, d1 and 3 more`; `there are none`. */
export const listed = (known: readonly string[]): string => {
  const more = known.length - NAMES_LISTED;
  return `there are ${known.slice(0, NAMES_LISTED).join(', ') || 'none'}${more > 0 ? ` and ${more} more` : ''}`;
};

/** `xen-4.19 to xen-4.21 (3 releases)`. */
export const releaseSpan = (releases: readonly string[]): string => {
  const [first = '', last = ''] = [releases[0], releases.at(-1)];
  return releases.length <= 1 ? first : `${first} to ${last} (${releases.length} releases)`;
};
