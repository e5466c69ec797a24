// SPDX-License-Identifier: GPL-2.0-only
import { csvEventLine, jsonEventLine } from '../engine/trace/event-line.ts';
import { readText } from './files.ts';
import { formatNamed, type LoadedTrace, MAX_TRACE_BYTES } from './session.ts';

/** The line of the event with this number; undefined where there is none, or the trace has no lines. */
export const lineOfEvent = ({ path, events }: LoadedTrace, seq: number): number | undefined => {
  const index = events.findIndex((event) => event.seq === seq);
  const format = formatNamed(path);
  const text = index < 0 || format === undefined ? undefined : readText(path, MAX_TRACE_BYTES);
  if (text === undefined || !text.ok) return undefined;
  if (format === 'csv') return csvEventLine(text.value, index);
  return format === 'json-lines' ? jsonEventLine(text.value, index) : undefined;
};
