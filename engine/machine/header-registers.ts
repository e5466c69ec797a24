// SPDX-License-Identifier: GPL-2.0-only

/** Registers of the config space header (PCI Local Bus 3.0, 6.1 and 6.2; PCI-to-PCI Bridge 1.2, 3.2): byte offsets. */
export const VENDOR_ID = 0x00;
export const DEVICE_ID = 0x02;
export const COMMAND = 0x04;
export const STATUS = 0x06;
export const HEADER_TYPE = 0x0e;
export const BASE_ADDRESS_0 = 0x10;
/** Behind the last BAR of a header that has six. */
export const BASE_ADDRESS_END = 0x28;
export const ROM_ADDRESS = 0x30;
export const ROM_ADDRESS_BRIDGE = 0x38;

/** Command: memory decoding. */
export const COMMAND_MEMORY = 0x2;

/** Status: there is a capability list. */
export const STATUS_CAPABILITY_LIST = 0x10;

/** Header type: other functions are there too. */
export const MULTIFUNCTION = 0x80;

/** Low bits of a BAR. */
export const BASE_ADDRESS_IO = 0x1;
export const BASE_ADDRESS_TYPE_64 = 0x4;
export const BASE_ADDRESS_PREFETCHABLE = 0x8;
/** All of them, of a memory BAR. */
export const BASE_ADDRESS_FLAGS = 0xf;
