// SPDX-License-Identifier: GPL-2.0-only
import type { DomainJson, P2mRangeJson, StateJson } from '../state/result.ts';
import { deviceFacts } from './device-facts.ts';
import { type Fact, FRAME_DIGITS, furtherFacts, padHex } from './fact.ts';

const KNOWN_DOMAIN = new Set(['p2m', 'crashed']);
const KNOWN_STATE = new Set(['domains', 'devices']);

/** The domain whose empty p2m is worth a line; most traces leave the others alone. */
const HWDOM = 'd0';

const frame = (text: string): string => padHex(text, FRAME_DIGITS);

const rangeFact = (key: string, range: P2mRangeJson): Fact => ({
  key: `${key} gfn ${frame(range.gfn)}-${frame(range.lastGfn)}`,
  value: `mfn ${frame(range.mfn)} ${range.type} ${range.access}`,
});

const domainFacts = (prefix: string, name: string, domain: DomainJson): readonly Fact[] => {
  const p2m = `${prefix} p2m ${name}`;
  return [
    ...(domain.crashed ? [{ key: `${prefix} domain ${name}`, value: 'crashed' }] : []),
    ...(domain.p2m.length === 0 && name === HWDOM ? [{ key: p2m, value: 'empty' }] : []),
    ...domain.p2m.map((range) => rangeFact(p2m, range)),
    ...furtherFacts(`${prefix} domain ${name}`, domain, KNOWN_DOMAIN),
  ];
};

/** `d2` before `d10`, names without a number last. */
const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number =>
  a.length === b.length ? (a < b ? -1 : 1) : a.length - b.length;

const entries = <T>(record: Readonly<Record<string, T>> | undefined): [string, T][] =>
  Object.entries(record ?? {}).sort(byName);

/**
 * The state as facts: p2m of each domain, then each device, then whatever else the state holds. `prefix` says when
 * (`final`, `after event 12`) and is in front of each key.
 */
export const stateFacts = (prefix: string, state: StateJson): readonly Fact[] => [
  ...entries(state.domains).flatMap(([name, domain]) => domainFacts(prefix, name, domain)),
  ...entries(state.devices).flatMap(([sbdf, device]) => deviceFacts(prefix, sbdf, device)),
  ...furtherFacts(prefix, state, KNOWN_STATE),
];
