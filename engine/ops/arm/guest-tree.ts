// SPDX-License-Identifier: GPL-2.0-only
import { GUEST_HOST_BRIDGE } from '../../arm/guest-layout.ts';
import { hex, hexPadded } from '../../num/u64.ts';
import { armOperation } from './operation.ts';

/** Answers `node`: the properties by their names. */
export const guestTree = armOperation(
  {
    name: 'arm.guest_tree',
    summary: "the host bridge in a guest's device tree",
    source: 'tools/libs/light/libxl_arm.c: make_vpci_node; xen/include/public/arch-arm.h',
    fields: {},
  },
  () => {
    const { name, compatible, deviceType, reg, busRange, addressCells, sizeCells, status, ranges } = GUEST_HOST_BRIDGE;
    return {
      node: {
        name,
        compatible,
        device_type: deviceType,
        reg: [hex(reg.address), hex(reg.size)],
        'bus-range': busRange,
        '#address-cells': addressCells,
        '#size-cells': sizeCells,
        status,
        ranges: ranges.map(({ flags, address, size }) => ({
          flags: hexPadded(flags, 8),
          pci: hex(address),
          cpu: hex(address),
          size: hex(size),
        })),
      },
    };
  },
);
