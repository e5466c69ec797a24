// SPDX-License-Identifier: GPL-2.0-only
import { TRACE_VERSION } from './csv-prologue.ts';
import type { Registry, TraceEvent, TraceHeader } from './operation.ts';
import { eventTexts } from './write-event.ts';

/** The header's line. */
export const jsonLinesHead = ({ title, machine, directives }: TraceHeader): string =>
  `${JSON.stringify({ 'hvreplay-trace': TRACE_VERSION, title, machine, ...directives })}\n`;

/** Writes one line per event, for traces that do not fit in memory. */
export class JsonLinesWriter {
  readonly #registry: Registry;
  #row = 0;

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  line(event: TraceEvent): string {
    this.#row += 1;
    return `${JSON.stringify(Object.fromEntries(eventTexts(event, this.#row, this.#registry)))}\n`;
  }
}

/** A whole trace in JSON lines. */
export const formatJsonLines = (header: TraceHeader, events: readonly TraceEvent[], registry: Registry): string => {
  const writer = new JsonLinesWriter(registry);
  return jsonLinesHead(header) + events.map((event) => writer.line(event)).join('');
};
