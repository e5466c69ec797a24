// SPDX-License-Identifier: GPL-2.0-only
import { and } from '../../num/bits.ts';
import { ERRNO } from '../../num/errno.ts';
import { applyRule } from '../../xen/trail.ts';
import { isCompatible, type MasterNode, type VirtioDevice } from './device-tree.ts';
import { firstIommu, mapId, type Translation } from './iommu-map.ts';
import type { GrantWorld } from './world.ts';

/** Proposal: an access to the root complex's register, all ones where it has no answer. */
export interface RegisterAccess {
  readonly wrote: number;
  readonly read: number;
}

/** Who serves a device, or why nobody does through grants. */
export type BackendLookUp = { readonly register?: RegisterAccess } & (
  | { readonly ok: true; readonly domid: number }
  | { readonly ok: false; readonly errno: number }
);

const ALL_ONES = 0xffffffff;

const COMPATIBLE = 'xen,grant-dma';

const noBackend = (errno: number): BackendLookUp => ({ ok: false, errno: -errno });

/** A translation has to lead to a node for grants with one cell, the domain id (cut to 16 bits). */
const fromTranslation = (world: GrantWorld, name: string, translation: Translation): BackendLookUp => {
  if (translation.ok) {
    const { node, args } = translation.specifier;
    const [domid] = args;
    if (isCompatible(node, COMPATIBLE) && args.length === 1 && domid !== undefined)
      return { ok: true, domid: and(domid, 0xffff) };
  }
  applyRule(world, 'grants.node-is-no-backend', { name });
  return noBackend(ERRNO.ESRCH);
};

/** The node that says who the backend is: for PCI always the host bridge's (Linux, xen_dt_get_node). */
const describingNode = (device: VirtioDevice): MasterNode | undefined =>
  device.bus === 'pci' ? device.host.node : device.node;

const forcedBackend = (world: GrantWorld, name: string): BackendLookUp => {
  const { forceGrant, pv, dom0 } = world.config;
  if (dom0 || !(forceGrant || pv)) {
    applyRule(world, 'grants.no-node', { name });
    return noBackend(ERRNO.ENODEV);
  }
  applyRule(world, 'grants.backend-forced', { name });
  return { ok: true, domid: world.behaviours.forcedBackend === 'dom0' ? 0 : world.config.forcedBackend };
};

/** Proposal: the guest writes the requester id to a register of the root complex and reads the backend back. */
const readRegister = (backends: ReadonlyMap<number, number>, rid: number): BackendLookUp => {
  const domid = backends.get(rid);
  const register = { wrote: rid, read: domid ?? ALL_ONES };
  return domid === undefined ? { ...noBackend(ERRNO.ESRCH), register } : { ok: true, domid, register };
};

/**
 * Linux drivers/xen/grant-dma-ops.c, xen_grant_init_backend_domid. Errors: -ESRCH a node that does not lead to a
 * backend, -ENODEV no node and grants not forced.
 */
export const findBackend = (world: GrantWorld, name: string, device: VirtioDevice): BackendLookUp => {
  const { pciBackend } = world.behaviours;
  if (device.bus === 'pci' && pciBackend === 'root-complex-register' && device.host.backends !== undefined) {
    applyRule(world, 'grants.backend-from-register', { name });
    return readRegister(device.host.backends, device.rid);
  }
  if (device.bus === 'pci' && pciBackend === 'device-register' && device.backendRegister !== undefined) {
    applyRule(world, 'grants.backend-from-device', { name });
    return { ok: true, domid: device.backendRegister };
  }
  const node = describingNode(device);
  if (node === undefined) return forcedBackend(world, name);
  if (device.bus === 'platform' || pciBackend === 'bridge-iommus')
    return fromTranslation(world, name, firstIommu(world.tree, node));
  return fromTranslation(world, name, mapId(world.tree, node, device.rid, world.behaviours));
};
