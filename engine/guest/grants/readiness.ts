// SPDX-License-Identifier: GPL-2.0-only
import { ERRNO } from '../../num/errno.ts';
import { applyRule } from '../../xen/trail.ts';
import type { VirtioDevice } from './device-tree.ts';
import type { GrantWorld } from './world.ts';

/**
 * Proposals for front ends whose backend comes up later than they do, from the discussion of virtio-pci in dom0less
 * systems (no code exists): nothing waits; the node stays disabled until an event; the root complex's driver waits for an
 * event and then probes all of its bus; the probe waits as for a link, with a limit; the device is plugged in when its
 * backend is up. The model tells which requests found nobody.
 */

/** Whether a device is probed later, when its backend, or any, is up. */
export const hasToWait = ({ behaviours, readiness }: GrantWorld, device: VirtioDevice, backend: number): boolean => {
  switch (behaviours.backendWait) {
    case 'not-asked':
    case 'none':
      return false;
    case 'root-complex':
      return device.bus === 'pci' && readiness.up.size === 0;
    case 'disabled-node':
    case 'link-wait':
    case 'hot-plug':
      return !readiness.up.has(backend);
  }
};

/** Remembers a request whose backend is not up. */
export const noteRequest = (
  { behaviours, readiness }: GrantWorld,
  op: string,
  device: string,
  backend: number,
): void => {
  if (behaviours.backendWait === 'not-asked' || readiness.up.has(backend)) return;
  readiness.unanswered.push({ op, device, backend });
};

/** Gives the device what a probe without obstacles gives it. A device that was probed before keeps what it has. */
export const setUpDevice = (world: GrantWorld, device: string, backend: number): number => {
  const data = world.probed.get(device) ?? { backend, broken: false };
  world.probed.set(device, data);
  return data.backend;
};

/** The backend comes up (its event arrives) or goes away; answers the probes that went on. */
export const setBackend = (world: GrantWorld, domid: number, isUp: boolean): Record<string, number> => {
  const { up, waiting } = world.readiness;
  const probed: Record<string, number> = {};
  if (!isUp) {
    up.delete(domid);
    return probed;
  }
  up.add(domid);
  const isForAll = world.behaviours.backendWait === 'root-complex';
  for (const [device, { backend }] of [...waiting]) {
    if (backend !== domid && !isForAll) continue;
    waiting.delete(device);
    setUpDevice(world, device, backend);
    probed[device] = 0;
  }
  return probed;
};

/** Time goes by; answers the probes that gave up, -ETIMEDOUT each. A disabled node waits without a limit. */
export const elapse = (world: GrantWorld, ms: number): Record<string, number> => {
  const probed: Record<string, number> = {};
  if (world.behaviours.backendWait !== 'link-wait') return probed;
  for (const [device, wait] of [...world.readiness.waiting]) {
    wait.waitedMs += ms;
    if (wait.waitedMs < world.config.linkWaitMs) continue;
    world.readiness.waiting.delete(device);
    applyRule(world, 'grants.wait-gave-up', { name: device });
    probed[device] = -ERRNO.ETIMEDOUT;
  }
  return probed;
};
