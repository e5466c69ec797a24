// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { armMachineSchema, parseArmMachine } from '../../engine/arm/schema.ts';
import { machine, RCAR } from './build.ts';

describe('the arm key of a machine file', () => {
  test('an empty one is Xen as shipped: no vPCI, no pci-passthrough, an IOMMU, a device tree', () => {
    expect(machine({})).toMatchObject({
      options: { hasVpci: false, pciPassthrough: false, iommu: true, acpi: false },
      ...{ hostBridges: [], its: [] },
      guest: { its: undefined, areas: { low: { address: 0x23000000n }, high: { address: 0x100000000n } } },
    });
  });

  test('path and name of a node come from its first register', () => {
    const [node] = machine({ hostBridges: [RCAR] }).hostBridges;
    expect(node).toMatchObject({ path: '/pcie@e65d0000', name: 'pcie', deviceType: 'pci', busRange: [0, 255] });
  });

  test('64-bit addresses are exact as text', () => {
    const ranges = [{ flags: 0x43000000, cpu: '0xfffffffffffff001', size: '0xfff' }];
    const [node] = machine({ hostBridges: [{ ranges }] }).hostBridges;
    expect(node?.ranges).toEqual([
      { flags: 0x43000000, pci: 0xfffffffffffff001n, cpu: 0xfffffffffffff001n, size: 0xfffn },
    ]);
  });

  test('a missing ranges property is not an empty one', () => {
    const { hostBridges } = machine({ hostBridges: [{ path: '/a' }, { path: '/b', ranges: [] }] });
    expect(hostBridges.map(({ ranges }) => ranges)).toEqual([undefined, []]);
  });

  test('all faults are listed, each with its key', () => {
    const parsed = parseArmMachine({
      optoins: {},
      hostBridges: [{ regs: [{ address: -1, size: '12' }], busRange: '0..3' }],
    });
    expect(parsed.ok).toBe(false);
    const text = parsed.ok ? '' : parsed.problems.map(({ message }) => message).join('\n');
    for (const part of ['optoins', 'arm.hostBridges.0.regs.0.address', 'regs.0.size', 'busRange'])
      expect(text).toContain(part);
  });

  test('a number that a YAML reader has rounded is refused', () => {
    expect(parseArmMachine({ hostBridges: [{ regs: [{ address: 2 ** 60, size: 1 }] }] }).ok).toBe(false);
  });

  test('can be published as JSON Schema', () => {
    expect(z.toJSONSchema(armMachineSchema, { io: 'input' })).toHaveProperty('properties.hostBridges');
  });
});
