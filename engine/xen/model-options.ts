// SPDX-License-Identifier: GPL-2.0-only

/** What tests and authored traces may inject (`model.option`). Failures are negated errno values, 0: none. */
export interface ModelOptions {
  /** Deferred work runs to its end after each row, for the vCPU of that row. */
  autorun: boolean;
  /** A preemption is pending at each check. */
  preempt: boolean;
  /** iommu_quarantine: deassigned devices go to DomIO first. */
  quarantine: boolean;
  /** The IOMMU is enabled for domains. */
  iommu: boolean;
  /** `dom0=pf-fixup`: what hwdom accesses and nothing answers is mapped one to one. */
  pageFaultFixup: boolean;
  /** IOMMU set-up of hwdom's devices. */
  failSetup: number;
  failAdd: number;
  failRemove: number;
  failAssign: number;
}
