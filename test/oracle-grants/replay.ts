// SPDX-License-Identifier: GPL-2.0-only
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { parseGrantMachine } from '../../engine/guest/grants/schema.ts';
import { describeGrants } from '../../engine/guest/grants/state.ts';
import { createDomain, type GrantWorld, makeGrantWorld } from '../../engine/guest/grants/world.ts';
import { grantOperations } from '../../engine/ops/grants/index.ts';
import type { GrantBehaviours } from '../../engine/semantics/grant-behaviours.ts';
import { decodeCsv } from '../../engine/trace/csv.ts';
import { field } from '../../engine/trace/field.ts';
import type { Declaration, Registry, TraceEvent } from '../../engine/trace/operation.ts';
import type { Answer } from './cases.ts';

const makeWorld = (machine: string, behaviours: GrantBehaviours): GrantWorld => {
  const parsed = parseGrantMachine(parseYaml(machine));
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join('\n'));
  return makeGrantWorld(parsed.value, behaviours);
};

const shared: readonly Declaration[] = [
  { name: 'note', summary: 'A comment.', source: '', fields: {} },
  { name: 'checkpoint', summary: 'The state here.', source: '', fields: {} },
  { name: 'domctl.createdomain', summary: 'A domain.', source: '', fields: { domid: field.domain } },
];

const operations = new Map(grantOperations.map((operation) => [operation.declaration.name, operation]));

const registry: Registry = new Map(
  [...shared, ...grantOperations.map(({ declaration }) => declaration)].map((declaration) => [
    declaration.name,
    declaration,
  ]),
);

const decode = (trace: string): readonly TraceEvent[] => {
  const decoded = decodeCsv(trace, registry);
  if (!decoded.ok) throw new Error(decoded.problems.map(({ line, message }) => `line ${line}: ${message}`).join('\n'));
  return decoded.value.events;
};

const domidSchema = z.object({ domid: z.string() });

/** Answers by row number, counted from 1, and `final`. Operations of other parts of the model are reduced to the bone. */
export const replay = (machine: string, trace: string, behaviours: GrantBehaviours): ReadonlyMap<unknown, Answer> => {
  const world = makeWorld(machine, behaviours);
  const answers = new Map<unknown, Answer>();
  const state = (): Answer => ({ state: { grants: describeGrants(world) } });
  for (const { seq, op, args } of decode(trace)) {
    const operation = operations.get(op);
    if (operation !== undefined) answers.set(seq, { ...operation.run(world, args) });
    else if (op === 'checkpoint') answers.set(seq, state());
    else if (op === 'domctl.createdomain') createDomain(world, domidSchema.parse(args).domid);
  }
  answers.set('final', state());
  return answers;
};
