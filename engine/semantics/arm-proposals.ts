// SPDX-License-Identifier: GPL-2.0-only
import { type ArmChange, armChange } from './arm.ts';
import { ARM_SEED } from './seeds.ts';

/** A design for PCI on Arm that has no code, as changes to any release. */
export interface ArmProposal {
  readonly name: string;
  readonly changes: readonly ArmChange[];
  /** Where it was proposed. */
  readonly origin: string;
  /** No code was ever posted: modelled from what was said. */
  readonly fromText: boolean;
}

const DRAFT = 'from the draft';
const TEXT = 'from the text';

const DRAFT1: readonly ArmChange[] = [
  armChange('bridgeSegment', 'bound-by-dom0', DRAFT, "dom0 may number host bridges in another order than Xen's"),
  armChange('readWithoutBridge', 'all-ones', DRAFT, 'nobody answers for an unbound segment'),
  armChange('hostBridgeUnmapped', 'never', DRAFT, "dom0 has all of the bridges' windows mapped 1:1"),
  armChange('itsPage', 'mapped', DRAFT, "MSIs of a guest's device pass through its p2m"),
];
const TOOLSTACK: readonly ArmChange[] = [
  ...DRAFT1,
  armChange('guestBars', 'toolstack', TEXT, '(1): layout is for the toolstack to decide'),
  armChange('virtualBars', 'in-areas', TEXT, 'one area below 4 GiB of limited size, one above'),
];

const proposal = (name: string, where: string, changes: readonly ArmChange[]): ArmProposal => ({
  name,
  changes,
  origin: `discussed, no code; ${ARM_SEED}, ${where}`,
  fromText: true,
});

/** Draft 1 as the discussion left it, as it was posted, and the other ways that were discussed. */
export const ARM_PROPOSALS: readonly ArmProposal[] = [
  proposal('arm-draft1', 'option (1), agreed on 17 June', TOOLSTACK),
  proposal('arm-draft1-as-posted', 'sections 2 to 6', [
    ...DRAFT1,
    armChange('guestBars', 'guest', DRAFT, "the guest's kernel calls map_mmio as it finds the device"),
    armChange('virtualBars', 'one-to-one', DRAFT, 'the restriction of map_mmio'),
  ]),
  proposal('arm-draft1-guest', 'option (2)', [
    ...TOOLSTACK,
    armChange('guestBars', 'guest', TEXT, '(2): the guest asks Xen to map its virtual BARs'),
  ]),
  proposal('arm-draft1-pciback', 'option (3)', [
    ...TOOLSTACK,
    armChange('guestBars', 'pciback', TEXT, '(3): as (2), but pciback makes the hypercall'),
  ]),
  proposal('arm-draft1-one-to-one', '1:1 at the discretion of the toolstack, 11 June', [
    ...TOOLSTACK,
    armChange('virtualBars', 'one-to-one', TEXT, 'a choice of the toolstack, no part of the interface'),
  ]),
  proposal('arm-draft1-host-layout', "the host's layout shown to the guest, 12 June", [
    ...TOOLSTACK,
    armChange('virtualBars', 'one-to-one', TEXT, "the guest has the host's layout"),
    armChange('guestMemory', 'around-host-windows', TEXT, 'as with e820_host on x86'),
  ]),
  proposal('arm-draft1-guest-places', 'XENMEM_add_to_physmap_range, 16 June', [
    ...TOOLSTACK,
    armChange('virtualBars', 'one-to-one', TEXT, 'to begin with, as the physical BAR'),
    armChange('guestBars', 'guest-places', TEXT, 'the guest may write its BARs and maps them where it wants'),
  ]),
  proposal('arm-draft1-xen-places', 'Xen allocates and returns the virtual BAR, 26 June', [
    ...TOOLSTACK,
    armChange('guestBars', 'pciback', TEXT, 'pciback asks, the first time that a BAR is read'),
    armChange('virtualBars', 'xen-answers', TEXT, 'no xenstore entry is needed'),
  ]),
];
