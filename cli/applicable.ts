// SPDX-License-Identifier: GPL-2.0-only
import type { TraceHeader } from '../engine/trace/operation.ts';
import { allChoices, releaseHint } from './choices.ts';
import { directiveFault, type Loaded } from './input-problem.ts';
import type { Choice, Model } from './session.ts';

/** The releases and proposals that a trace is meant for. */
export interface Applicable {
  /** Of one series, oldest first. */
  readonly order: readonly Choice[];
  readonly proposals: readonly Choice[];
}

/** Index of the first and last release that `item` (`a`, `a..`, `..b`, `a..b`) stands for in `series`. */
const rangeIn = (series: readonly Choice[], item: string): readonly [number, number] | undefined => {
  const match = /^([^.].*?)?(\.\.)?((?<=\.\.).+)?$/.exec(item);
  if (match === null) return undefined;
  const [, from, range, to] = match;
  const indexOf = (name: string): number => series.findIndex((choice) => choice.name === name);
  const first = from === undefined ? 0 : indexOf(from);
  const last = range === undefined ? first : to === undefined ? series.length - 1 : indexOf(to);
  return first < 0 || last < first ? undefined : [first, last];
};

/**
 * What a trace's directive `# releases:` says: names and ranges of releases (`xen-4.19..`, `xen-4.18..xen-4.20`) of
 * one series and names of proposals, separated by commas. Without it all of Xen's releases apply and no proposal.
 */
export const applicableTo = (
  model: Model,
  { path, header }: { readonly path: string; readonly header: TraceHeader },
): Loaded<Applicable> => {
  const { releases: text } = header.directives;
  const wrong = (message: string): Loaded<Applicable> => ({
    ok: false,
    problems: [directiveFault(path, header, 'releases', `# releases: ${message}`)],
  });
  if (text === undefined) return { ok: true, value: { order: model.series[0] ?? [], proposals: [] } };
  const order = new Set<Choice>();
  const proposals = new Set<Choice>();
  for (const item of text.split(',').map((part) => part.trim())) {
    const proposal = model.proposals.find(({ name }) => name === item);
    if (proposal !== undefined) {
      proposals.add(proposal);
      continue;
    }
    const series = model.series.find((one) => item !== '' && rangeIn(one, item) !== undefined);
    const [first, last] = (series && rangeIn(series, item)) ?? [0, -1];
    const found = series?.slice(first, last + 1) ?? [];
    if (found.length === 0) {
      const known = allChoices(model).map(({ name }) => name);
      const hint = releaseHint(item.replace(/\.\.$/, ''), known);
      return wrong(`'${item}' is no release or proposal and no range such as xen-4.19..${hint}`);
    }
    for (const choice of found) order.add(choice);
  }
  const series = model.series.filter((one) => one.some((choice) => order.has(choice)));
  if (series.length > 1) return wrong(`'${text}' mixes releases of different software; expected those of one`);
  return {
    ok: true,
    value: { order: (series[0] ?? []).filter((choice) => order.has(choice)), proposals: [...proposals] },
  };
};
