// SPDX-License-Identifier: GPL-2.0-only

/** Everything in which guests differ when they map memory for a virtio backend through grants, as named choices. */
export interface GrantBehaviours {
  /**
   * How of_map_id() walks an `iommu-map`: entries of four cells whatever the target says, checked as a whole and
   * looked up only on a match; or entries as long as the target's `#iommu-cells` says, looked up and checked one by one.
   */
  readonly iommuMapEntries: 'four-cells' | 'sized-by-target';
  /** Whether an entry covers ids below base + length, a sum that wraps at 32 bits, or ids less than length above base. */
  readonly iommuMapRange: 'end-wraps' | 'offset-compared';
  /** Mapping what DMA_ATTR_MMIO calls no memory. */
  readonly mmioMapping: 'granted' | 'refused';
  /**
   * Where the backend of a PCI device is found: the host bridge's `iommu-map`; its `iommus`, one for all devices below;
   * or the register of a root complex, or of the device itself, where there is one, else the map.
   */
  readonly pciBackend: 'iommu-map' | 'bridge-iommus' | 'root-complex-register' | 'device-register';
  /** Who the backend is when no node describes the device and grants are forced. */
  readonly forcedBackend: 'dom0' | 'configured';
  /**
   * What a front end does until its backend is up: nothing (and the model does not ask), nothing while the model
   * lists the requests that find nobody, its node stays disabled until an event, the root complex's driver waits for the
   * first event of all, it waits for a link with a limit, or it is plugged in once the backend is up.
   */
  readonly backendWait: 'not-asked' | 'none' | 'disabled-node' | 'root-complex' | 'link-wait' | 'hot-plug';
}

export type GrantBehaviourName = keyof GrantBehaviours;
