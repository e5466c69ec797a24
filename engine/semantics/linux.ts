// SPDX-License-Identifier: GPL-2.0-only
import type { GrantBehaviourName, GrantBehaviours } from './grant-behaviours.ts';
import { withBehaviours } from './history.ts';
import { GRANTS_SEED } from './seeds.ts';

/** One difference between a guest and the one before. */
export interface GrantChange {
  readonly behaviour: GrantBehaviourName;
  readonly to: GrantBehaviours[GrantBehaviourName];
  /** The patch in Linux, by its title. */
  readonly source: string;
  readonly why: string;
}

const change = <B extends GrantBehaviourName>(
  behaviour: B,
  to: GrantBehaviours[B],
  source: string,
  why: string,
): GrantChange => ({ behaviour, to, source, why });

export interface LinuxRelease {
  readonly name: string;
  /** The tree that the answers were compared with. */
  readonly tree: string;
  readonly changes: readonly GrantChange[];
  readonly behaviours: GrantBehaviours;
}

/** The oldest guest, complete; all others are changes to the one before. */
const OLDEST: GrantBehaviours = {
  iommuMapEntries: 'four-cells',
  iommuMapRange: 'end-wraps',
  mmioMapping: 'granted',
  pciBackend: 'iommu-map',
  forcedBackend: 'dom0',
  backendWait: 'not-asked',
};

const CELLS_IN_MAPS = 'of: Respect #{iommu,msi}-cells in maps';

const MAP_PHYS = 'xen: swiotlb: Convert mapping routine to rely on physical address';

const DELTAS: readonly (readonly [name: string, tree: string, changes: readonly GrantChange[]])[] = [
  ['linux-6.12', '6.12.117', []],
  [
    'linux-7.2',
    '6.12.117 with grant-dma-ops.c of mid 2026 and the of_map_id rework',
    [
      change('iommuMapEntries', 'sized-by-target', CELLS_IN_MAPS, 'specifiers may have none or several cells'),
      change('iommuMapRange', 'offset-compared', CELLS_IN_MAPS, 'the end of a long range does not fit 32 bits'),
      change('mmioMapping', 'refused', MAP_PHYS, 'no page, nothing to grant'),
    ],
  ],
];

/** The guests whose grant code is modelled, oldest first. They run on the newest Xen. */
export const LINUX_RELEASES: readonly LinuxRelease[] = withBehaviours(
  OLDEST,
  DELTAS.map(([name, tree, changes]) => ({ name, tree, changes })),
);

/** A variant that was proposed, as changes to any guest. */
export interface GrantProposal {
  readonly name: string;
  /** Where it was proposed. */
  readonly origin: string;
  /** No code was ever posted: modelled from what was said. */
  readonly fromText: boolean;
  readonly changes: readonly GrantChange[];
}

const THREAD = 'xen-devel, October 2022: xen/virtio: Handle PCI devices which Host controller is described in DT';
const PATCH = 'as posted';

const proposal = (name: string, ...changes: readonly GrantChange[]): GrantProposal => {
  const fromText = changes.some(({ source }) => source === THREAD);
  return {
    name,
    origin: fromText ? `discussed, no code; ${GRANTS_SEED}` : `the patch; ${GRANTS_SEED}`,
    fromText,
    changes,
  };
};

const noWait = change('backendWait', 'none', THREAD, 'requests that find no backend are to be seen');

/** What was proposed for virtio-pci with grants, and for backends that come up after their front ends. */
export const GRANT_PROPOSALS: readonly GrantProposal[] = [
  proposal(
    'virtio-bridge-iommus',
    change('pciBackend', 'bridge-iommus', PATCH, 'one backend for all devices below a host bridge'),
  ),
  proposal(
    'virtio-root-complex-register',
    change(
      'pciBackend',
      'root-complex-register',
      THREAD,
      'devices that firmware tables do not know have a backend too',
    ),
  ),
  proposal(
    'virtio-device-register',
    change('pciBackend', 'device-register', THREAD, 'each emulated device tells who its backend is'),
  ),
  proposal('virtio-wait-none', noWait),
  proposal(
    'virtio-wait-disabled-node',
    change('backendWait', 'disabled-node', THREAD, 'the node is enabled by the event that the backend is up'),
  ),
  proposal(
    'virtio-wait-root-complex',
    change('backendWait', 'root-complex', THREAD, 'its driver goes on with the bus when Xen signals'),
  ),
  proposal(
    'virtio-wait-hot-plug',
    change('backendWait', 'hot-plug', THREAD, 'the toolstack plugs the device in when the backend is up'),
  ),
  proposal(
    'virtio-wait-link',
    change('backendWait', 'link-wait', THREAD, 'the front end waits as for a link, with a limit'),
  ),
  proposal(
    'virtio-forced-backend',
    change('forcedBackend', 'configured', THREAD, 'the backend domain has a reserved id, without device tree'),
    noWait,
  ),
];
