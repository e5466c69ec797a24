// SPDX-License-Identifier: GPL-2.0-only
import type { ResultLine } from '../state/result.ts';
import type { Registry, TraceEvent } from '../trace/operation.ts';
import { answerOf, eventFacts } from './event-facts.ts';
import { type Fact, formatFact, oneLine } from './fact.ts';
import { stateFacts } from './state-facts.ts';

/** First line of every golden file; the number is the form's version. */
export const GOLDEN_MAGIC = 'hvreplay golden 1';

/** What a golden file was made from. Paths are relative to the corpus, with `/`; digests are SHA-256 in hex. */
export interface GoldenHeader {
  readonly trace: string;
  readonly traceDigest: string;
  readonly machine: string | undefined;
  readonly machineDigest: string | undefined;
  readonly release: string;
  readonly title: string | undefined;
}

/** Golden text in three parts, so that a corpus can compare what has to be equal without rendering it anew. */
export interface GoldenText {
  readonly header: GoldenHeader;
  /** Results, checkpoints and final state. */
  readonly body: string;
}

const RELEASE = 'release: ';

const headerLines = (header: GoldenHeader): readonly string[] => [
  GOLDEN_MAGIC,
  `trace: ${oneLine(header.trace)}`,
  `trace sha256: ${header.traceDigest}`,
  ...(header.machine === undefined ? [] : [`machine: ${oneLine(header.machine)}`]),
  ...(header.machineDigest === undefined ? [] : [`machine sha256: ${header.machineDigest}`]),
  `${RELEASE}${header.release}`,
  ...(header.title === undefined ? [] : [`title: ${oneLine(header.title)}`]),
];

/** What stands in front of the body. */
export const formatHead = (header: GoldenHeader): string => `${headerLines(header).join('\n')}\n\n`;

/** The header without the release line, which names the file and decides nothing. */
export const headOf = (header: GoldenHeader): string => withoutRelease(headerLines(header));

const withoutRelease = (lines: readonly string[]): string =>
  lines.filter((line) => !line.startsWith(RELEASE)).join('\n');

export const formatGolden = (golden: GoldenText): string => formatHead(golden.header) + golden.body;

/** A golden file's text taken apart; `head` as {@link headOf} makes it. */
export interface SplitGolden {
  readonly head: string;
  readonly release: string | undefined;
  readonly body: string;
}

/** undefined: not a golden file of this form. */
export const splitGolden = (text: string): SplitGolden | undefined => {
  if (!text.startsWith(`${GOLDEN_MAGIC}\n`)) return undefined;
  const end = text.indexOf('\n\n');
  if (end < 0) return undefined;
  const lines = text.slice(0, end).split('\n');
  return {
    head: withoutRelease(lines),
    release: lines.find((line) => line.startsWith(RELEASE))?.slice(RELEASE.length),
    body: text.slice(end + 2),
  };
};

const linesOf = (facts: readonly Fact[]): string => {
  let text = '';
  for (const fact of facts) text += `${formatFact(fact)}\n`;
  return text;
};

const section = (heading: string, facts: readonly Fact[]): string =>
  facts.length === 0 ? '' : `[${heading}]\n${linesOf(facts)}`;

const checkpoint = (line: ResultLine, event: TraceEvent | undefined): string => {
  if (line.state === undefined) return '';
  const heading = `state after event ${line.seq}`;
  return section(
    event?.note === undefined ? heading : `${heading}: ${oneLine(event.note)}`,
    stateFacts(`after event ${line.seq}`, line.state),
  );
};

const finalState = (line: ResultLine): string => {
  const answer = answerOf(line, undefined);
  const facts = line.state === undefined ? [] : stateFacts('final', line.state);
  return section('final state', answer === '' ? facts : [{ key: 'final state', value: answer }, ...facts]);
};

/**
 * The canonical text of an outcome, made as its lines come: one fact a line, sections in a fixed order (results,
 * checkpoints, final state), separated by empty lines. Checkpoints are kept until all results are there.
 */
class Body {
  readonly #registry: Registry;
  #hasResults = false;
  readonly #sections: string[] = [];

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /** What the line adds to the text so far; `event`: the one that it answers. */
  add(line: ResultLine, event: TraceEvent | undefined): string {
    if (line.final) {
      this.#keep(finalState(line));
      return '';
    }
    this.#keep(checkpoint(line, event));
    const text = linesOf(eventFacts(line, event, this.#registry));
    if (text === '' || this.#hasResults) return text;
    this.#hasResults = true;
    return `[results]\n${text}`;
  }

  /** The rest, once all lines are there. */
  end(): string {
    const text = this.#sections.join('\n');
    return text !== '' && this.#hasResults ? `\n${text}` : text;
  }

  #keep(text: string): void {
    if (text !== '') this.#sections.push(text);
  }
}

/** The canonical text of an outcome, in pieces as the lines come. `eventOf`: the event that a line answers. */
export function* renderPieces(
  lines: Iterable<ResultLine>,
  eventOf: (seq: number) => TraceEvent | undefined,
  registry: Registry,
): Generator<string> {
  const body = new Body(registry);
  for (const line of lines) {
    const text = body.add(line, line.seq === undefined ? undefined : eventOf(line.seq));
    if (text !== '') yield text;
  }
  const text = body.end();
  if (text !== '') yield text;
}

/** The same of events that are at hand. The same lines and events give the same text, byte for byte. */
export const renderBody = (lines: Iterable<ResultLine>, events: Iterable<TraceEvent>, registry: Registry): string => {
  const bySeq = new Map<number, TraceEvent>();
  for (const event of events) bySeq.set(event.seq, event);
  const body = new Body(registry);
  let text = '';
  for (const line of lines) text += body.add(line, line.seq === undefined ? undefined : bySeq.get(line.seq));
  return text + body.end();
};
