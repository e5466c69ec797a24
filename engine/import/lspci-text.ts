// SPDX-License-Identifier: GPL-2.0-only

import type { ConfigImage } from '../machine/config-dump.ts';
import { or, shiftLeft } from '../num/bits.ts';
import { formatSbdf, parseSbdf, type Sbdf } from '../num/sbdf.ts';
import type { Parsed, Problem } from '../trace/problem.ts';
import { quoted } from '../trace/problem-list.ts';
import { linesOf, problemAt } from './problems.ts';
import { sizeIn } from './size-text.ts';

/** What lspci's decoded text says of one BAR or ROM. */
export interface DecodedRegion {
  readonly line: number;
  /** What the kernel made of it; undefined where lspci prints no size. */
  readonly sizeBytes: number | undefined;
  /** The address the kernel holds; undefined for `<unassigned>` and the like. */
  readonly address: bigint | undefined;
}

/** One device of an lspci text. */
export interface LspciDevice {
  readonly sbdf: Sbdf;
  readonly line: number;
  /** Class and name as printed. */
  readonly title: string;
  readonly image: ConfigImage;
  /** By BAR number, 0 to 5. */
  readonly regions: ReadonlyMap<number, DecodedRegion>;
  readonly rom: DecodedRegion | undefined;
}

export interface LspciText {
  readonly devices: readonly LspciDevice[];
  /** Lines that were passed over. */
  readonly notes: readonly Problem[];
}

/** Functions of a whole segment; a text with more is refused. */
const MAX_LSPCI_DEVICES = 65_536;

const HEADING = /^((?:[0-9a-f]{4,8}:)?[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]) (.*)$/i;
const HEX_ROW = /^([0-9a-f]{2,3}):((?: [0-9a-f]{2}){16})\s*$/i;
const HEX_ROW_START = /^[0-9a-f]{2,3}:(?: |$)/i;
const REGION = /^\tRegion ([0-5]): (.*)$/;
const ROM = /^\t(?:\[virtual\] )?Expansion ROM at (.*)$/;
const ADDRESS = /^(?:\[virtual\] )?(?:Memory at |I\/O ports at )?([0-9a-f]{1,16})(?: |$)/i;
const ROW_BYTES = 16;

/** Devices as lspci names them, by whatever options, and nothing of what they hold. */
export const isLspciWithoutDump = (head: string): boolean =>
  /^(?:[0-9a-f]{4,8}:)?[0-9a-f]{2}:[0-9a-f]{2}\.[0-7] [^:\n]{1,80}: /m.test(head) &&
  !/^00:(?: [0-9a-f]{2}){16}$/m.test(head);

interface Draft {
  readonly sbdf: Sbdf;
  readonly line: number;
  readonly title: string;
  readonly dwords: Map<number, number>;
  readonly regions: Map<number, DecodedRegion>;
  rom: DecodedRegion | undefined;
  /** Set once a row was out of order, so that it is reported once. */
  broken: boolean;
}

const decodedRegion = (line: number, text: string): DecodedRegion => {
  const address = ADDRESS.exec(text)?.[1];
  return { line, sizeBytes: sizeIn(text), address: address === undefined ? undefined : BigInt(`0x${address}`) };
};

const readHexRow = (draft: Draft, line: number, offsetText: string, bytesText: string): Problem | undefined => {
  const offset = Number.parseInt(offsetText, 16);
  if (draft.broken) return undefined;
  if (offset !== draft.dwords.size * 4) {
    draft.broken = true;
    const expected = (draft.dwords.size * 4).toString(16).padStart(2, '0');
    return problemAt(line, `hex row ${offsetText} of ${formatSbdf(draft.sbdf)} where row ${expected} was expected`);
  }
  const bytes = bytesText
    .trim()
    .split(' ')
    .map((byte) => Number.parseInt(byte, 16));
  for (let at = 0; at < ROW_BYTES; at += 4) {
    const [b0 = 0, b1 = 0, b2 = 0, b3 = 0] = bytes.slice(at, at + 4);
    draft.dwords.set(offset + at, or(or(b0, shiftLeft(b1, 8)), or(shiftLeft(b2, 16), shiftLeft(b3, 24))));
  }
  return undefined;
};

const finish = (draft: Draft, problems: Problem[]): LspciDevice => {
  if (draft.dwords.size === 0)
    problems.push(
      problemAt(draft.line, `${formatSbdf(draft.sbdf)} has no hex dump; take the text with lspci -vvvxxxx`),
    );
  return {
    sbdf: draft.sbdf,
    line: draft.line,
    title: draft.title,
    image: { dwords: draft.dwords, sizeBytes: draft.dwords.size * 4 },
    regions: draft.regions,
    rom: draft.rom,
  };
};

const startDevice = (line: number, address: string, title: string, seen: Set<Sbdf>): Draft | Problem => {
  const sbdf = parseSbdf(address);
  if (sbdf === undefined)
    return problemAt(line, `${address} is no SBDF: expected segment:bus:device.function with a 16-bit segment`);
  if (seen.has(sbdf)) return problemAt(line, `${formatSbdf(sbdf)} appears a second time`);
  if (seen.size >= MAX_LSPCI_DEVICES) return problemAt(line, `more than ${MAX_LSPCI_DEVICES} devices`);
  seen.add(sbdf);
  return { sbdf, line, title, dwords: new Map(), regions: new Map(), rom: undefined, broken: false };
};

/** A line that belongs to the device above it: a hex row, a decoded BAR or ROM, or other decoded text. */
const readDeviceLine = (draft: Draft, line: number, text: string): Problem | undefined => {
  const row = HEX_ROW.exec(text);
  if (row !== null) return readHexRow(draft, line, row[1] ?? '', row[2] ?? '');
  if (HEX_ROW_START.test(text)) return problemAt(line, 'a hex row needs 16 bytes of two digits each');
  const region = REGION.exec(text);
  if (region !== null) draft.regions.set(Number(region[1]), decodedRegion(line, region[2] ?? ''));
  const rom = ROM.exec(text);
  if (rom !== null) draft.rom = decodedRegion(line, rom[1] ?? '');
  return undefined;
};

/**
 * Splits the output of `lspci -vvvxxxx` (also -xxx; -D or not) into devices: hex dumps, and the sizes that the decoded
 * lines give. Unindented lines that are neither (warnings of the program) become notes.
 */
export const parseLspciText = (text: string): Parsed<LspciText> => {
  const problems: Problem[] = [];
  const notes: Problem[] = [];
  const devices: LspciDevice[] = [];
  const seen = new Set<Sbdf>();
  let draft: Draft | undefined;
  for (const [index, content] of linesOf(text).entries()) {
    const line = index + 1;
    const heading = HEADING.exec(content);
    if (heading !== null) {
      if (draft !== undefined) devices.push(finish(draft, problems));
      const started = startDevice(line, heading[1] ?? '', heading[2] ?? '', seen);
      draft = 'sbdf' in started ? started : undefined;
      if (!('sbdf' in started)) problems.push(started);
    } else if (draft !== undefined && (/^\t/.test(content) || HEX_ROW_START.test(content))) {
      const problem = readDeviceLine(draft, line, content);
      if (problem !== undefined) problems.push(problem);
    } else if (content.trim() !== '' && problems.length === 0) {
      notes.push(problemAt(line, `passed over: ${quoted(content.trim())}`));
    }
  }
  if (draft !== undefined) devices.push(finish(draft, problems));
  if (devices.length === 0 && problems.length === 0)
    problems.push(problemAt(undefined, 'no device: expected the output of lspci -vvvxxxx'));
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: { devices, notes } };
};
