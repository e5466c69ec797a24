// SPDX-License-Identifier: GPL-2.0-only
import type { Sbdf } from '../num/sbdf.ts';

/** How a domain reached config space: ports 0xcf8/0xcfc, or the ECAM window. */
export type AccessPath = 'ports' | 'ecam';

/** Who made an access. */
interface Actor {
  /** `d0`, `d1`, … */
  readonly dom: string;
  readonly vcpu: number;
}

/** An access to config space as a domain made it. */
export interface ConfigAccess extends Actor {
  readonly kind: 'config';
  readonly path: AccessPath;
  readonly write: boolean;
  readonly sbdf: Sbdf;
  readonly reg: number;
  /** Bytes. */
  readonly size: number;
  readonly value: bigint;
  /** The source does not tell the size: it was taken from the value, the register or a later access. */
  readonly inferred: boolean;
}

/** An access to guest-physical memory that Xen emulated. */
export interface MemoryAccess extends Actor {
  readonly kind: 'memory';
  readonly write: boolean;
  readonly gpa: bigint;
  readonly size: number;
  /** undefined: the source does not tell what was read. */
  readonly value: bigint | undefined;
  /** Xen's MSI-X handlers took it; undefined: the source does not tell who did. */
  readonly via: 'msix' | undefined;
  readonly inferred: boolean;
}

/** A hypercall about devices, in the fields of the operation of that name. */
export interface Hypercall extends Actor {
  readonly kind: 'hypercall';
  readonly op: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** undefined: not recorded. */
  readonly ret: number | undefined;
  /** What of it was put together from traces that it left. */
  readonly note: string | undefined;
}

/** vPCI mapped or unmapped a range; frames are 4 KiB. */
export interface MappedRange {
  readonly kind: 'mapped';
  readonly dom: string;
  readonly isMap: boolean;
  readonly gfn: number;
  readonly count: number;
  readonly mfn: number;
  readonly ret: number;
}

/** What a recording holds, in its order. */
export type Recorded = (ConfigAccess | MemoryAccess | Hypercall | MappedRange) & {
  /** Of the source; 0: a binary one. */
  readonly line: number;
  /** In ns of the source's clock; undefined: it has none. */
  readonly time: bigint | undefined;
};

/** An access that reached hardware, as the emulator underneath saw it: no size, no domain. */
export interface HardwareAccess {
  readonly line: number;
  readonly time: bigint | undefined;
  readonly write: boolean;
  readonly sbdf: Sbdf;
  readonly reg: number;
  readonly value: number;
}
