// SPDX-License-Identifier: GPL-2.0-only
import { type GoldenHeader, renderBody } from '../engine/golden/text.ts';
import type { ResultLine } from '../engine/state/result.ts';
import type { TraceEvent } from '../engine/trace/operation.ts';
import type { Choice, LoadedTrace, Session } from './session.ts';

/** Which accesses to hardware are part of the answer. */
export type HardwareDetail = 'none' | 'writes' | 'all';

/** A line without the accesses to hardware; undefined when it has nothing else to say. */
const withoutHardware = (line: ResultLine): ResultLine | undefined => {
  const { hw, ...rest } = line;
  if (hw === undefined) return line;
  return Object.keys(rest).some((key) => key !== 'seq') ? rest : undefined;
};

/** The answers of one trace under one release. */
export function* answers(
  trace: Pick<LoadedTrace, 'machine'>,
  choice: Pick<Choice, 'replay'>,
  hardware: HardwareDetail,
  events: Iterable<TraceEvent>,
): Generator<ResultLine> {
  for (const line of choice.replay({ machine: trace.machine, reads: hardware === 'all' }, events)) {
    const kept = hardware === 'none' ? withoutHardware(line) : line;
    if (kept !== undefined) yield kept;
  }
}

/** A trace's directive `# golden: hardware` puts the writes that reach hardware into its golden files. */
const detailOf = ({ header: { directives } }: LoadedTrace): HardwareDetail => {
  const { golden } = directives;
  return golden === 'hardware' ? 'writes' : 'none';
};

/** The body of a golden file. */
export const goldenBody = (session: Session, trace: LoadedTrace, choice: Pick<Choice, 'replay'>): string =>
  renderBody(answers(trace, choice, detailOf(trace), trace.events), trace.events, session.model.registry);

/** `trace` and `machine`: the paths as the header is to name them. */
export const goldenHeader = (
  trace: Pick<LoadedTrace, 'digest' | 'header' | 'machineDigest'>,
  release: string,
  traceName: string,
  machine: string,
): GoldenHeader => ({
  trace: traceName,
  traceDigest: trace.digest,
  machine,
  machineDigest: trace.machineDigest,
  release,
  title: trace.header.title,
});
