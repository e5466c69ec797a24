// SPDX-License-Identifier: GPL-2.0-only

/** Whole lines of `text`, `limit` of them and `limitChars` characters at most; `rest` says what came after. */
export const cut = (
  text: string,
  { lines: limit, characters }: { readonly lines: number; readonly characters: number },
  rest: (hidden: number) => string,
): string => {
  const lines = text.replace(/\n$/, '').split('\n');
  let [shown, length] = [0, 0];
  for (const line of lines) {
    if (shown === limit || length + line.length >= characters) break;
    length += line.length + 1;
    shown += 1;
  }
  if (shown === lines.length) return text;
  return [...lines.slice(0, shown), rest(lines.length - shown), ''].join('\n');
};

/** The command that shows all of a case, on one line and for a shell. */
export const commandFor = (trace: string): string =>
  `hvreplay check ${/^[\w@%+=:,./-]+$/.test(trace) ? trace : `'${trace.replaceAll("'", "'\\''")}'`}`;

/** Stands for what {@link cut} has left out; the trace shows it. */
export const moreLines =
  (trace: string | undefined) =>
  (hidden: number): string =>
    `… ${hidden} more lines${trace === undefined ? '' : `; all of them: ${commandFor(trace)}`}`;
