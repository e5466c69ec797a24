// SPDX-License-Identifier: GPL-2.0-only
import { and, without } from '../../num/bits.ts';
import { ERRNO } from '../../num/errno.ts';
import type { GrantBehaviours } from '../../semantics/grant-behaviours.ts';
import { type DeviceTree, type IommuNode, type MasterNode, type Property, readU32, u32 } from './device-tree.ts';

/** An id translated to a node and its specifier cells; no node: the id goes through as it is. */
export interface Specifier {
  readonly node: IommuNode | undefined;
  readonly args: readonly number[];
}

export type Translation =
  | { readonly ok: true; readonly specifier: Specifier }
  | { readonly ok: false; readonly errno: number };

type Covers = (id: number, base: number, length: number) => boolean;

const COVERS: Readonly<Record<GrantBehaviours['iommuMapRange'], Covers>> = {
  'end-wraps': (id, base, length) => id >= base && id < u32(base + length),
  'offset-compared': (id, base, length) => id >= base && id - base < length,
};

interface Walk {
  readonly cells: readonly number[];
  readonly sizeBytes: number;
  readonly mask: number;
  readonly maskedId: number;
  readonly phandles: ReadonlyMap<number, IommuNode>;
  readonly covers: Covers;
}

/** A match, an error, or undefined: no entry covers the id. */
type Found = Translation | undefined;

const fail = (errno: number): Translation => ({ ok: false, errno: -errno });

const CELL_BYTES = 4;
const ENTRY_CELLS = 4;

const walkFourCells = (walk: Walk): Found => {
  const { cells, sizeBytes } = walk;
  if (sizeBytes === 0 || sizeBytes % (ENTRY_CELLS * CELL_BYTES) !== 0) return fail(ERRNO.EINVAL);
  for (let at = 0; at < cells.length; at += ENTRY_CELLS) {
    const [base = 0, phandle = 0, outBase = 0, length = 0] = cells.slice(at, at + ENTRY_CELLS);
    if (without(base, walk.mask) !== 0) return fail(ERRNO.EFAULT);
    if (!walk.covers(walk.maskedId, base, length)) continue;
    const node = walk.phandles.get(phandle);
    if (node === undefined) return fail(ERRNO.ENODEV);
    return { ok: true, specifier: { node, args: [u32(walk.maskedId - base + outBase)] } };
  }
  return undefined;
};

const MAX_PHANDLE_ARGS = 16;

/** Device trees exist that give one cell to a target of two: all entries then have one target and length 1. */
const hasOneCellEntriesForTwo = (cells: readonly number[]): boolean => {
  if (cells.length % ENTRY_CELLS !== 0) return false;
  for (let at = 0; at < cells.length; at += ENTRY_CELLS)
    if (cells[at + 1] !== cells[1] || cells[at + 3] !== 1) return false;
  return true;
};

const walkSizedByTarget = (walk: Walk): Found => {
  const { cells, sizeBytes } = walk;
  if (sizeBytes % CELL_BYTES !== 0) return fail(ERRNO.EINVAL);
  let oneCell = false;
  for (let at = 0; at < cells.length; ) {
    const [base = 0, phandle] = cells.slice(at, at + 2);
    if (phandle === undefined) return fail(ERRNO.EINVAL);
    if (without(base, walk.mask) !== 0) return fail(ERRNO.EFAULT);
    const node = walk.phandles.get(phandle);
    if (node === undefined) return fail(ERRNO.ENODEV);
    let args = oneCell ? 1 : (node.iommuCells ?? 1);
    if (args > MAX_PHANDLE_ARGS) return fail(ERRNO.EINVAL);
    if (at === 0 && args === 2 && hasOneCellEntriesForTwo(cells)) {
      oneCell = true;
      args = 1;
    }
    if (cells.length - at < 3 + args) return fail(ERRNO.EINVAL);
    const outBase = cells.slice(at + 2, at + 2 + args);
    const length = cells[at + 2 + args] ?? 0;
    at += 3 + args;
    if (!walk.covers(walk.maskedId, base, length)) continue;
    if (length > 1 && args > 1) return fail(ERRNO.EINVAL);
    return { ok: true, specifier: { node, args: outBase.map((cell) => u32(walk.maskedId - base + cell)) } };
  }
  return undefined;
};

const WALKS: Readonly<Record<GrantBehaviours['iommuMapEntries'], (walk: Walk) => Found>> = {
  'four-cells': walkFourCells,
  'sized-by-target': walkSizedByTarget,
};

const ALL_BITS = 0xffffffff;

/**
 * Translates a requester id by the `iommu-map` and `iommu-map-mask` of a node (Linux drivers/of/base.c, of_map_id).
 * An id that no entry covers goes through untranslated; a missing map fails (or goes through in newer guests, which
 * comes to the same, as no node is found).
 * Errors: -EINVAL malformed map, -EFAULT a base outside the mask, -ENODEV no map or unknown phandle.
 */
export const mapId = (tree: DeviceTree, np: MasterNode, id: number, behaviours: GrantBehaviours): Translation => {
  const map: Property | undefined = np.iommuMap;
  if (map === undefined) return fail(ERRNO.ENODEV);
  const mask = readU32(np.iommuMapMask) ?? ALL_BITS;
  const found = WALKS[behaviours.iommuMapEntries]({
    cells: map.cells,
    sizeBytes: map.sizeBytes,
    mask,
    maskedId: and(id, mask),
    phandles: tree.phandles,
    covers: COVERS[behaviours.iommuMapRange],
  });
  return found ?? { ok: true, specifier: { node: undefined, args: [id] } };
};

/**
 * The first entry of an `iommus` property (Linux drivers/of/base.c, __of_parse_phandle_with_args, index 0).
 * Errors: -ENOENT absent, empty or a null phandle; -EINVAL unknown phandle, no `#iommu-cells`, cells missing.
 */
export const firstIommu = (tree: DeviceTree, np: MasterNode): Translation => {
  const [phandle = 0, ...rest] = np.iommus?.cells ?? [];
  if (phandle === 0) return fail(ERRNO.ENOENT);
  const node = tree.phandles.get(phandle);
  if (node?.iommuCells === undefined || rest.length < node.iommuCells) return fail(ERRNO.EINVAL);
  return { ok: true, specifier: { node, args: rest.slice(0, node.iommuCells) } };
};
