// SPDX-License-Identifier: GPL-2.0-only

import { parseGrantMachine } from '../../../engine/guest/grants/schema.ts';
import { type GrantWorld, makeGrantWorld } from '../../../engine/guest/grants/world.ts';
import { grantOperations } from '../../../engine/ops/grants/index.ts';
import type { GrantOutcome } from '../../../engine/ops/grants/outcome.ts';
import type { GrantBehaviours } from '../../../engine/semantics/grant-behaviours.ts';
import { findState } from '../../../engine/semantics/states.ts';

/** The behaviours of a guest by name. */
export const guest = (name: string): GrantBehaviours => {
  const state = findState(name);
  if (state === undefined) throw new Error(`no guest ${name}`);
  return state.behaviours.linux;
};

/** A host bridge with two devices: `net` (00:01.0) served by d1 and `blk` (00:02.0) served by d2. */
export const TWO_BACKENDS = {
  iommus: { g: { compatible: ['xen,grant-dma'] } },
  hostBridges: { h: { iommuMap: [0x8, 'g', 1, 1, 0x10, 'g', 2, 1] } },
  pci: { net: { host: 'h', rid: 0x8 }, blk: { host: 'h', rid: 0x10 } },
};

export interface WorldOptions {
  readonly deviceTree?: unknown;
  readonly grants?: unknown;
  readonly behaviours?: GrantBehaviours;
}

export const makeWorld = (options: WorldOptions = {}): GrantWorld => {
  const { deviceTree = TWO_BACKENDS, grants = { frames: 1 }, behaviours = guest('linux-6.12') } = options;
  const parsed = parseGrantMachine({ deviceTree, grants });
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join('\n'));
  return makeGrantWorld(parsed.value, behaviours);
};

/** Runs one operation on fields as a trace writes them. */
export const run = (world: GrantWorld, op: string, row: Readonly<Record<string, string>> = {}): GrantOutcome => {
  const operation = grantOperations.find(({ declaration }) => declaration.name === op);
  if (operation === undefined) throw new Error(`no operation ${op}`);
  const { fields } = operation.declaration;
  const args = Object.entries(row).map(([name, text]) => {
    const value = fields[name]?.parse(text);
    if (value === undefined) throw new Error(`${op}: ${name}=${text}`);
    return [name, value];
  });
  return operation.run(world, Object.fromEntries(args));
};
