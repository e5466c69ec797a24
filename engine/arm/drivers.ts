// SPDX-License-Identifier: GPL-2.0-only
import type { ArmBehaviours } from '../semantics/arm.ts';
import type { HostBridgeNode } from './description.ts';
import { isSameName } from './device-tree.ts';

/** A host bridge driver of Xen: which `reg` entry is which config window. */
export interface HostBridgeDriver {
  readonly compatible: readonly string[];
  /** Name of the config window in `reg-names`; undefined: the first entry. */
  readonly rootReg: string | undefined;
  /** Name of a second window, for all buses but the root bus. */
  readonly childReg: string | undefined;
  /** Whether accesses to the child window need a DesignWare address translation unit to be programmed. */
  readonly designware: boolean;
}

const ECAM: readonly HostBridgeDriver[] = [
  // xen/arch/arm/pci/pci-host-generic.c
  { compatible: ['pci-host-ecam-generic'], rootReg: undefined, childReg: undefined, designware: false },
  // xen/arch/arm/pci/pci-host-zynqmp.c
  { compatible: ['xlnx,nwl-pcie-2.11'], rootReg: 'cfg', childReg: undefined, designware: false },
];

/** xen/arch/arm/pci/pci-host-rcar4.c */
const RCAR_GEN4: HostBridgeDriver = {
  compatible: ['renesas,r8a779f0-pcie', 'renesas,r8a779g0-pcie'],
  rootReg: 'dbi',
  childReg: 'config',
  designware: true,
};

/** The driver for a node; undefined: Xen has none (xen/arch/arm/device.c, device_get_class). */
export const driverOf = (node: HostBridgeNode, behaviours: ArmBehaviours): HostBridgeDriver | undefined => {
  const drivers = behaviours.rcarGen4 === 'driver' ? [...ECAM, RCAR_GEN4] : ECAM;
  return drivers.find(({ compatible }) => compatible.some((name) => isSameName(name, node.compatible)));
};
