// SPDX-License-Identifier: GPL-2.0-only

import type { PhysicalBar } from '../../guest/passthrough/world.ts';
import type { Hardware } from '../../machine/hardware.ts';
import {
  BASE_ADDRESS_0,
  BASE_ADDRESS_FLAGS,
  BASE_ADDRESS_IO,
  BASE_ADDRESS_PREFETCHABLE,
  BASE_ADDRESS_TYPE_64,
} from '../../machine/header-registers.ts';
import { has, without } from '../../num/bits.ts';
import type { Sbdf } from '../../num/sbdf.ts';
import { joinU64, wrapU64 } from '../../num/u64.ts';

const BARS = 6;

/** Memory BARs as dom0's sysfs has them: its kernel sized them long ago, and nothing reaches the device. */
export const sysfsBars = (hw: Hardware, sbdf: Sbdf): readonly PhysicalBar[] => {
  const bars: PhysicalBar[] = [];
  for (let index = 0; index < BARS; index++) {
    const reg = BASE_ADDRESS_0 + 4 * index;
    const value = hw.peek(sbdf, reg, 4);
    const lowMask = without(hw.writableBits(sbdf, reg), BASE_ADDRESS_FLAGS);
    const is64 = has(value, BASE_ADDRESS_TYPE_64);
    const highMask = is64 ? hw.writableBits(sbdf, reg + 4) : 0xffffffff;
    if (has(value, BASE_ADDRESS_IO) || (lowMask === 0 && !(is64 && highMask !== 0))) continue;
    bars.push({
      ...{ index, is64, prefetchable: has(value, BASE_ADDRESS_PREFETCHABLE) },
      physical: joinU64(without(value, BASE_ADDRESS_FLAGS), is64 ? hw.peek(sbdf, reg + 4, 4) : 0),
      sizeBytes: wrapU64(-joinU64(lowMask, highMask)),
    });
    if (is64) index++;
  }
  return bars;
};
