// SPDX-License-Identifier: GPL-2.0-only
import { readdirSync, readFileSync } from 'node:fs';
import { model } from '../../cli/model.ts';
import type { Choice } from '../../cli/session.ts';
import { type LoadedMachine, parseMachine } from '../../engine/machine/load.ts';
import { OPERATIONS } from '../../engine/ops/index.ts';
import { compareWithRecord, type RecordComparison } from '../../engine/replay/recorded.ts';
import { decodeCsv } from '../../engine/trace/csv.ts';
import type { DecodedTrace } from '../../engine/trace/decoder.ts';
import type { TraceEvent } from '../../engine/trace/operation.ts';
import type { Parsed } from '../../engine/trace/problem.ts';

const FOLDER = new URL('../../traces/recorded/', import.meta.url);

/** File names of all recorded traces. */
export const TRACES: readonly string[] = readdirSync(FOLDER).filter((name) => name.endsWith('.csv'));

/** The release that the recordings were made on. */
export const RECORDED_ON = 'xen-4.20';

const succeeded = <T>(parsed: Parsed<T>): T => {
  if (!parsed.ok) throw new Error(parsed.problems.map(({ line, message }) => `${line}: ${message}`).join('\n'));
  return parsed.value;
};

export const loadMachine = (name: string): LoadedMachine =>
  succeeded(parseMachine(readFileSync(new URL(name, FOLDER), 'utf8')));

export const loadTrace = (name: string): DecodedTrace =>
  succeeded(decodeCsv(readFileSync(new URL(name, FOLDER)), OPERATIONS));

export const machineOf = ({ header }: DecodedTrace): LoadedMachine => loadMachine(header.machine ?? '');

export const releaseNamed = (name: string): Choice => {
  const release = model.series.flat().find((choice) => choice.name === name);
  if (release === undefined) throw new Error(`no release ${name}`);
  return release;
};

/** Replays `events` on a release and compares what comes out with what they recorded. */
export const compareUnder = (
  release: string,
  machine: LoadedMachine,
  events: readonly TraceEvent[],
): RecordComparison =>
  compareWithRecord(events, releaseNamed(release).replay({ machine, logging: 'reads-and-writes' }, events));
