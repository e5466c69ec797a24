// SPDX-License-Identifier: GPL-2.0-only
import { MACHINE_TEXT_KEY, machineLines, TRACE_VERSION, VERSION_KEY } from './header.ts';
import type { Registry, TraceEvent, TraceHeader } from './operation.ts';
import { eventTexts } from './write-event.ts';

/** The header's line, and those of the machine file that it holds. */
export const jsonLinesHead = (header: TraceHeader): string => {
  const { title, machine, directives } = header;
  const objects = [
    { [VERSION_KEY]: TRACE_VERSION, title, machine, ...directives },
    ...machineLines(header).map((line) => ({ [MACHINE_TEXT_KEY]: line })),
  ];
  return objects.map((object) => `${JSON.stringify(object)}\n`).join('');
};

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
