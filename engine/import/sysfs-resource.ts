// SPDX-License-Identifier: GPL-2.0-only
import { parseSbdf, type Sbdf } from '../num/sbdf.ts';
import type { Parsed, Problem } from '../trace/problem.ts';
import { linesOf, problemAt } from './problems.ts';

/** One row of a device's `resource` file in sysfs: 0-5 BARs, 6 ROM, 7-12 VF BARs of a PF, bridge windows after. */
export interface ResourceRow {
  readonly line: number;
  readonly first: bigint;
  readonly last: bigint;
  /** Linux's IORESOURCE_* flags; 0 when there is no such resource. */
  readonly flags: bigint;
}

export const ROM_ROW = 6;
export const FIRST_VF_ROW = 7;

/** Rows by device. */
export type ResourceRows = ReadonlyMap<Sbdf, readonly ResourceRow[]>;

/** Linux has 17 resources in a device at most; a longer list is some other file. */
const MAX_RESOURCE_ROWS = 24;

/** `== 0000:00:04.0` in front of each file, `tail`'s `==> …/0000:00:04.0/resource <==`. */
const HEADING = /^==>? (?:.*\/)?([0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7])(?:\/resource)?(?: <==)?$/i;
/** `grep . …/*\/resource`: the path in front of each row. */
const PREFIX = /^.*\/([0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7])\/resource:/i;
const ROW = /^(0x[0-9a-f]{1,16}) (0x[0-9a-f]{1,16}) (0x[0-9a-f]{1,16})$/i;

/** Bytes of the resource; 0 when there is none. */
export const resourceSize = (row: ResourceRow): bigint => (row.flags === 0n ? 0n : row.last - row.first + 1n);

/**
 * Several devices' `/sys/bus/pci/devices/<sbdf>/resource` in one text, each under a heading or with its path in front
 * of each row. It is the only source of the sizes of VF BARs.
 */
export const parseSysfsResources = (text: string): Parsed<ResourceRows> => {
  const problems: Problem[] = [];
  const rows = new Map<Sbdf, ResourceRow[]>();
  let current: ResourceRow[] | undefined;
  const select = (address: string): void => {
    const sbdf = parseSbdf(address);
    if (sbdf === undefined) return;
    current = rows.get(sbdf) ?? [];
    rows.set(sbdf, current);
  };
  for (const [index, content] of linesOf(text).entries()) {
    const line = index + 1;
    const heading = HEADING.exec(content);
    if (heading !== null || content.trim() === '') {
      if (heading !== null) select(heading[1] ?? '');
      continue;
    }
    const prefix = PREFIX.exec(content);
    if (prefix !== null) select(prefix[1] ?? '');
    const row = ROW.exec(prefix === null ? content : content.slice(prefix[0].length));
    if (row === null) problems.push(problemAt(line, 'expected three numbers: first address, last address, flags'));
    else if (current === undefined) problems.push(problemAt(line, 'a row before any device: expected "== SBDF" first'));
    else if (current.length >= MAX_RESOURCE_ROWS) problems.push(problemAt(line, `more than ${MAX_RESOURCE_ROWS} rows`));
    else {
      const [first, last, flags] = [BigInt(row[1] ?? 0), BigInt(row[2] ?? 0), BigInt(row[3] ?? 0)];
      if (last < first) problems.push(problemAt(line, 'the last address is below the first'));
      current.push({ line, first, last, flags });
    }
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: rows };
};
