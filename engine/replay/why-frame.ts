// SPDX-License-Identifier: GPL-2.0-only

import type { Gfn } from '../num/frames.ts';
import { formatSbdf } from '../num/sbdf.ts';
import { hex } from '../num/u64.ts';
import type { SystemBehaviours } from '../semantics/states.ts';
import type { ModelWorld } from '../state/model-world.ts';
import { isMappable } from '../vpci/bar.ts';
import { P2m } from '../xen/p2m.ts';
import type { Bar, PciDev, RuleSubject } from '../xen/state.ts';
import type { Subject } from './compare-outcome.ts';
import { type EventReasons, reasonsOf, watchReplay } from './why.ts';

/** An event that changed what is mapped at a guest frame. */
export interface FrameChange extends EventReasons {
  /** `mfn 0x… mmio_direct`; undefined: nothing was, or is, mapped. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

export interface FrameReasons {
  /** After the last event looked at. */
  readonly now: string | undefined;
  /** Before the first event. */
  readonly atStart: string | undefined;
  /** Newest first. */
  readonly changes: readonly FrameChange[];
  /** Events with rules about the frame that left it as it was, newest first. */
  readonly kept: readonly EventReasons[];
  /** BARs that cover the frame at the end: `0000:00:03.0 bar 0, disabled`. */
  readonly bars: readonly string[];
  /** Where Xen's own code left defined behaviour; nothing after it is known. */
  readonly end: EventReasons | undefined;
}

/** A guest frame of a domain. */
export interface Frame {
  readonly domain: string;
  readonly gfn: Gfn;
}

export interface FrameQuestion extends Frame {
  /** Index of the last event that is looked at. */
  readonly last: number;
}

/** The domain never existed; there are these. */
export interface NoDomain {
  readonly domains: readonly string[];
}

/** What is mapped at the frame: nothing, a machine frame of some type, or on Arm the same frame. */
export type Mapping = { readonly mfn: number; readonly type: string } | undefined;

const ONE_TO_ONE = '1:1';

export const mappedAt = (world: ModelWorld, { domain, gfn }: Frame): Mapping => {
  const run = world.domains.get(domain)?.p2m.at(gfn);
  if (run !== undefined) return { mfn: P2m.mfnOf(run, gfn), type: run.type };
  const isArm = domain === world.hwdom.name && world.arm?.mapped.some(({ first, last }) => first <= gfn && gfn <= last);
  return isArm === true ? { mfn: gfn, type: ONE_TO_ONE } : undefined;
};

export const isSame = (a: Mapping, b: Mapping): boolean => a === b || (a?.mfn === b?.mfn && a?.type === b?.type);

const mappingText = (mapping: Mapping): string | undefined => mapping && `mfn ${hex(mapping.mfn)} ${mapping.type}`;

const covers = (bar: Bar, gfn: number): boolean =>
  bar.firstGfn <= gfn && gfn <= bar.lastGfn && isMappable(bar.type) && bar.sizeBytes > 0n;

/**
 * Whether a decision is about the frame: about frames among which it is, or else about a device or BAR that covers it.
 */
export const isAbout = (world: ModelWorld, { domain, gfn }: Frame, about: RuleSubject): boolean => {
  if (about.domain !== undefined && about.domain !== domain) return false;
  if (about.gfn !== undefined) return about.gfn <= gfn && gfn <= (about.lastGfn ?? about.gfn);
  const bars = about.sbdf === undefined ? undefined : world.devices.get(about.sbdf)?.vpci?.bars;
  if (bars === undefined) return false;
  for (const bar of bars) if ((about.bar === undefined || about.bar === bar.index) && covers(bar, gfn)) return true;
  return false;
};

const barName = ({ dev, index, type, enabled }: Bar): string =>
  `${formatSbdf(dev.sbdf)} ${type === 'rom' ? 'rom' : `bar ${index}`}, ${enabled ? 'enabled' : 'disabled'}`;

const barsOver = (devices: Iterable<PciDev>, gfn: number): readonly string[] =>
  [...devices].flatMap((dev) => (dev.vpci?.bars ?? []).filter((bar) => covers(bar, gfn)).map(barName));

/** Which events changed what is mapped at a guest frame, and which rules kept it as it was. */
export const whyFrame = (
  subject: Subject,
  behaviours: SystemBehaviours,
  question: FrameQuestion,
): FrameReasons | NoDomain => {
  const [changes, kept]: [FrameChange[], EventReasons[]] = [[], []];
  let [atStart, now]: [Mapping, Mapping] = [undefined, undefined];
  let end: EventReasons | undefined;
  let reached: ModelWorld | undefined;
  let isKnown = false;
  const look = (world: ModelWorld): Mapping => {
    isKnown ||= world.domains.has(question.domain);
    return mappedAt(world, question);
  };
  watchReplay(subject, behaviours, question.last, {
    concerns: (world, about) => isAbout(world, question, about),
    start: (world) => {
      atStart = look(world);
      now = atStart;
      reached = world;
    },
    after: (watched) => {
      const { decisions, world, isEnd } = watched;
      if (isEnd) {
        end = reasonsOf(watched);
        return;
      }
      const after = look(world);
      if (!isSame(after, now))
        changes.push({ ...reasonsOf(watched), before: mappingText(now), after: mappingText(after) });
      else if (decisions.length > 0) kept.push(reasonsOf(watched));
      now = after;
    },
  });
  if (!isKnown) return { domains: [...(reached?.domains.keys() ?? [])] };
  return {
    ...{ now: mappingText(now), atStart: mappingText(atStart), end },
    bars: barsOver(reached?.devices.values() ?? [], question.gfn),
    ...{ changes: changes.reverse(), kept: kept.reverse() },
  };
};
