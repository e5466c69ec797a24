// SPDX-License-Identifier: GPL-2.0-only
import { MAPPING_ERROR } from '../../guest/grants/dma.ts';
import { hex, hexPadded } from '../../num/u64.ts';
import type { RuleId } from '../../semantics/rules.ts';

/** What a grants operation answers: further keys of a result line. */
export interface GrantOutcome {
  readonly ret?: number;
  /** virtio.probe, or an operation on a device that does not use grants. */
  readonly dmaOps?: 'grant' | 'platform';
  readonly backend?: number | null;
  /** An address, "error" when a mapping was refused, null when an allocation was. */
  readonly dma?: string | null;
  /** First frame of an allocated buffer. */
  readonly pfn?: string;
  /** Whether the device is out of use afterwards. */
  readonly broken?: boolean;
  /** Number by which unmap_sg calls the list. */
  readonly sg?: number;
  /** Address and length of each entry. */
  readonly segments?: readonly (readonly [string, number])[];
  /** A GNTST code. */
  readonly status?: number;
  readonly handle?: number;
  /** Address of the mapped frame on the bus. */
  readonly frame?: string;
  /** The reference is not mapped, nothing was unmapped. */
  readonly noHandle?: true;
  /** The machine has no device of that name, nothing happened. */
  readonly noDevice?: true;
  /** map_sg has not answered that number, nothing happened. */
  readonly noList?: true;
  /** Proposal: the probe waits for its backend. */
  readonly deferred?: true;
  /** Proposal: devices whose probe went on, with their results. */
  readonly probed?: Readonly<Record<string, number>>;
  /** Proposal: what was written to and read from the root complex's register. */
  readonly register?: { readonly wrote: string; readonly read: string };
  /** Linux's own code reads or writes memory that is not its own here; nothing after it is known. */
  readonly undefined?: true;
  readonly rule?: RuleId;
}

/** `0x` and 16 digits, "error" for DMA_MAPPING_ERROR, `0x0` for an entry that was not reached. */
export const formatDma = (address: bigint): string => {
  if (address === MAPPING_ERROR) return 'error';
  return address === 0n ? hex(address) : hexPadded(address, 16);
};
