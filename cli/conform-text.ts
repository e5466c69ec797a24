// SPDX-License-Identifier: GPL-2.0-only
import { deviceFacts } from '../engine/golden/device-facts.ts';
import { formatFact } from '../engine/golden/fact.ts';
import type { Conformance, Context, Finding } from '../engine/replay/conform.ts';
import type { Explained } from '../engine/replay/known.ts';
import type { Registry, TraceEvent } from '../engine/trace/operation.ts';
import { eventTexts } from '../engine/trace/write-event.ts';
import { columns } from './columns.ts';
import { counted } from './text.ts';

/** What is printed of one trace. */
export interface ConformReport {
  readonly trace: string;
  readonly release: string;
  /** Rows of the trace. */
  readonly length: number;
  readonly conformance: Conformance;
  readonly explained: Explained;
  /** Of the first divergence that is not explained; undefined: there is none, or it is not asked for. */
  readonly context: Context | undefined;
}

/** Events that are shown in front of the first divergence. */
export const EVENTS_BEFORE = 10;

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
    : (modelled ?? (what === 'map' || what === 'hw' ? 'nothing of the kind' : 'no answer'));

const recordOf = ({ what, recorded }: Finding): string =>
  what === 'end' ? 'goes on' : recorded === '' ? 'nothing of the kind' : recorded;

const countsOf = ({ compared, learned }: Conformance): string => {
  const learnedOf = new Map<string, number>();
  for (const { op } of learned) learnedOf.set(op, (learnedOf.get(op) ?? 0) + 1);
  return columns([
    ['  operation', 'results', 'values', 'of hardware', 'learned', 'routes'],
    ...[...compared].map(([op, { results, values, hardwareValues, routes }]) => [
      `  ${op}`,
      ...[results, values, hardwareValues, learnedOf.get(op) ?? 0, routes].map(String),
    ]),
  ]);
};

const effectsOf = ({ effects }: Conformance): string => {
  const { maps, writes, writesBefore, interruptWrites, writesToVfs } = effects;
  const rows: readonly (readonly [number, string])[] = [
    [maps, 'ranges mapped and unmapped in a p2m compared'],
    [writes, 'writes to hardware compared'],
    [writesBefore, 'recorded writes to hardware of the time before domains, of firmware and Xen: not compared'],
    [interruptWrites, "recorded writes of Xen's interrupt code: not modelled, not compared"],
    [writesToVfs, 'writes of the model to VFs of which the record has nothing: they may be off'],
  ];
  return rows
    .filter(([number]) => number > 0)
    .map(([number, what]) => `  ${number} ${what}\n`)
    .join('');
};

const headline = ({ trace, release, conformance, explained }: ConformReport): string => {
  let [results, values, routes] = [0, 0, 0];
  for (const counts of conformance.compared.values()) {
    results += counts.results;
    values += counts.values;
    routes += counts.routes;
  }
  const { maps, writes } = conformance.effects;
  const beside: readonly (readonly [number, string])[] = [
    [routes, 'route'],
    [maps, 'map'],
    [writes, 'hardware write'],
  ];
  const compared = [
    counted(results, 'result'),
    counted(values, 'value'),
    ...beside.filter(([number]) => number > 0).map(([number, what]) => counted(number, what)),
  ];
  const parts = [
    `${compared.slice(0, -1).join(', ')} and ${compared.at(-1)} compared`,
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
  const { before = [], state } = report.context ?? {};
  const lines = [`first divergence: ${describe(first.event, registry)}`];
  lines.push(`  record: ${recordOf(first)}`, `  model:  ${modelOf(first)}`);
  for (const rule of first.rules) lines.push(`  rule ${rule}: ${rules.get(rule)?.says ?? ''}`);
  if (first.rules.length === 0)
    lines.push('  no rule decided: what was reached is hardware, or no more than a look-up');
  lines.push('events before it:');
  for (const event of before) lines.push(`  ${describe(event, registry)}`);
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
  const { conformance, explained, length } = report;
  const parts = [headline(report), countsOf(conformance), effectsOf(conformance)];
  if (conformance.replayed < length)
    parts.push(`  the model's answers end at event ${conformance.replayed} of ${length}\n`);
  if (all) {
    const known = explained.explained.map(({ finding }) => finding);
    if (explained.unexplained.length > 0) parts.push(`divergences by cause:\n${groups(explained.unexplained)}`);
    if (known.length > 0) parts.push(`explained:\n${groups(known)}`);
    if (conformance.learned.length > 0) parts.push(`learned from the record:\n${groups(conformance.learned)}`);
  } else parts.push(firstDivergence(report, registry, rules));
  parts.push(entriesOf(report));
  return parts.join('');
};
