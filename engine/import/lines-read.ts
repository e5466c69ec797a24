// SPDX-License-Identifier: GPL-2.0-only
import type { Problem } from '../trace/problem.ts';
import { quoted } from '../trace/problem-list.ts';
import { linesOf, problemAt } from './problems.ts';

/** What became of the lines of a log that carries other things too. */
export interface LinesRead {
  readonly read: number;
  /** They say something that the recording is made of. */
  readonly used: number;
  /** They look as if they were about PCI and are not understood. */
  readonly strange: number;
  /** The first of those, quoted. */
  readonly first: readonly Problem[];
}

const QUOTED_LINES = 5;

const LOOKS_LIKE_PCI =
  /\bv?pci(?!d\b)|\bmsi\b|(?<![0-9a-f:])(?:[0-9a-f]{4}:)?[0-9a-f]{2}:[01][0-9a-f]\.[0-7](?![0-9a-f.])/i;

/** Lines about PCI that are known, and say nothing that is not in a dump of the devices or in the other lines. */
const NOT_NEEDED: readonly RegExp[] = [
  /^.*?\(XEN\) (?:\[[^\]]{0,40}\] )?(?:PCI: (?:MCFG area at|Using MCFG|Not using MM?CFG)|IRQ limits: )/,
  /^.*?\(XEN\) (?:\[[^\]]{0,40}\] )?\[VT-D\](?: ?(?:endpoint|bridge|IOAPIC|MSI HPET): |d\S{1,8}:Hostbridge: skip )/,
  /\] pci \S+: \[[0-9a-f]{4}:[0-9a-f]{4}\] type /,
  /\] pci \S+: +(?:(?:VF )?BAR \d|ROM|bridge window|PCI bridge to|enabling Extended Tags|supports D|PME#|quirk: )/,
  /\] pci_bus \S+: (?:root bus|busn_res|resource \d)/,
  /\] (?:ACPI: )?PCI(?: host bridge|: ECAM|: Using| Root Bridge| Interrupt Link|: CLS)/i,
];

/** `used`: numbers of the lines that were of use, from 1. */
export const countLines = (text: string, used: ReadonlySet<number>): LinesRead => {
  const lines = linesOf(text);
  const first: Problem[] = [];
  let strange = 0;
  for (const [index, content] of lines.entries()) {
    const line = index + 1;
    if (used.has(line) || !LOOKS_LIKE_PCI.test(content) || NOT_NEEDED.some((known) => known.test(content))) continue;
    strange += 1;
    if (strange <= QUOTED_LINES) first.push(problemAt(line, `not understood: ${quoted(content.trim())}`));
  }
  return { read: lines.length, used: used.size, strange, first };
};
