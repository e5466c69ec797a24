// SPDX-License-Identifier: GPL-2.0-only

/** The fixed memory map of guests on Arm (xen/include/public/arch-arm.h), in bytes. */
export const GUEST_ECAM = { address: 0x10000000n, size: 0x10000000n } as const;

/** Windows of the guest's host bridge: memory, and prefetchable memory. Nothing in Xen checks BARs against them. */
export const GUEST_WINDOWS = {
  low: { flags: 0x02000000, address: 0x23000000n, size: 0x10000000n },
  high: { flags: 0x43000000, address: 0x100000000n, size: 0x100000000n },
} as const;

/** The host bridge as a guest finds it in its device tree. */
export interface GuestHostBridgeNode {
  readonly name: string;
  readonly compatible: string;
  readonly deviceType: string;
  readonly reg: { readonly address: bigint; readonly size: bigint };
  readonly busRange: readonly [number, number];
  readonly addressCells: number;
  readonly sizeCells: number;
  readonly status: string;
  /** The same address on the PCI bus and for the CPU. */
  readonly ranges: readonly { readonly flags: number; readonly address: bigint; readonly size: bigint }[];
}

/** What the toolstack writes for a guest that has a PCI device (tools/libs/light/libxl_arm.c, make_vpci_node). */
export const GUEST_HOST_BRIDGE: GuestHostBridgeNode = {
  name: `pcie@${GUEST_ECAM.address.toString(16)}`,
  compatible: 'pci-host-ecam-generic',
  deviceType: 'pci',
  reg: GUEST_ECAM,
  busRange: [0, 255],
  addressCells: 3,
  sizeCells: 2,
  status: 'okay',
  ranges: [GUEST_WINDOWS.low, GUEST_WINDOWS.high],
};
