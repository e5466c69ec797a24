// SPDX-License-Identifier: GPL-2.0-only
import type { DeviceConfig } from '../../guest/passthrough/pciback.ts';
import type { Sbdf } from '../../num/sbdf.ts';
import type { ModelWorld } from '../../state/model-world.ts';

/** A device's registers as dom0, and so pciback, reaches them. */
export const configOf = ({ hw }: ModelWorld, sbdf: Sbdf): DeviceConfig => ({
  read: (reg, sizeBytes) => hw.read(sbdf, reg, sizeBytes),
  write: (reg, sizeBytes, value) => hw.write(sbdf, reg, sizeBytes, value),
});
