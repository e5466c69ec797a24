// SPDX-License-Identifier: GPL-2.0-only
import { type AccessLog, Hardware } from '../machine/hardware.ts';
import type { PlainMachine } from '../machine/plain.ts';
import { MAX_FRAME } from '../num/frames.ts';
import { SbdfMap } from '../num/sbdf-map.ts';
import type { Behaviours } from '../semantics/behaviours.ts';
import { BarIndex } from './bar-index.ts';
import { P2m } from './p2m.ts';
import { RangeSet } from './range-set.ts';
import type { Domain, Trail, World } from './state.ts';

const HWDOM = 'd0';
/** Guests that exist from the start: HVM, with vPCI in builds that have it for guests. */
const GUESTS = ['d1', 'd2', 'd3'] as const;

const makeDomain = (name: string, hasVpci: boolean, behaviours: Behaviours): Domain => ({
  name,
  isHwdom: name === HWDOM,
  hasVpci,
  p2m: new P2m(),
  iomem: new RangeSet(behaviours.rangeSetRemoval),
  devices: [],
  virtualSlots: new Set(),
  msixTables: [],
  ecamRegions: [],
  trapsMsixFirst: false,
  cf8: 0,
  vcpus: new Map(),
  crashed: false,
  dying: 'no',
  listHasFreed: false,
});

/** Another guest, as the toolstack makes them. */
export const addGuest = (world: World, name: string): void => {
  const hasVpci = world.guestVpciBuild && world.behaviours.guestVpci !== 'none';
  world.domains.set(name, makeDomain(name, hasVpci, world.behaviours));
};

export interface WorldSetup {
  readonly machine: PlainMachine;
  readonly behaviours: Behaviours;
  readonly logging: AccessLog;
  readonly trail: Trail | undefined;
}

/** Xen just before it looks for PCI devices: hwdom with all iomem rights, guests with none, nothing mapped. */
export const createWorld = ({ machine, behaviours, logging, trail }: WorldSetup): World => {
  const guestVpciBuild = machine.arch === 'x86-guest-vpci' || machine.arch === 'x86-guest-vpci-io';
  // On Arm has_vpci is constant false, and PCI is in a world of its own.
  const hwdom = makeDomain(HWDOM, machine.arch !== 'arm', behaviours);
  hwdom.iomem.add(0, MAX_FRAME);
  const guestsHaveVpci = guestVpciBuild && behaviours.guestVpci !== 'none';
  const guests = GUESTS.map((name) => makeDomain(name, guestsHaveVpci, behaviours));
  return {
    hw: new Hardware(machine, logging),
    behaviours,
    trail,
    guestVpciBuild,
    hideGuestIoBars: machine.arch === 'x86-guest-vpci-io',
    domains: new Map([hwdom, ...guests].map((domain) => [domain.name, domain])),
    hwdom,
    domXen: makeDomain('xen', false, behaviours),
    domIo: makeDomain('io', false, behaviours),
    devices: new SbdfMap(),
    segments: new Set([0, ...machine.ecam.map((window) => window.segment)]),
    mentioned: new Set(),
    readOnly: new Set(),
    enabledBars: new BarIndex(),
    options: {
      autorun: true,
      preempt: false,
      quarantine: true,
      iommu: true,
      pageFaultFixup: false,
      failSetup: 0,
      failAdd: 0,
      failRemove: 0,
      failAssign: 0,
    },
    phantoms: [],
    commandMask: 0,
    bridgeControlMask: 0,
    pciQuirks: true,
    hasScanned: false,
    isActive: false,
    current: { domain: hwdom, vcpu: 0 },
    undefinedRule: undefined,
  };
};
