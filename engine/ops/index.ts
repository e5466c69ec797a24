// SPDX-License-Identifier: GPL-2.0-only

import type { Registry } from '../trace/operation.ts';
import { type ArmDeclaration, armOperations } from './arm/index.ts';
import { bootHide } from './boot/hide.ts';
import { bootHwdomSetup } from './boot/hwdom-setup.ts';
import { bootParam } from './boot/param.ts';
import { bootRo } from './boot/ro.ts';
import { bootScan } from './boot/scan.ts';
import { cfgRead } from './cfg/read.ts';
import { cfgWrite } from './cfg/write.ts';
import { deviceInterrupt } from './device/interrupt.ts';
import { deviceWrite } from './device/write.ts';
import { domctlAssignDevice } from './domctl/assign-device.ts';
import { domctlCreatedomain } from './domctl/createdomain.ts';
import { domctlDeassignDevice } from './domctl/deassign-device.ts';
import { domctlDestroydomain } from './domctl/destroydomain.ts';
import { domctlIomemPermission } from './domctl/iomem-permission.ts';
import { domctlMemoryMapping } from './domctl/memory-mapping.ts';
import { domctlReleaseDevices } from './domctl/release-devices.ts';
import { domctlTestAssignDevice } from './domctl/test-assign-device.ts';
import { ecamRead } from './ecam/read.ts';
import { ecamWrite } from './ecam/write.ts';
import { expectHwWrite } from './expect/hw-write.ts';
import { expectMap } from './expect/map.ts';
import { expectUnmap } from './expect/unmap.ts';
import { onArm, onGrants } from './extensions.ts';
import { grantTableGetVersion } from './grants/get-version.ts';
import { type GrantDeclaration, grantOperations } from './grants/index.ts';
import { grantTableQuerySize } from './grants/query-size.ts';
import { grantTableSetVersion } from './grants/set-version.ts';
import { grantTableSetupTable } from './grants/setup-table.ts';
import { hwEcam } from './hw/ecam.ts';
import { hwGet } from './hw/get.ts';
import { hwPlug } from './hw/plug.ts';
import { hwSet } from './hw/set.ts';
import { hwUnplug } from './hw/unplug.ts';
import { ioRead } from './io/read.ts';
import { ioWrite } from './io/write.ts';
import { iomemDeny } from './iomem/deny.ts';
import { iomemPermit } from './iomem/permit.ts';
import { itsCommand } from './its/command.ts';
import { itsFind } from './its/find.ts';
import { itsInit } from './its/init.ts';
import { memoryAddToPhysmap } from './memory/add-to-physmap.ts';
import { memoryAddToPhysmapBatch } from './memory/add-to-physmap-batch.ts';
import { memoryRemoveFromPhysmap } from './memory/remove-from-physmap.ts';
import { mmioRead } from './mmio/read.ts';
import { mmioWrite } from './mmio/write.ts';
import { checkpoint } from './model/checkpoint.ts';
import { note } from './model/note.ts';
import { modelOption } from './model/option.ts';
import type { Operation } from './operation.ts';
import { p2mSet } from './p2m/set.ts';
import { pcibackAttach } from './pciback/attach.ts';
import { pcibackRead } from './pciback/read.ts';
import { pcibackWrite } from './pciback/write.ts';
import { physdevDbgpOp } from './physdev/dbgp-op.ts';
import { physdevManagePciAdd } from './physdev/manage-pci-add.ts';
import { physdevManagePciAddExt } from './physdev/manage-pci-add-ext.ts';
import { physdevManagePciRemove } from './physdev/manage-pci-remove.ts';
import { physdevMapMmio } from './physdev/map-mmio.ts';
import { physdevMapSbdf } from './physdev/map-sbdf.ts';
import { physdevPciDeviceAdd } from './physdev/pci-device-add.ts';
import { physdevPciDeviceRemove } from './physdev/pci-device-remove.ts';
import { physdevPciDeviceReset } from './physdev/pci-device-reset.ts';
import { physdevPciHostBridgeAdd } from './physdev/pci-host-bridge-add.ts';
import { physdevPciMmcfgReserved } from './physdev/pci-mmcfg-reserved.ts';
import { physdevPrepareMsix } from './physdev/prepare-msix.ts';
import { physdevReleaseMsix } from './physdev/release-msix.ts';
import { physdevRestoreMsi } from './physdev/restore-msi.ts';
import { physdevRestoreMsiExt } from './physdev/restore-msi-ext.ts';
import { physdevUnmapMmio } from './physdev/unmap-mmio.ts';
import { toolstackAttach } from './toolstack/attach.ts';
import { toolstackBuild } from './toolstack/build.ts';
import { vcpuResume } from './vcpu/resume.ts';

const OWN = [
  bootHide,
  bootHwdomSetup,
  bootParam,
  bootRo,
  bootScan,
  iomemDeny,
  iomemPermit,
  p2mSet,
  cfgRead,
  cfgWrite,
  ecamRead,
  ecamWrite,
  ioRead,
  ioWrite,
  mmioRead,
  mmioWrite,
  vcpuResume,
  physdevDbgpOp,
  physdevManagePciAdd,
  physdevManagePciAddExt,
  physdevManagePciRemove,
  physdevPrepareMsix,
  physdevReleaseMsix,
  physdevRestoreMsi,
  physdevRestoreMsiExt,
  physdevPciDeviceAdd,
  physdevPciDeviceRemove,
  physdevPciDeviceReset,
  physdevPciMmcfgReserved,
  physdevPciHostBridgeAdd,
  physdevMapMmio,
  physdevUnmapMmio,
  physdevMapSbdf,
  domctlAssignDevice,
  domctlCreatedomain,
  domctlDeassignDevice,
  domctlDestroydomain,
  domctlIomemPermission,
  domctlMemoryMapping,
  domctlReleaseDevices,
  domctlTestAssignDevice,
  memoryAddToPhysmap,
  memoryAddToPhysmapBatch,
  memoryRemoveFromPhysmap,
  grantTableSetupTable,
  grantTableQuerySize,
  grantTableSetVersion,
  grantTableGetVersion,
  toolstackBuild,
  toolstackAttach,
  pcibackAttach,
  pcibackRead,
  pcibackWrite,
  itsInit,
  itsFind,
  itsCommand,
  deviceInterrupt,
  deviceWrite,
  hwEcam,
  hwGet,
  hwPlug,
  hwSet,
  hwUnplug,
  expectHwWrite,
  expectMap,
  expectUnmap,
  checkpoint,
  note,
  modelOption,
] as const;

type Declared = (typeof OWN)[number] | GrantDeclaration | ArmDeclaration;

/** The fields of every operation by its name: what a program that writes traces is type-checked against. */
export type OperationFields = { readonly [D in Declared as D['name']]: D['fields'] };

const ALL: readonly Operation[] = [...OWN, ...grantOperations.map(onGrants), ...armOperations.map(onArm)];

/** The dispatch table: every operation by its name. */
export const OPERATIONS: ReadonlyMap<string, Operation> & Registry = new Map(ALL.map((op) => [op.name, op]));
