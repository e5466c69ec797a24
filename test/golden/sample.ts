// SPDX-License-Identifier: GPL-2.0-only
import type { BarJson, DeviceJson, ResultLine, StateJson, VpciJson } from '../../engine/state/result.ts';
import { field } from '../../engine/trace/field.ts';
import type { Declaration, Registry, TraceEvent } from '../../engine/trace/operation.ts';

/** Hand-made answers of a small trace, for tests of golden text. */

const declare = (name: string, fields: Declaration['fields']): [string, Declaration] => [
  name,
  { name, summary: '', source: '', fields },
];

export const registry: Registry = new Map([
  declare('boot.hwdom_setup', {}),
  declare('cfg.read', { dom: field.domain, sbdf: field.sbdf, reg: field.u32, size: field.u8 }),
  declare('physdev.pci_device_add', {
    dom: field.domain,
    sbdf: field.sbdf,
    flags: field.flags({ extfn: 1, virtfn: 2 }),
  }),
  declare('checkpoint', {}),
]);

const sbdf = field.sbdf.parse('0000:03:00.0');

const event = (seq: number, op: string, args: TraceEvent['args'], note?: string): TraceEvent => ({
  ...{ seq, op, args, time: undefined, ret: undefined, note },
});

export const events: readonly TraceEvent[] = [
  event(1, 'boot.hwdom_setup', {}),
  event(2, 'physdev.pci_device_add', { dom: 'd0', sbdf, flags: 2 }),
  event(3, 'cfg.read', { dom: 'd0', sbdf, reg: 4, size: 2 }),
  event(4, 'checkpoint', {}, 'memory decoding on'),
];

const NO_BAR: BarJson = {
  type: 'empty',
  address: '0x0',
  guestAddress: '0x0',
  size: '0x0',
  prefetchable: false,
  enabled: false,
};

export const bar = (changes: Partial<BarJson>): BarJson => ({ ...NO_BAR, ...changes });

export const vpci = (changes: Partial<VpciJson> = {}): VpciJson => ({
  guestSbdf: null,
  bars: [
    bar({ type: 'mem32', address: '0xfe000000', guestAddress: '0xfe000000', size: '0x4000', enabled: true }),
    NO_BAR,
    bar({ type: 'mem64lo', address: '0x4000000000', guestAddress: '0xa0000000', size: '0x10000', prefetchable: true }),
    bar({ type: 'mem64hi' }),
    NO_BAR,
    NO_BAR,
    bar({ type: 'rom', address: '0xfea00000', guestAddress: '0xfea00000', size: '0x10000' }),
  ],
  romEnabled: false,
  barsMapped: true,
  guestCommand: '0x6',
  ...changes,
});

export const device = (changes: Partial<DeviceJson> = {}): DeviceJson => ({
  known: true,
  readOnly: false,
  owner: 'd0',
  broken: false,
  quarantine: false,
  ignoreBars: false,
  virtfn: false,
  extfn: false,
  phantomStride: 0,
  vpci: vpci(),
  hardware: { command: '0x0006', bars: ['0xfe000000', '0x0', '0xc', '0x40', '0x0', '0x0'], rom: '0xfea00000' },
  ...changes,
});

export const state = (devices: StateJson['devices'] = { '0000:03:00.0': device() }): StateJson => ({
  domains: {
    d0: {
      p2m: [{ gfn: '0xfe000', lastGfn: '0xfe003', mfn: '0xfe000', type: 'mmio_direct', access: 'rwx' }],
    },
    d1: { p2m: [], crashed: true },
  },
  devices,
});

export const lines = (final: StateJson = state()): readonly ResultLine[] => [
  { seq: 1, ret: 0, hw: ['w 0000:03:00.0 0x4 2 0x4'] },
  { seq: 2, ret: -19 },
  { seq: 3, value: '0x6', accepted: true },
  { seq: 4, state: state() },
  { final: true, state: final },
];
