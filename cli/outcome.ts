// SPDX-License-Identifier: GPL-2.0-only
import { type GoldenHeader, renderBody } from '../engine/golden/text.ts';
import type { ResultLine } from '../engine/state/result.ts';
import type { TraceEvent } from '../engine/trace/operation.ts';
import type { Choice, LoadedTrace, Session } from './session.ts';

/** Which accesses to hardware are part of the answer. */
export type HardwareDetail = 'none' | 'writes' | 'all';

const LOGGING = { none: 'off', writes: 'writes', all: 'reads-and-writes' } as const;

/** The answers of one trace under one release. */
export const answers = (
  { machine }: Pick<LoadedTrace, 'machine'>,
  choice: Pick<Choice, 'replay'>,
  hardware: HardwareDetail,
  events: Iterable<TraceEvent>,
): Iterable<ResultLine> => choice.replay({ machine, logging: LOGGING[hardware] }, events);

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
