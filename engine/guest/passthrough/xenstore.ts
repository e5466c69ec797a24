// SPDX-License-Identifier: GPL-2.0-only
import { formatSbdf, parseSbdf, type Sbdf } from '../../num/sbdf.ts';
import { hex } from '../../num/u64.ts';
import { applyRule } from '../../xen/trail.ts';
import type { PassedDevice, PassthroughWorld } from './world.ts';

/** pciback's directory for a guest (tools/libs/light/libxl_pci.c, libxl_create_pci_backend). */
const directoryOf = (domain: string): string => `/local/domain/0/backend/pci/${domain.slice(1)}/0`;

const devicesIn = ({ xenstore }: PassthroughWorld, domain: string): number =>
  Number(xenstore.get(`${directoryOf(domain)}/num_devs`) ?? 0);

/**
 * The nodes of a device: `dev-N` and `vdev-N` as today and, where virtual BARs are announced, `bar-N-M` with address and
 * size. The discussion asks for such nodes and does not name them.
 */
export const writeNodes = (world: PassthroughWorld, device: PassedDevice, announcesBars: boolean): void => {
  const directory = directoryOf(device.domain);
  const number = devicesIn(world, device.domain);
  world.xenstore.set(`${directory}/num_devs`, String(number + 1));
  world.xenstore.set(`${directory}/dev-${number}`, formatSbdf(device.host));
  world.xenstore.set(`${directory}/vdev-${number}`, formatSbdf(device.guest));
  if (!announcesBars) return;
  applyRule(world, 'toolstack.nodes-written', { sbdf: device.host, domain: device.domain });
  for (const { index, virtual, sizeBytes } of device.bars)
    if (virtual !== undefined)
      world.xenstore.set(`${directory}/bar-${number}-${index}`, `${hex(virtual)} ${hex(sizeBytes)}`);
};

/** A device as its directory describes it. */
export interface DeviceNodes {
  readonly guest: Sbdf;
  /** Virtual BARs that are announced, by number. */
  readonly bars: ReadonlyMap<number, bigint>;
}

const MAX_BARS = 6;

/** undefined: the toolstack has not given the device to that guest. */
export const readNodes = (world: PassthroughWorld, domain: string, host: Sbdf): DeviceNodes | undefined => {
  const directory = directoryOf(domain);
  const name = formatSbdf(host);
  for (let number = 0; number < devicesIn(world, domain); number++) {
    if (world.xenstore.get(`${directory}/dev-${number}`) !== name) continue;
    const bars = new Map<number, bigint>();
    for (let index = 0; index < MAX_BARS; index++) {
      const [address] = world.xenstore.get(`${directory}/bar-${number}-${index}`)?.split(' ') ?? [];
      if (address !== undefined) bars.set(index, BigInt(address));
    }
    const guest = parseSbdf(world.xenstore.get(`${directory}/vdev-${number}`) ?? '');
    return guest === undefined ? undefined : { guest, bars };
  }
  return undefined;
};
