// SPDX-License-Identifier: GPL-2.0-only

/**
 * What an event is answered with, in the JSON form that is printed. Numbers that are addresses, frames or register
 * contents are hexadecimal text (`0x…`), so that 64 bits survive every JSON reader.
 */
export interface Answer {
  /** 0, or a negated errno, or a positive count. */
  readonly ret?: number;
  /** What a read returned. */
  readonly value?: string;
  /** ECAM access: whether size and alignment are allowed. */
  readonly accepted?: boolean;
  /** Port access: false when it was refused; a read then returns all ones. */
  readonly allowed?: false;
  /** The domain has no vPCI, nothing happened. */
  readonly noVpci?: true;
  /** Where an MMIO access went. */
  readonly via?: 'none' | 'msix' | 'ecam' | 'direct';
  /** vcpu.resume: there was deferred work. */
  readonly pending?: boolean;
  /** vcpu.resume: it is not finished. */
  readonly more?: boolean;
  /** Xen's own code crashes, asserts or reads freed memory here; nothing after it is known. */
  readonly undefined?: true;
  /** The rule behind `undefined`. */
  readonly rule?: string;
  readonly state?: StateJson;
  /** Further answers of operations outside vPCI (grants, Arm, …), by the names their declarations give. */
  readonly [further: string]: unknown;
}

/** An answer with its event, as replays print it line by line. */
export interface ResultLine extends Answer {
  /** The event's number; absent on the last line. */
  readonly seq?: number;
  readonly final?: true;
  /** Accesses that reached hardware, in order: `w SBDF REG SIZE VALUE` (and `r …` where reads are asked for). */
  readonly hw?: readonly string[];
}

export interface StateJson {
  readonly domains: Readonly<Record<string, DomainJson>>;
  readonly devices: Readonly<Record<string, DeviceJson>>;
  readonly [further: string]: unknown;
}

export interface DomainJson {
  /** Ascending, coalesced; `gfn` to `lastGfn` inclusive map to `mfn` and following. */
  readonly p2m: readonly P2mRangeJson[];
  readonly crashed?: true;
}

export interface P2mRangeJson {
  readonly gfn: string;
  readonly lastGfn: string;
  readonly mfn: string;
  readonly type: string;
  readonly access: string;
}

export interface DeviceJson {
  readonly known: boolean;
  readonly readOnly: boolean;
  /** `d0`…, `xen`, `io`, `none`; this and what follows only of a device known to Xen. */
  readonly owner?: string;
  readonly broken?: boolean;
  /** Removed already; its VFs keep it. In no release of Xen. */
  readonly goesWithLastVf?: true;
  readonly quarantine?: boolean;
  readonly ignoreBars?: boolean;
  readonly virtfn?: boolean;
  readonly extfn?: boolean;
  readonly phantomStride?: number;
  readonly extendedConfig?: boolean;
  readonly pf?: string;
  readonly vfs?: readonly string[];
  readonly vfBarSizes?: readonly string[];
  readonly msiMaxVectors?: number;
  readonly msixEntries?: number;
  readonly vpci?: VpciJson | null;
  /** Of a device that is there. */
  readonly hardware?: { readonly command: string; readonly bars: readonly string[]; readonly rom: string };
}

export interface VpciJson {
  readonly guestSbdf?: string | null;
  /** Six BARs and the ROM; a bridge has two and the ROM third. */
  readonly bars: readonly BarJson[];
  readonly romEnabled: boolean;
  readonly barsMapped: boolean;
  readonly guestCommand?: string;
  readonly msi?: MsiJson;
  readonly msix?: MsixJson;
  readonly rebar?: { readonly offset: string; readonly bars: number };
}

export interface BarJson {
  readonly type: 'empty' | 'io' | 'mem32' | 'mem64lo' | 'mem64hi' | 'rom';
  readonly address: string;
  readonly guestAddress: string;
  readonly size: string;
  readonly prefetchable: boolean;
  readonly enabled: boolean;
  readonly resizable?: string;
  /** Ranges of frames, inclusive, that a deferred map or unmap has not carried out yet. */
  readonly pending?: readonly (readonly [string, string])[];
}

export interface MsiJson {
  readonly enabled: boolean;
  readonly vectors: number;
  readonly address: string;
  readonly data: string;
  readonly mask: string;
  readonly address64: boolean;
  readonly maskable: boolean;
}

export interface MsixJson {
  readonly enabled: boolean;
  readonly masked: boolean;
  readonly entries: number;
  readonly table: string;
  readonly pba: string;
  /** Of the first 64 entries those that are not in their initial state. */
  readonly changed: readonly MsixEntryJson[];
}

export interface MsixEntryJson {
  readonly n: number;
  readonly address: string;
  readonly data: string;
  readonly masked: boolean;
  readonly updated: boolean;
  readonly bound: boolean;
}
