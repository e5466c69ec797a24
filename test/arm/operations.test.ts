// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { armOperations } from '../../engine/ops/arm/index.ts';
import { ARM_RELEASES } from '../../engine/semantics/arm.ts';
import { ECAM, worldWith } from './build.ts';

const operation = (name: string) => {
  const found = armOperations.find(({ declaration }) => declaration.name === name);
  if (found === undefined) throw new Error(`no operation ${name}`);
  return found;
};

describe('operations', () => {
  test('have names of their own in the group arm', () => {
    const names = armOperations.map(({ declaration }) => declaration.name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => !/^arm\.[a-z_]+$/.test(name))).toEqual([]);
  });

  test('answer nothing but the rule once Xen has crashed', () => {
    const world = worldWith([ECAM, { ...ECAM, path: '/other', pciDomain: 1 }]);
    expect(operation('arm.boot').run(world, {})).toMatchObject({
      undefined: true,
      rule: 'undefined.mixed-pci-domains',
    });
    expect(operation('arm.map_hwdom').run(world, {})).toEqual({ undefined: true, rule: 'undefined.mixed-pci-domains' });
  });

  test('an access by a domain that was not created is -ESRCH', () => {
    const args = { dom: 'd3', gpa: 0x10000000n, size: '4' };
    expect(operation('arm.mmio_read').run(worldWith([]), args)).toEqual({ ret: -3 });
  });

  test("the guest's device tree has its ECAM window and two memory windows", () => {
    expect(operation('arm.guest_tree').run(worldWith([]), {})).toMatchObject({
      node: {
        name: 'pcie@10000000',
        reg: ['0x10000000', '0x10000000'],
        ranges: [
          { flags: '0x02000000', cpu: '0x23000000', size: '0x10000000' },
          { flags: '0x43000000', cpu: '0x100000000', size: '0x100000000' },
        ],
      },
    });
  });

  test('a physdev operation is written by name or number', () => {
    const { command } = operation('arm.physdev_op').declaration.fields;
    expect([command?.parse('pci_device_add'), command?.parse('0x19'), command?.parse('nonsense')]).toEqual([
      25,
      25,
      undefined,
    ]);
    expect([command?.format(25), command?.format(99)]).toEqual(['pci_device_add', '0x63']);
  });
});

test('each change of a release changes something', () => {
  ARM_RELEASES.forEach(({ changes, behaviours }, i) => {
    const before = ARM_RELEASES[i - 1]?.behaviours;
    for (const { behaviour, to } of changes) {
      expect(before?.[behaviour]).not.toBe(to);
      expect(behaviours[behaviour]).toBe(to);
    }
  });
});
