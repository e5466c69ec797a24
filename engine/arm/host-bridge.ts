// SPDX-License-Identifier: GPL-2.0-only
import type { HostBridgeNode } from './description.ts';

/** A part of config space in the host's address space. Bus numbers have 8 bits and may be the wrong way round. */
export interface ConfigWindow {
  readonly address: bigint;
  readonly size: bigint;
  readonly firstBus: number;
  readonly lastBus: number;
}

/** State of a DesignWare bridge's address translation unit (xen/arch/arm/pci/pci-designware.h, struct dw_pcie_priv). */
export interface DesignwareState {
  atu: { readonly address: bigint; readonly size: bigint } | undefined;
  viewports: number;
  version: number;
  /** Whether the register layout was looked at yet, and what was found. */
  unrollKnown: boolean;
  unroll: boolean;
}

/** A host bridge that Xen drives (struct pci_host_bridge). */
export interface HostBridge {
  readonly node: HostBridgeNode;
  /** undefined: dom0 has not said yet (a proposal). */
  segment: number | undefined;
  readonly root: ConfigWindow;
  readonly child: ConfigWindow | undefined;
  designware: DesignwareState | undefined;
}

/** A trapped range of guest addresses (struct mmio_handler). */
export interface MmioHandler {
  readonly address: bigint;
  readonly size: bigint;
  readonly kind: 'root' | 'child' | 'guest';
  /** undefined: the guest's virtual bridge. */
  readonly bridge: HostBridge | undefined;
}

export interface ArmDomain {
  readonly trapUnmapped: boolean;
  readonly maxHandlers: number;
  /** In the order that Xen's sorting leaves. */
  readonly handlers: MmioHandler[];
}

/** Inclusive. */
export interface FrameRange {
  readonly first: number;
  readonly last: number;
}
