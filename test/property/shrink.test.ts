// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { renderBody } from '../../engine/golden/text.ts';
import { parseSbdf } from '../../engine/num/sbdf.ts';
import { OPERATIONS } from '../../engine/ops/index.ts';
import type { Subject } from '../../engine/replay/compare-outcome.ts';
import { type Shrunk, shrink } from '../../engine/replay/shrink.ts';
import type { Kept } from '../../engine/replay/shrink-kept.ts';
import { modelMachineCompiler } from '../../engine/state/load-machine.ts';
import type { TraceEvent } from '../../engine/trace/operation.ts';
import { cases } from './parameters.ts';
import { CORES, coreEvents, described, machineText, type Planted, planted } from './planted.ts';

const compile = modelMachineCompiler();

const subjectOf = (events: readonly TraceEvent[], description: unknown): Subject => {
  const machine = compile(description);
  if (machine === undefined) throw new Error(`no machine: ${JSON.stringify(description)}`);
  return { machine, events, hardware: false, render: (lines, rendered) => renderBody(lines, rendered, OPERATIONS) };
};

const found = (kept: Kept | undefined): Kept => {
  if (kept === undefined) throw new Error('the difference that was planted is not there');
  return kept;
};

const shrinkPlanted = ({ core, subject, description, index }: Planted): Shrunk & { readonly kept: Kept } => {
  const seq = subject.events[index]?.seq ?? 0;
  const kept = found(core.keep(subjectOf(subject.events, description), index, seq));
  return { kept, ...shrink(kept, description, { registry: OPERATIONS, compile, maxTrials: 100_000 }) };
};

describe.each(CORES)('$name', (core) => {
  const events = coreEvents(core);
  const subject = subjectOf(events, described(machineText(core)));
  const kept = core.keep(subject, events.length - 1, events.length);

  test('is a difference', () => {
    expect(kept?.events).toEqual(events);
  });

  test.each(events.map((_, index) => index))('is none without event %#', (index) => {
    expect(kept?.shownBy(subject.machine, events.toSpliced(index, 1))).toBe(false);
  });
});

describe('a difference that was planted', () => {
  test('is brought to the events that it takes', () => {
    fc.assert(
      fc.property(planted, (given) => {
        const { events, isSmallest } = shrinkPlanted(given);
        expect(isSmallest).toBe(true);
        expect(events.length).toBeLessThanOrEqual(coreEvents(given.core).length);
      }),
      cases(50),
    );
  });

  test('is still there, and gone when any event or device more is left out', () => {
    fc.assert(
      fc.property(planted, (given) => {
        const { kept, events, description } = shrinkPlanted(given);
        const { machine } = subjectOf(events, description);
        expect(kept.shownBy(machine, events)).toBe(true);
        for (const index of events.keys()) expect(kept.shownBy(machine, events.toSpliced(index, 1))).toBe(false);
        const { devices = {} } = description as { readonly devices?: Readonly<Record<string, unknown>> };
        // A device that an event names stays in the machine.
        const named = new Set(events.flatMap(({ args }) => [args['sbdf'], args['physfn']]));
        for (const left of Object.keys(devices).filter((name) => !named.has(parseSbdf(name)))) {
          const fewer = Object.fromEntries(Object.entries(devices).filter(([name]) => name !== left));
          const smaller = compile({ ...(description as object), devices: fewer });
          expect(smaller !== undefined && kept.shownBy(smaller, events)).toBe(false);
        }
      }),
      cases(20),
    );
  });

  test('gives the same trace and machine when it is shrunk again', () => {
    fc.assert(
      fc.property(planted, (given) => {
        const { kept: _kept, ...once } = shrinkPlanted(given);
        const { kept: _again, ...twice } = shrinkPlanted(given);
        expect(twice).toEqual(once);
        const index = once.events.length - 1;
        const rest = shrinkPlanted({ ...given, subject: once, description: once.description, index });
        expect(rest.events).toEqual(once.events);
        expect(rest.description).toEqual(once.description);
      }),
      cases(10),
    );
  });
});
