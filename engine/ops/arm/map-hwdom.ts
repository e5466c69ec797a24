// SPDX-License-Identifier: GPL-2.0-only
import { mapHwdom } from '../../arm/hwdom-mappings.ts';
import { armOperation } from './operation.ts';

/** Answers `handleDeviceRet` of the nodes and, if they all went well, `ret` of the bridges that Xen drives. */
export const mapHwdomOp = armOperation(
  {
    name: 'arm.map_hwdom',
    summary: "dom0 gets rights to and mappings of the host bridges' registers and windows",
    source: 'xen/arch/arm/device.c: handle_device; xen/arch/arm/pci/pci-host-common.c: pci_host_bridge_mappings',
    fields: {},
  },
  (arm) => {
    const { handleDeviceResult, result } = mapHwdom(arm);
    return { handleDeviceRet: handleDeviceResult, ...(result === undefined ? {} : { ret: result }) };
  },
);
