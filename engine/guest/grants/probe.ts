// SPDX-License-Identifier: GPL-2.0-only
import { ERRNO } from '../../num/errno.ts';
import { applyRule } from '../../xen/trail.ts';
import { findBackend, type RegisterAccess } from './backend.ts';
import type { VirtioDevice } from './device-tree.ts';
import { hasToWait, setUpDevice } from './readiness.ts';
import type { GrantWorld } from './world.ts';

export type ProbeResult = { readonly register?: RegisterAccess } & (
  | { readonly kind: 'grant'; readonly backend: number }
  | { readonly kind: 'platform'; readonly errno: number }
  | { readonly kind: 'deferred' }
);

/**
 * A virtio device finds its DMA operations (Linux drivers/xen/grant-dma-ops.c, xen_virtio_restricted_mem_acc). What an
 * earlier probe stored stays, with its broken mark.
 */
export const probeDevice = (world: GrantWorld, name: string, device: VirtioDevice): ProbeResult => {
  const found = findBackend(world, name, device);
  if (!world.probed.has(name)) world.probed.set(name, undefined);
  const seen = found.register === undefined ? {} : { register: found.register };
  if (!found.ok) return { kind: 'platform', errno: found.errno, ...seen };
  if (world.probed.get(name) === undefined && hasToWait(world, device, found.domid)) {
    const isAbsent = world.behaviours.backendWait === 'hot-plug';
    applyRule(world, isAbsent ? 'grants.not-plugged-in' : 'grants.waits-for-backend', { name });
    const waitedMs = world.readiness.waiting.get(name)?.waitedMs ?? 0;
    world.readiness.waiting.set(name, { backend: found.domid, waitedMs });
    return isAbsent ? { kind: 'platform', errno: -ERRNO.ENODEV, ...seen } : { kind: 'deferred', ...seen };
  }
  return { kind: 'grant', backend: setUpDevice(world, name, found.domid), ...seen };
};
