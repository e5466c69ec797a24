// SPDX-License-Identifier: GPL-2.0-only
import { boot } from './boot.ts';
import { checkBarOp } from './check-bar.ts';
import { confRead } from './conf-read.ts';
import { confWrite } from './conf-write.ts';
import { createDomainOp } from './create-domain.ts';
import { guestTree } from './guest-tree.ts';
import { mapHwdomOp } from './map-hwdom.ts';
import { mmioRead } from './mmio-read.ts';
import { mmioWrite } from './mmio-write.ts';
import type { ArmOperation } from './operation.ts';
import { option } from './option.ts';
import { physdevOpOp } from './physdev-op.ts';
import { writePciDomainsOp } from './write-pci-domains.ts';

const ALL = [
  option,
  boot,
  createDomainOp,
  mmioRead,
  mmioWrite,
  confRead,
  confWrite,
  checkBarOp,
  mapHwdomOp,
  writePciDomainsOp,
  physdevOpOp,
  guestTree,
] as const;

/** What they are declared as: names and fields for the type checker. */
export type ArmDeclaration = (typeof ALL)[number]['declaration'];

/** All operations on PCI on Arm. */
export const armOperations: readonly ArmOperation[] = ALL;
