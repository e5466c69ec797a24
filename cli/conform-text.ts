// SPDX-License-Identifier: GPL-2.0-only
import { deviceFacts } from '../engine/golden/device-facts.ts';
import { formatFact } from '../engine/golden/fact.ts';
import type { Conformance, Finding } from '../engine/replay/conform.ts';
import type { Explained } from '../engine/replay/known.ts';
import type { StateJson } from '../engine/state/result.ts';
import type { Registry, TraceEvent } from '../engine/trace/operation.ts';
import { eventTexts } from '../engine/trace/write-event.ts';
import { columns } from './columns.ts';

/** What is printed of one trace. */
export interface ConformReport {
  readonly trace: string;
  readonly release: string;
  readonly events: readonly TraceEvent[];
  readonly conformance: Conformance;
  readonly explained: Explained;
  /** After the first divergence that is not explained; undefined: there is none, or the model ends there. */
  readonly state: StateJson | undefined;
}

const EVENTS_BEFORE = 10;

const describe = (event: TraceEvent, registry: Registry): string => {
  const { op, ...rest } = Object.fromEntries(eventTexts(event, event.seq, registry));
  const fields = Object.entries(rest).map(([name, text]) =>
    name === 'dom' || name === 'sbdf' ? text : `${name}=${text}`,
  );
  return [`event ${event.seq} ${op}`, ...fields].join(' ').replaceAll(/\s+/g, ' ');
};

const modelOf = ({ what, modelled }: Finding): string =>
  what === 'end'
    ? `leaves defined behaviour${modelled === undefined ? '' : ` (${modelled})`}`
    : (modelled ?? 'no answer');

const recordOf = ({ what, recorded }: Finding): string => (what === 'end' ? 'goes on' : recorded);

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`;

const countsOf = ({ compared }: Conformance): string =>
  columns([
    ['  operation', 'results', 'values'],
    ...[...compared].map(([op, { results, values }]) => [`  ${op}`, String(results), String(values)]),
  ]);

const headline = ({ trace, release, conformance, explained }: ConformReport): string => {
  let [results, values] = [0, 0];
  for (const counts of conformance.compared.values()) {
    results += counts.results;
    values += counts.values;
  }
  const parts = [
    `${count(results, 'result')} and ${count(values, 'value')} compared`,
    `${conformance.learned.length} learned from the record`,
    `${explained.explained.length} explained`,
    `${explained.unexplained.length} diverge`,
  ];
  return `${trace} on ${release}: ${parts.join(', ')}\n`;
};

/** Findings by operation, kind and rules, the most frequent first. */
const groups = (findings: readonly Finding[]): string => {
  const byCause = new Map<string, Finding[]>();
  for (const finding of findings) {
    const cause = `${finding.op} ${finding.what}: ${finding.rules.join(', ') || 'no rule'}`;
    const group = byCause.get(cause);
    if (group === undefined) byCause.set(cause, [finding]);
    else group.push(finding);
  }
  return [...byCause]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([cause, group]) => {
      const rows = group.map((finding) => [
        `    event ${finding.seq}`,
        finding.sbdf ?? '',
        `record ${recordOf(finding)}`,
        `model ${modelOf(finding)}`,
      ]);
      return `  ${group.length} x ${cause}\n${columns(rows)}`;
    })
    .join('');
};

const firstDivergence = (
  report: ConformReport,
  registry: Registry,
  rules: ReadonlyMap<string, { readonly says: string }>,
): string => {
  const [first] = report.explained.unexplained;
  if (first === undefined) return '';
  const { events, state } = report;
  const at = events.indexOf(first.event);
  const lines = [`first divergence: ${describe(first.event, registry)}`];
  lines.push(`  record: ${recordOf(first)}`, `  model:  ${modelOf(first)}`);
  for (const rule of first.rules) lines.push(`  rule ${rule}: ${rules.get(rule)?.says ?? ''}`);
  if (first.rules.length === 0)
    lines.push('  no rule decided: what was reached is hardware, or no more than a look-up');
  lines.push('events before it:');
  for (const event of events.slice(Math.max(at - EVENTS_BEFORE, 0), at)) lines.push(`  ${describe(event, registry)}`);
  const device = first.sbdf === undefined ? undefined : state?.devices[first.sbdf];
  if (first.sbdf !== undefined && device !== undefined) {
    lines.push('state after it:');
    for (const fact of deviceFacts('', first.sbdf, device)) lines.push(`  ${formatFact(fact).trimStart()}`);
  } else lines.push('state after it: not known, or no device concerned');
  return `${lines.join('\n')}\n`;
};

const entriesOf = ({ explained }: ConformReport): string =>
  [
    ...explained.gone.map(
      ({ seq, what }) => `known divergence that no longer occurs: event ${seq} ${what}; take the entry out\n`,
    ),
    ...explained.expired.map(
      ({ seq, what, until }) => `known divergence past its day ${until}: event ${seq} ${what}; look into it again\n`,
    ),
  ].join('');

/** `all`: every divergence grouped by cause, instead of the first one with what is around it. */
export const formatConformance = (
  report: ConformReport,
  all: boolean,
  registry: Registry,
  rules: ReadonlyMap<string, { readonly says: string }>,
): string => {
  const { conformance, explained, events } = report;
  const parts = [headline(report), countsOf(conformance)];
  if (conformance.replayed < events.length)
    parts.push(`  the model's answers end at event ${conformance.replayed} of ${events.length}\n`);
  if (all) {
    const known = explained.explained.map(({ finding }) => finding);
    if (explained.unexplained.length > 0) parts.push(`divergences by cause:\n${groups(explained.unexplained)}`);
    if (known.length > 0) parts.push(`explained:\n${groups(known)}`);
    if (conformance.learned.length > 0) parts.push(`learned from the record:\n${groups(conformance.learned)}`);
  } else parts.push(firstDivergence(report, registry, rules));
  parts.push(entriesOf(report));
  return parts.join('');
};
