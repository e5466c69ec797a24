// SPDX-License-Identifier: GPL-2.0-only

import { type Gfn, PAGE_SIZE_BYTES } from '../num/frames.ts';
import { formatSbdf } from '../num/sbdf.ts';
import { hex } from '../num/u64.ts';
import type { SystemBehaviours } from '../semantics/states.ts';
import type { ModelWorld } from '../state/model-world.ts';
import { isMappable } from '../vpci/bar.ts';
import { P2m } from '../xen/p2m.ts';
import type { RuleSubject } from '../xen/state.ts';
import type { Subject } from './compare-outcome.ts';
import { type EventReasons, watchReplay } from './why.ts';

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

export interface FrameQuestion {
  readonly domain: string;
  readonly gfn: Gfn;
  /** Index of the last event that is looked at. */
  readonly last: number;
}

/** The domain never existed; there are these. */
export interface NoDomain {
  readonly domains: readonly string[];
}

const mappedAt = (world: ModelWorld, { domain, gfn }: FrameQuestion): string | undefined => {
  const run = world.domains.get(domain)?.p2m.at(gfn);
  if (run !== undefined) return `mfn ${hex(P2m.mfnOf(run, gfn))} ${run.type}`;
  const isArm = domain === world.hwdom.name && world.arm?.mapped.some(({ first, last }) => first <= gfn && gfn <= last);
  return isArm === true ? `mfn ${hex(gfn)} 1:1` : undefined;
};

/** BARs that may be mapped and cover all of these guest frames. */
const barsOver = (world: ModelWorld, frames: readonly number[], { sbdf, bar: index }: RuleSubject) => {
  const devices = sbdf === undefined ? [...world.devices.values()] : [world.devices.get(sbdf)];
  return devices
    .flatMap((dev) => dev?.vpci?.bars ?? [])
    .filter(
      (bar) =>
        isMappable(bar.type) &&
        bar.sizeBytes > 0n &&
        (index === undefined || bar.index === index) &&
        frames.every((frame) => bar.firstGfn <= frame && frame <= bar.lastGfn),
    );
};

const ENTRY_BYTES = 16;
const BARS = 8;

/** Whether an MSI-X table that begins at the frame a rule names reaches as far as `gfn`. */
const tableReaches = (world: ModelWorld, { sbdf, gfn: first }: RuleSubject, gfn: number): boolean => {
  const vpci = sbdf === undefined ? undefined : world.devices.get(sbdf)?.vpci;
  if (vpci?.msix === undefined || first === undefined || gfn <= first) return false;
  const { tables, entryCount } = vpci.msix;
  const bir = tables[0] % BARS;
  const offset = tables[0] - bir;
  const place = (vpci.bars[bir]?.firstGfn ?? 0) + Math.floor(offset / PAGE_SIZE_BYTES);
  const pages = Math.floor(((offset % PAGE_SIZE_BYTES) + entryCount * ENTRY_BYTES - 1) / PAGE_SIZE_BYTES);
  return place === first && gfn <= first + pages;
};

/**
 * Whether a decision is about the frame. Rules name the first frame of a range, and a range never leaves the BAR that
 * it is of.
 */
const isAbout = (world: ModelWorld, { domain, gfn }: FrameQuestion, about: RuleSubject): boolean => {
  if (about.gfn === gfn && (about.domain === undefined || about.domain === domain)) return true;
  if (about.sbdf === undefined)
    return about.domain === domain && about.gfn !== undefined && about.gfn < gfn
      ? barsOver(world, [about.gfn, gfn], {}).length > 0
      : false;
  if (about.gfn !== undefined && about.bar === undefined) return tableReaches(world, about, gfn);
  return barsOver(world, [gfn], about).length > 0;
};

const barName = ({ dev, index, type, enabled }: ReturnType<typeof barsOver>[number]): string =>
  `${formatSbdf(dev.sbdf)} ${type === 'rom' ? 'rom' : `bar ${index}`}, ${enabled ? 'enabled' : 'disabled'}`;

/** Which events changed what is mapped at a guest frame, and which rules kept it as it was. */
export const whyFrame = (
  subject: Subject,
  behaviours: SystemBehaviours,
  question: FrameQuestion,
): FrameReasons | NoDomain => {
  const names = new Set<string>();
  const [changes, kept]: [FrameChange[], EventReasons[]] = [[], []];
  let [atStart, now, end]: [string | undefined, string | undefined, EventReasons | undefined] = [
    undefined,
    undefined,
    undefined,
  ];
  let covering: ModelWorld | undefined;
  const look = (world: ModelWorld): string | undefined => {
    for (const name of world.domains.keys()) names.add(name);
    return mappedAt(world, question);
  };
  const start = (world: ModelWorld): void => {
    atStart = look(world);
    now = atStart;
  };
  const concerns = (world: ModelWorld, about: RuleSubject): boolean => isAbout(world, question, about);
  for (const watched of watchReplay(subject, behaviours, question.last, concerns, start)) {
    const { event, row, answer, decisions, world, isEnd } = watched;
    const reasons: EventReasons = { event, row, answer, decisions };
    if (isEnd) {
      end = reasons;
      break;
    }
    const after = look(world);
    if (after !== now) changes.push({ ...reasons, before: now, after });
    else if (decisions.length > 0) kept.push(reasons);
    now = after;
    covering = world;
  }
  if (!names.has(question.domain)) return { domains: [...names] };
  // The world is as the last event left it.
  const bars = covering === undefined ? [] : barsOver(covering, [question.gfn], {}).map(barName);
  return { now, atStart, changes: changes.reverse(), kept: kept.reverse(), bars, end };
};
