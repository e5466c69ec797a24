// SPDX-License-Identifier: GPL-2.0-only
import type { Mfn } from '../num/frames.ts';

/** The memory behind BARs by machine frame, initially all 0. It takes as much room as was written. */
export class DeviceMemory {
  /** Bytes by their offset in the frame. */
  private readonly frames = new Map<Mfn, Map<number, number>>();

  /** Reads `size` bytes within one frame. */
  read(frame: Mfn, offset: number, size: number): bigint {
    const bytes = this.frames.get(frame);
    let value = 0n;
    if (bytes !== undefined)
      for (let byte = size - 1; byte >= 0; byte--) value = value * 256n + BigInt(bytes.get(offset + byte) ?? 0);
    return value;
  }

  /** Writes `size` bytes within one frame. */
  write(frame: Mfn, offset: number, size: number, value: bigint): void {
    let bytes = this.frames.get(frame);
    if (bytes === undefined) {
      bytes = new Map();
      this.frames.set(frame, bytes);
    }
    for (let byte = 0; byte < size; byte++) bytes.set(offset + byte, Number((value / 256n ** BigInt(byte)) % 256n));
  }
}
