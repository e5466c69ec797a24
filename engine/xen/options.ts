// SPDX-License-Identifier: GPL-2.0-only
import type { World } from './state.ts';

export type ModelOptionName =
  | 'autorun'
  | 'preempt'
  | 'quarantine'
  | 'iommu'
  | 'domu_vpci'
  | 'fail_setup'
  | 'fail_add'
  | 'fail_remove'
  | 'fail_assign';

/** Sets what a trace injects; switches are on for any value but 0, failures are negated errno values. */
export const setModelOption = (world: World, name: ModelOptionName, value: number): void => {
  const { options } = world;
  const isOn = value !== 0;
  switch (name) {
    case 'autorun':
      options.autorun = isOn;
      return;
    case 'preempt':
      options.preempt = isOn;
      return;
    case 'quarantine':
      options.quarantine = isOn;
      return;
    case 'iommu':
      options.iommu = isOn;
      return;
    case 'domu_vpci':
      for (const domain of world.domains.values()) if (!domain.isHwdom) domain.hasVpci = isOn;
      return;
    case 'fail_setup':
      options.failSetup = value;
      return;
    case 'fail_add':
      options.failAdd = value;
      return;
    case 'fail_remove':
      options.failRemove = value;
      return;
    case 'fail_assign':
      options.failAssign = value;
  }
};
