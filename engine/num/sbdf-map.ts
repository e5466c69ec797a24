// SPDX-License-Identifier: GPL-2.0-only
import type { Sbdf } from './sbdf.ts';

/** Buses of a segment, and functions of a bus. */
const EACH = 0x100;

/**
 * A map by SBDF in order of insertion. In segment 0, where nearly all devices are, a look-up is two array accesses and no
 * hash: every config access begins with several. Room for it is bounded, 512 KiB with a device on every bus.
 */
export class SbdfMap<T> {
  private readonly entries = new Map<Sbdf, T>();
  /** Of segment 0: by bus, then by device and function. */
  private readonly buses: ((T | undefined)[] | undefined)[] = [];

  get size(): number {
    return this.entries.size;
  }

  get(sbdf: Sbdf): T | undefined {
    const bus = sbdf >>> 8;
    return bus < EACH ? this.buses[bus]?.[sbdf & 0xff] : this.entries.get(sbdf);
  }

  has(sbdf: Sbdf): boolean {
    return this.get(sbdf) !== undefined;
  }

  set(sbdf: Sbdf, value: T): void {
    this.entries.set(sbdf, value);
    const bus = sbdf >>> 8;
    if (bus >= EACH) return;
    while (this.buses.length <= bus) this.buses.push(undefined);
    const functions = this.buses[bus] ?? new Array<T | undefined>(EACH).fill(undefined);
    functions[sbdf & 0xff] = value;
    this.buses[bus] = functions;
  }

  delete(sbdf: Sbdf): void {
    this.entries.delete(sbdf);
    const functions = this.buses[sbdf >>> 8];
    if (functions !== undefined) functions[sbdf & 0xff] = undefined;
  }

  keys(): Iterable<Sbdf> {
    return this.entries.keys();
  }

  values(): Iterable<T> {
    return this.entries.values();
  }
}
