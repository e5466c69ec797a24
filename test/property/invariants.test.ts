// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { replayTrace } from '../../engine/replay/replay.ts';
import { TraceFault } from '../../engine/xen/domains.ts';
import type { Bar } from '../../engine/xen/state.ts';
import { decodableTrace, trace } from './events.ts';
import {
  allP2mFaults,
  barIndexFaults,
  enabledBars,
  leftOvers,
  mappedMsixPages,
  type Snapshot,
  takeSnapshot,
  unpermittedMappings,
} from './invariants.ts';
import { machine } from './machines.ts';
import { cases, release } from './parameters.ts';
import { stepThrough } from './steps.ts';

const ANYTHING = { foreign: true, disorder: true };

describe('whatever happens on whatever machine', () => {
  test('a trace that decodes is replayed to its end, or is at fault itself', () => {
    fc.assert(
      fc.property(machine, release, decodableTrace, (plain, { behaviours }, events) => {
        try {
          for (const line of replayTrace({ machine: plain, behaviours }, events)) JSON.stringify(line);
        } catch (fault) {
          if (!(fault instanceof TraceFault)) throw fault;
        }
      }),
      cases(1500),
    );
  });

  test('p2m and index of enabled BARs are well-formed after each event', () => {
    fc.assert(
      fc.property(machine, release, trace(ANYTHING), (plain, { behaviours }, events) => {
        stepThrough(plain, behaviours, events, {
          after: ({ world }) => expect([...allP2mFaults(world), ...barIndexFaults(world)]).toEqual([]),
        });
      }),
      cases(1500),
    );
  });

  test('nothing is mapped that the domain has no right to, in releases that ask for rights', () => {
    fc.assert(
      fc.property(machine, release, trace(ANYTHING), (plain, { behaviours }, events) => {
        if (behaviours.iomemRightsOnMap === 'not-asked') return;
        let before: Snapshot = new Map();
        stepThrough(plain, behaviours, events, {
          before: (world) => {
            before = takeSnapshot(world);
          },
          after: ({ world, event }) => {
            if (event.op !== 'p2m.set') expect(unpermittedMappings(world, before)).toEqual([]);
          },
        });
      }),
      cases(1500),
    );
  });
});

/**
 * What Xen promises about a p2m holds only while nothing else puts something into it (p2m.set, memory_mapping), while
 * requests are not computed before others are carried out (two vCPUs), and since rangesets take out exactly what they
 * are asked to: before that (rangeSetRemoval) frames between BARs get mapped that nobody unmaps.
 */
describe('since range sets are exact, if deferred work is done at once and only BARs are mapped', () => {
  const ORDERLY = { foreign: false, disorder: false };

  test('tables of MSI-X are not in the p2m while the BAR that holds them is enabled', () => {
    fc.assert(
      fc.property(machine, release, trace(ORDERLY), (plain, { behaviours }, events) => {
        if (behaviours.rangeSetRemoval !== 'exact') return;
        stepThrough(plain, behaviours, events, {
          after: ({ world }) => expect(mappedMsixPages(world, () => true)).toEqual([]),
        });
      }),
      cases(1500),
    );
  });

  test('a BAR that was unmapped is not in the p2m any more', () => {
    fc.assert(
      fc.property(machine, release, trace(ORDERLY), (plain, { behaviours }, events) => {
        if (behaviours.rangeSetRemoval !== 'exact') return;
        let enabled: readonly Bar[] = [];
        stepThrough(plain, behaviours, events, {
          before: (world) => {
            enabled = enabledBars(world);
          },
          after: ({ world, rules }) => {
            if (rules.has('map.failure-turns-decoding-off')) return;
            const unmapped = enabled.filter(
              (bar) => !bar.enabled && bar.dev.vpci?.barsMapped === false && bar.dev.vpci.bars.includes(bar),
            );
            expect(unmapped.flatMap((bar) => leftOvers(world, bar))).toEqual([]);
          },
        });
      }),
      cases(1500),
    );
  });
});
