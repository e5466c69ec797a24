// SPDX-License-Identifier: GPL-2.0-only
import { withBehaviours } from './history.ts';

/** Everything in which releases differ in their PCI code for Arm, as named choices. */
export interface ArmBehaviours {
  /** What turns the PCI subsystem and its physdev operations on. */
  readonly pciEnabledBy: 'pci-passthrough' | 'pci-passthrough-or-iommu';
  /** How segment 0 comes into being at boot; only the name of the step differs. */
  readonly firstSegment: 'pci_segments_init' | 'pci_add_segment';
  /** Some host bridges with `linux,pci-domain` and some without. */
  readonly mixedSegments: 'segment-ffff' | 'bug';
  /** R-Car Gen4 host bridges, with a root and a child config window. */
  readonly rcarGen4: 'no-driver' | 'driver';
  /** Where the range of frames ends that a BAR is checked with: at its last page's first or last byte. */
  readonly barCheckEnd: 'first-byte-of-last-page' | 'last-byte-of-last-page';
  /** Device tree ranges beyond the 64-bit address space. */
  readonly rangeBeyondAddressSpace: 'not-checked' | 'refused';
  /** The last page of a range that dom0 gets rights to. */
  readonly permittedEnd: 'one-page-too-many' | 'exact';
  /** Whose host bridges stay out of dom0's p2m while its device tree is handled. */
  readonly hostBridgeUnmapped: 'with-pci-passthrough' | 'with-vpci' | 'never';
  /** Accesses to unmapped addresses by a domain created without trap_unmapped_accesses. */
  readonly untrappedAccess: 'abort' | 'ones-and-ignored';
  /** PHYSDEVOP_pci_device_reset: there is none, it is always allowed, or it is gated like add and remove. */
  readonly deviceReset: 'unknown' | 'always' | 'gated';
  /** Who says which segment a host bridge is: Xen as it probes, or dom0 by PHYSDEVOP_pci_host_bridge_add. */
  readonly bridgeSegment: 'at-probe' | 'bound-by-dom0';
  /** Xen's config reads where no bridge answers. */
  readonly readWithoutBridge: 'zero' | 'all-ones';
  /** The page that devices write MSIs to, in the p2m of domains with a virtual ITS. */
  readonly itsPage: 'not-mapped' | 'mapped';
  /**
   * How a guest's BARs come into its p2m: vPCI; the toolstack's domctl; the guest's or pciback's hypercall, of which Xen
   * makes a mapping from virtual to physical BAR; the guest's XENMEM_add_to_physmap.
   */
  readonly guestBars: 'vpci' | 'toolstack' | 'guest' | 'pciback' | 'guest-places';
  /** Where virtual BARs are: vPCI's guest decides, at the host's address, in an area kept for them, or as Xen answers. */
  readonly virtualBars: 'vpci' | 'one-to-one' | 'in-areas' | 'xen-answers';
  /** Guest memory over the host's PCI windows: built as configured, or around them. */
  readonly guestMemory: 'as-configured' | 'around-host-windows';
}

export type ArmBehaviourName = keyof ArmBehaviours;

/** One difference between a release and the one before. */
export interface ArmChange {
  readonly behaviour: ArmBehaviourName;
  readonly to: ArmBehaviours[ArmBehaviourName];
  /** Abbreviated commit in Xen's repository. */
  readonly commit: string;
  readonly why: string;
}

export interface ArmRelease {
  readonly name: string;
  readonly changes: readonly ArmChange[];
  readonly behaviours: ArmBehaviours;
}

/** One change, its value checked against the behaviour. */
export const armChange = <B extends ArmBehaviourName>(
  behaviour: B,
  to: ArmBehaviours[B],
  commit: string,
  why: string,
): ArmChange => ({ behaviour, to, commit, why });

/** The oldest release, complete; all others are changes to the one before. */
const OLDEST: ArmBehaviours = {
  pciEnabledBy: 'pci-passthrough',
  firstSegment: 'pci_segments_init',
  mixedSegments: 'segment-ffff',
  rcarGen4: 'no-driver',
  barCheckEnd: 'first-byte-of-last-page',
  rangeBeyondAddressSpace: 'not-checked',
  permittedEnd: 'one-page-too-many',
  hostBridgeUnmapped: 'with-pci-passthrough',
  untrappedAccess: 'abort',
  deviceReset: 'unknown',
  bridgeSegment: 'at-probe',
  readWithoutBridge: 'zero',
  itsPage: 'not-mapped',
  guestBars: 'vpci',
  virtualBars: 'vpci',
  guestMemory: 'as-configured',
};

const DOM0_PCI = 'd5b6d4bc19';

const DELTAS: readonly (readonly [name: string, changes: readonly ArmChange[]])[] = [
  ['xen-4.17', []],
  [
    'xen-4.18',
    [
      armChange('mixedSegments', 'bug', 'cb781ae2c9', 'an unsigned segment number is never below 0'),
      armChange('barCheckEnd', 'last-byte-of-last-page', '11961f0a67', 'a BAR of one page was refused'),
      armChange('rangeBeyondAddressSpace', 'refused', '133f6df947', 'an address must not be cut silently'),
    ],
  ],
  ['xen-4.19', []],
  ['xen-4.20', [armChange('deviceReset', 'always', '9a2d7b5bb6', 'dom0 tells Xen that a device lost its state')]],
  [
    'xen-4.21',
    [
      armChange('permittedEnd', 'exact', '9568ceb287', 'the end of a range of rights is inclusive'),
      armChange('firstSegment', 'pci_add_segment', '12e872ae3e', 'callers add segment 0 themselves'),
      armChange('rcarGen4', 'driver', 'd3d36bb494', 'a host bridge whose config space lies in two windows'),
      armChange('untrappedAccess', 'ones-and-ignored', '980aff4e8f', 'some guests probe addresses without a device'),
      armChange('hostBridgeUnmapped', 'with-vpci', '2fae94269e', 'only what vPCI traps has to stay unmapped'),
      armChange(
        'pciEnabledBy',
        'pci-passthrough-or-iommu',
        DOM0_PCI,
        "dom0's devices behind an IOMMU have to be known",
      ),
      armChange('deviceReset', 'gated', DOM0_PCI, 'all device operations are gated alike'),
    ],
  ],
  ['xen-4.22', []],
  ['xen-unstable', []],
];

/** Oldest first. */
export const ARM_RELEASES: readonly ArmRelease[] = withBehaviours(
  OLDEST,
  DELTAS.map(([name, changes]) => ({ name, changes })),
);
