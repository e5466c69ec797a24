// SPDX-License-Identifier: GPL-2.0-only

/** Characters of a machine file. */
export const MAX_MACHINE_CHARS = 16 * 1024 * 1024;

/**
 * Words and marks of a machine file that is not in canonical form: YAML takes about 3 µs and 250 bytes for each. Enough
 * for some 19 000 small devices.
 */
export const MAX_YAML_LEXEMES = 1_500_000;

/** Devices of a machine. */
export const MAX_DEVICES = 65_536;

/** Memory map entries of a machine, and its ECAM windows. */
export const MAX_RANGES = 4096;

/** Maps and lists within each other in a machine file. */
export const MAX_DEPTH = 32;

/** Bytes of config space without and with extended space (PCI Local Bus 3.0, 6.1; PCI Express Base 5.0, 7.2). */
export const LEGACY_SPACE_BYTES = 0x100;
export const CONFIG_SPACE_BYTES = 0x1000;
