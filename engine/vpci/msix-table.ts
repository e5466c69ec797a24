// SPDX-License-Identifier: GPL-2.0-only
import { and, without } from '../num/bits.ts';
import { wrapU64 } from '../num/u64.ts';
import type { Bar, MsixState } from '../xen/state.ts';
import { vpciOf } from './registers.ts';

/** Which of the two tables: vector table or pending bit array (PCI Local Bus 3.0, 6.8.2). */
export const VECTOR_TABLE = 0;
export const PENDING_BITS = 1;
export type MsixTable = typeof VECTOR_TABLE | typeof PENDING_BITS;

export const MSIX_ENTRY_BYTES = 16;

/** BAR indicator in the table offset registers. */
export const MSIX_BIR_MASK = 0x7;

/** Bytes of a table for so many entries; the PBA is a whole number of quadwords. */
export const tableBytes = (entries: number, table: MsixTable): number =>
  table === VECTOR_TABLE ? entries * MSIX_ENTRY_BYTES : Math.ceil(entries / 64) * 8;

export const msixTableSizeBytes = (msix: MsixState, table: MsixTable): number => tableBytes(msix.entryCount, table);

/** The BAR a table is in; undefined: its indicator names none. */
export const msixTableBar = (msix: MsixState, table: MsixTable): Bar | undefined =>
  vpciOf(msix.dev).bars[and(msix.tables[table], MSIX_BIR_MASK)];

const offsetOf = (msix: MsixState, table: MsixTable): bigint => BigInt(without(msix.tables[table], MSIX_BIR_MASK));

/** Byte address of a table as the guest sees it (vmsix_table_addr). */
export const msixTableAddress = (msix: MsixState, table: MsixTable): bigint =>
  wrapU64((msixTableBar(msix, table)?.mappedAddress ?? 0n) + offsetOf(msix, table));

/** Byte address of a table on the host (vmsix_table_host_addr). */
export const msixTableHostAddress = (msix: MsixState, table: MsixTable): bigint =>
  wrapU64((msixTableBar(msix, table)?.address ?? 0n) + offsetOf(msix, table));
