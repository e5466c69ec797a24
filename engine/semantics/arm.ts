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
  readonly hostBridgeUnmapped: 'with-pci-passthrough' | 'with-vpci';
  /** Accesses to unmapped addresses by a domain created without trap_unmapped_accesses. */
  readonly untrappedAccess: 'abort' | 'ones-and-ignored';
  /** PHYSDEVOP_pci_device_reset: there is none, it is always allowed, or it is gated like add and remove. */
  readonly deviceReset: 'unknown' | 'always' | 'gated';
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

const change = <B extends ArmBehaviourName>(
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
};

const DOM0_PCI = 'd5b6d4bc19';

const DELTAS: readonly (readonly [name: string, changes: readonly ArmChange[]])[] = [
  ['xen-4.17', []],
  [
    'xen-4.18',
    [
      change('mixedSegments', 'bug', 'cb781ae2c9', 'an unsigned segment number is never below 0'),
      change('barCheckEnd', 'last-byte-of-last-page', '11961f0a67', 'a BAR of one page was refused'),
      change('rangeBeyondAddressSpace', 'refused', '133f6df947', 'an address must not be cut silently'),
    ],
  ],
  ['xen-4.19', []],
  ['xen-4.20', [change('deviceReset', 'always', '9a2d7b5bb6', 'dom0 tells Xen that a device lost its state')]],
  [
    'xen-4.21',
    [
      change('permittedEnd', 'exact', '9568ceb287', 'the end of a range of rights is inclusive'),
      change('firstSegment', 'pci_add_segment', '12e872ae3e', 'callers add segment 0 themselves'),
      change('rcarGen4', 'driver', 'd3d36bb494', 'a host bridge whose config space lies in two windows'),
      change('untrappedAccess', 'ones-and-ignored', '980aff4e8f', 'some guests probe addresses without a device'),
      change('hostBridgeUnmapped', 'with-vpci', '2fae94269e', 'only what vPCI traps has to stay unmapped'),
      change('pciEnabledBy', 'pci-passthrough-or-iommu', DOM0_PCI, "dom0's devices behind an IOMMU have to be known"),
      change('deviceReset', 'gated', DOM0_PCI, 'all device operations are gated alike'),
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

/** The behaviours of a release; undefined for a name that is none. */
export const armBehavioursOf = (release: string): ArmBehaviours | undefined =>
  ARM_RELEASES.find(({ name }) => name === release)?.behaviours;
