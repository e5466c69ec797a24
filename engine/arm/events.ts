// SPDX-License-Identifier: GPL-2.0-only
import type { Sbdf } from '../num/sbdf.ts';
import { formatSbdf } from '../num/sbdf.ts';
import { hex } from '../num/u64.ts';
import type { ConfigWindow, HostBridge, MmioHandler } from './host-bridge.ts';

/** What an operation made Xen do, in the JSON form that is printed. Zero is `0`, other addresses and values `0x…`. */
export type ArmEvent = Readonly<Record<string, unknown>>;

/** Hexadecimal as C's `%#x`: no prefix for zero. */
const alternateHex = (value: number | bigint): string => (BigInt(value) === 0n ? '0' : hex(value));

export const ioremapEvent = (address: bigint, size: bigint): ArmEvent => ({
  ioremap: alternateHex(address),
  size: alternateHex(size),
});

/** A host bridge that Xen drives, with its config windows. */
export const bridgeEvent = ({ node, segment, root, child }: HostBridge): ArmEvent => ({
  bridge: node.path,
  seg: segment ?? 'not-bound',
  cfg: alternateHex(root.address),
  size: alternateHex(root.size),
  bus: [root.firstBus, root.lastBus],
  ...(child === undefined
    ? {}
    : {
        child: alternateHex(child.address),
        child_size: alternateHex(child.size),
        child_bus: [child.firstBus, child.lastBus],
      }),
});

export const handlerEvent = ({ address, size, kind }: MmioHandler): ArmEvent => ({
  handler: alternateHex(address),
  size: alternateHex(size),
  kind,
});

/** Access to the host's address space; `window` is the mapping that it goes through. */
export const ioEvent = (
  io: 'read' | 'write',
  { address, sizeBytes, value, window }: { address: bigint; sizeBytes: number; value: number; window: MappedWindow },
): ArmEvent => ({
  io,
  pa: alternateHex(address),
  len: sizeBytes,
  val: alternateHex(value),
  ...(address >= window.address && address < window.address + window.size ? {} : { outside_mapping: true }),
});

export type MappedWindow = Pick<ConfigWindow, 'address' | 'size'>;

/** Access that reaches vPCI, as its registers see it. */
export const vpciEvent = (
  vpci: 'read' | 'write',
  sbdf: Sbdf,
  reg: number,
  sizeBytes: number,
  value: number,
): ArmEvent => ({
  vpci,
  sbdf: formatSbdf(sbdf),
  reg,
  len: sizeBytes,
  val: alternateHex(value),
});

const PAGE = 4096n;
const addressOf = (frame: number): bigint => BigInt(frame) * PAGE;

/** I/O memory rights: first and last byte. */
export const permitEvent = (firstFrame: number, lastFrame: number): ArmEvent => ({
  permit: [alternateHex(addressOf(firstFrame)), alternateHex(addressOf(lastFrame) + PAGE - 1n)],
});

export const mapEvent = (gfn: number, mfn: number, frameCount: number): ArmEvent => ({
  map: alternateHex(addressOf(gfn)),
  to: alternateHex(addressOf(mfn)),
  pages: frameCount,
  p2mt: 'mmio_direct_dev',
});
