// SPDX-License-Identifier: GPL-2.0-only
import { formatSbdf, parseSbdf, type Sbdf } from '../num/sbdf.ts';
import type { Parsed } from '../trace/problem.ts';
import { align } from './align.ts';
import { type ConsoleFact, MAX_CONSOLE_FACTS, saidByDom0 } from './console.ts';
import { linesOf, problemAt } from './problems.ts';

/** What Linux in dom0 says about a device: that it found it, or that Xen refused to add or remove it. */
type Dom0Fact =
  | { readonly line: number; readonly kind: 'found'; readonly sbdf: Sbdf }
  | (Extract<ConsoleFact, { kind: 'dom0-refused' }> & { readonly line: number });

export interface Dom0Log {
  /** It begins with the boot, so that what it does not say did not happen. */
  readonly fromBoot: boolean;
  readonly facts: readonly Dom0Fact[];
}

/** A line of dmesg: time, maybe with its level before it and its caller behind it. */
const LINE = /^(?:<\d+>)?\[ *\d+\.\d{6}\]/;

/** drivers/pci/probe.c: pci_setup_device, right before the device is reported to Xen. */
const FOUND = /\bpci (\S+): \[[0-9a-f]{4}:[0-9a-f]{4}\] type /;

export const isDom0Log = (head: string): boolean => LINE.test(head);

/** Reads the output of dmesg in dom0. */
export const importDom0Log = (text: string): Parsed<Dom0Log> => {
  const facts: Dom0Fact[] = [];
  let fromBoot = false;
  for (const [index, content] of linesOf(text).entries()) {
    const line = index + 1;
    const found = parseSbdf(FOUND.exec(content)?.[1] ?? '');
    const said = found === undefined ? saidByDom0(content) : undefined;
    if (said?.kind === 'dom0-log') fromBoot = true;
    if (found !== undefined) facts.push({ line, kind: 'found', sbdf: found });
    else if (said?.kind === 'dom0-refused') facts.push({ line, ...said });
    if (facts.length > MAX_CONSOLE_FACTS)
      return { ok: false, problems: [problemAt(line, `more than ${MAX_CONSOLE_FACTS} facts`)] };
  }
  return { ok: true, value: { fromBoot, facts } };
};

/** A hypercall that was made: what both logs can say of it, the console's or dom0's fact that says it. */
interface Call<T> {
  readonly saying: string;
  readonly fact: T;
}

const saying = (what: 'added' | 'not added' | 'removed', sbdf: Sbdf): string => `${what} ${formatSbdf(sbdf)}`;

/** `fact` is the place among the console's facts. Xen says that it removes a device whatever comes of it. */
const callsOfXen = (facts: readonly ConsoleFact[]): readonly Call<number>[] => {
  let about: Sbdf | undefined;
  return facts.flatMap((fact, at): readonly Call<number>[] => {
    if (fact.kind === 'vpci-failed')
      return about === undefined ? [] : [{ saying: saying('not added', about), fact: at }];
    if (!('sbdf' in fact)) return [];
    about = fact.sbdf;
    if (fact.kind === 'add') return [{ saying: saying('added', about), fact: at }];
    if (fact.kind === 'remove' || fact.kind === 'pf-with-vfs') return [{ saying: saying('removed', about), fact: at }];
    return [];
  });
};

/** dom0 does not say that it removed a device, but that it could not. */
const callsOfDom0 = (facts: readonly Dom0Fact[]): readonly Call<Dom0Fact>[] => {
  const calls: Call<Dom0Fact>[] = [];
  const found = new Map<Sbdf, number>();
  for (const fact of facts) {
    const { kind, sbdf } = fact;
    if (kind === 'found') {
      found.set(sbdf, calls.length);
      calls.push({ saying: saying('added', sbdf), fact });
    } else if (fact.what === 'remove') calls.push({ saying: saying('removed', sbdf), fact });
    else {
      calls[found.get(sbdf) ?? calls.length] = { saying: saying('not added', sbdf), fact };
      found.delete(sbdf);
    }
  }
  return calls;
};

/**
 * The console's facts with what dom0's log says among them, as on a console that both write to: behind the line of Xen
 * about the same hypercall, or behind that of the last one before it of which both speak.
 */
export const withDom0Log = (facts: readonly ConsoleFact[], log: Dom0Log): readonly ConsoleFact[] => {
  const [xen, dom0] = [callsOfXen(facts), callsOfDom0(log.facts)];
  const pairs = align(
    xen.map((call) => call.saying),
    dom0.map((call) => call.saying),
  );
  const behind = new Map<number, ConsoleFact[]>();
  let [place, next] = [-1, 0];
  dom0.forEach(({ fact }, index) => {
    const pair = pairs[next];
    if (pair?.b === index) {
      place = xen[pair.a]?.fact ?? place;
      next += 1;
    }
    if (fact.kind === 'dom0-refused') behind.set(place, [...(behind.get(place) ?? []), fact]);
  });
  const begin: readonly ConsoleFact[] = log.fromBoot ? [{ line: 1, kind: 'dom0-log' }] : [];
  return [...begin, ...(behind.get(-1) ?? []), ...facts.flatMap((fact, at) => [fact, ...(behind.get(at) ?? [])])];
};
