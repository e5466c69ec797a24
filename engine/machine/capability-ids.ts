// SPDX-License-Identifier: GPL-2.0-only

/** Ids of capabilities (PCI Code and ID Assignment, 2). */
export const CAPABILITY = { powerManagement: 0x01, msi: 0x05, pciX: 0x07, pciExpress: 0x10, msix: 0x11 } as const;

/** Ids of extended capabilities (the same, 3). */
export const EXTENDED_CAPABILITY = { acs: 0x0d, sriov: 0x10, resizableBar: 0x15 } as const;
