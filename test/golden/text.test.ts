// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { formatGolden, type GoldenHeader, headOf, renderBody, splitGolden } from '../../engine/golden/text.ts';
import type { DeviceJson } from '../../engine/state/result.ts';
import { device, events, lines, registry, state, vpci } from './sample.ts';

const header: GoldenHeader = {
  trace: 'sriov/vf.csv',
  traceDigest: 'aa11',
  machine: 'machines/nic.yaml',
  machineDigest: 'bb22',
  release: 'r2',
  title: 'a VF',
};

const body = (): string => renderBody(lines(), events, registry);

describe('golden text', () => {
  test('states results, checkpoints and final state in this order', () => {
    const headings = body()
      .split('\n')
      .filter((line) => line.startsWith('['));
    expect(headings).toEqual(['[results]', '[state after event 4: memory decoding on]', '[final state]']);
  });

  test('names event, operation and target in each result', () => {
    expect(body()).toContain(
      [
        '[results]',
        'event 1 boot.hwdom_setup: 0',
        'event 1 boot.hwdom_setup -> hardware: w 0000:03:00.0 0x4 2 0x4',
        'event 2 physdev.pci_device_add d0 0000:03:00.0 flags=virtfn: -ENODEV',
        'event 3 cfg.read d0 0000:03:00.0 reg=0x4 size=0x2: 0x0006, accepted',
        '',
      ].join('\n'),
    );
  });

  test('states every fact on a line that says what it is about', () => {
    expect(body().slice(body().indexOf('[final state]'))).toBe(
      [
        '[final state]',
        'final p2m d0 gfn 0x00000fe000-0x00000fe003: mfn 0x00000fe000 mmio_direct rwx',
        'final domain d1: crashed',
        'final device 0000:03:00.0 owner: d0',
        'final device 0000:03:00.0 flags: none',
        'final device 0000:03:00.0 vpci: yes',
        'final device 0000:03:00.0 bars mapped: yes',
        'final device 0000:03:00.0 bar 0: mem32 0xfe000000 size 0x00004000 enabled',
        'final device 0000:03:00.0 bar 2: mem64lo 0x0000004000000000 size 0x0000000000010000 guest 0x00000000a0000000 prefetchable disabled',
        'final device 0000:03:00.0 rom: 0xfea00000 size 0x00010000 disabled',
        'final device 0000:03:00.0 rom enable bit: clear',
        'final device 0000:03:00.0 hardware command: 0x0006',
        'final device 0000:03:00.0 hardware bar 0: 0xfe000000',
        'final device 0000:03:00.0 hardware bar 2: 0x0000000c',
        'final device 0000:03:00.0 hardware bar 3: 0x00000040',
        'final device 0000:03:00.0 hardware rom: 0xfea00000',
        '',
      ].join('\n'),
    );
  });

  test('states MSI, MSI-X, pending ranges and links of VFs', () => {
    const full = device({
      virtfn: true,
      broken: true,
      pf: '0000:03:00.1',
      vfBarSizes: ['0x4000', '0x0'],
      vpci: vpci({
        bars: [
          {
            ...{ type: 'mem32', address: '0xfe000000', guestAddress: '0xfe000000', size: '0x2000' },
            ...{ prefetchable: false, enabled: true, pending: [['0xfe000', '0xfe001']], resizable: '0x7' },
          },
        ],
        msi: {
          ...{ enabled: true, vectors: 2, address: '0xfee00000', data: '0x4031', mask: '0x3' },
          ...{ address64: true, maskable: true },
        },
        msix: {
          ...{ enabled: true, masked: false, entries: 4, table: '0x2', pba: '0x802' },
          changed: [{ n: 3, address: '0xfee00000', data: '0x41', masked: false, updated: true, bound: true }],
        },
      }),
    });
    const text = renderBody([{ final: true, state: state({ '0000:03:00.0': full }) }], events, registry);
    for (const fact of [
      'flags: broken virtfn',
      'pf: 0000:03:00.1',
      'vf bar sizes: 0x00004000 0x00000000',
      'bar 0: mem32 0xfe000000 size 0x00002000 resizable 0x7 enabled',
      'bar 0 pending: gfn 0x00000fe000-0x00000fe001',
      'msi: enabled',
      'msi message: address 0x00000000fee00000 data 0x00004031',
      'msi mask: 0x00000003',
      'msix: enabled, not masked',
      'msix table: 0x00000002',
      'msix entry 3: address 0x00000000fee00000 data 0x00000041 not masked updated bound',
    ])
      expect(text).toContain(`final device 0000:03:00.0 ${fact}\n`);
  });

  test('states what it does not know in the same manner, members in order of their names', () => {
    const grants = { size: 512, freeRefs: [[8, 511]], entries: [{ ref: 8, domid: 2, gfn: '0x1' }], devices: [] };
    const text = renderBody([{ final: true, state: { domains: {}, devices: {}, grants } }], events, registry);
    expect(text).toBe(
      [
        '[final state]',
        'final grants devices: none',
        'final grants entries ref=8: domid=2 gfn=0x1',
        'final grants freeRefs: 8,511',
        'final grants size: 512',
        '',
      ].join('\n'),
    );
  });

  test('leaves out what only newer releases keep while it says nothing', () => {
    const textOf = (changes: Parameters<typeof device>[0]): string =>
      renderBody([{ final: true, state: state({ '0000:03:00.0': device(changes) }) }], [], registry);
    const { guestSbdf: _sbdf, guestCommand: _command, ...older } = vpci();
    expect(textOf({ vpci: older })).toBe(textOf({ extendedConfig: true }));
    expect(textOf({ extendedConfig: false })).toContain('extended config: out of reach\n');
    expect(textOf({ owner: 'd1', vpci: vpci() })).toContain('guest command: 0x0006\n');
    expect(textOf({ vpci: vpci({ guestSbdf: '0000:00:01.0' }) })).toContain('guest sbdf: 0000:00:01.0\n');
  });

  test('names the rule where Xen has no defined answer', () => {
    expect(renderBody([{ seq: 2, undefined: true, rule: 'some-rule' }], events, registry)).toBe(
      '[results]\nevent 2 physdev.pci_device_add d0 0000:03:00.0 flags=virtfn: undefined (some-rule)\n',
    );
  });

  test('does not depend on the order in which devices are given', () => {
    const [a, b] = [device(), device({ owner: 'xen' })];
    const one = renderBody([{ final: true, state: state({ '0000:03:00.0': a, '0000:04:00.0': b }) }], [], registry);
    const two = renderBody([{ final: true, state: state({ '0000:04:00.0': b, '0000:03:00.0': a }) }], [], registry);
    expect(one).toBe(two);
  });

  test('a device that Xen does not know is stated as such, a place without one is not', () => {
    const textOf = (unknown: DeviceJson): string =>
      renderBody([{ final: true, state: state({ '0000:03:00.0': unknown }) }], [], registry);
    const there = textOf({ known: false, readOnly: false, hardware: { command: '0x0', bars: [], rom: '0x0' } });
    expect(there).toContain('final device 0000:03:00.0 owner: not known to Xen\n');
    expect(textOf({ known: false, readOnly: true })).toContain('owner: not known to Xen, read-only\n');
    expect(textOf({ known: false, readOnly: false })).not.toContain('0000:03:00.0');
  });
});

describe('golden files', () => {
  test('split into head, release and body again', () => {
    const text = formatGolden({ header, body: body() });
    expect(text.startsWith('hvreplay golden 1\ntrace: sriov/vf.csv\ntrace sha256: aa11\n')).toBe(true);
    expect(splitGolden(text)).toEqual({ head: headOf(header), release: 'r2', body: body() });
  });

  test('have the same head under another release', () => {
    expect(headOf({ ...header, release: 'r3' })).toBe(headOf(header));
    expect(headOf({ ...header, traceDigest: 'cc33' })).not.toBe(headOf(header));
  });

  test('of another form are not taken apart', () => {
    expect(splitGolden('hvreplay golden 2\n\nbody')).toBeUndefined();
    expect(splitGolden('hvreplay golden 1\n')).toBeUndefined();
  });
});
