// SPDX-License-Identifier: GPL-2.0-only

import type { Behaviours } from './behaviours.ts';
import { applyChanges } from './history.ts';
import { type Change, change, findRelease } from './releases.ts';
import { HIDDEN_SEED, LINKS_SEED, RANGES_SEED } from './seeds.ts';

/** A state of Xen that is no release: code under discussion, or a commit between releases. */
export interface Proposal {
  readonly name: string;
  /** Release that the changes are made to. */
  readonly base: string;
  /** What the tree lacked of the release: it was in development then. No part of what is proposed. */
  readonly before: readonly Change[];
  /** What is proposed. */
  readonly changes: readonly Change[];
  /** The tree it was compared with, and where it was proposed. */
  readonly origin: string;
  /** No code was ever posted: modelled from what was said. */
  readonly fromText: boolean;
  readonly behaviours: Behaviours;
}

type Declared = Omit<Proposal, 'behaviours' | 'fromText'>;

const MERGED_HIDDEN = '465217b0f8';
const PATCH = 'as posted';
const TEXT = 'from the text';

/** 4.18 in development, before any fix for hidden devices. */
const BEFORE_HIDDEN: readonly Change[] = [
  change('overlapsWithoutVpci', 'null-dereference', '67c28bfc52', 'not yet fixed by ee045f3a4a'),
];
const RFC_OVERLAPS = change('hiddenDeviceOverlaps', 'own-then-hidden', PATCH, "DomXEN's list is scanned after hwdom's");
const RFC_SKIPS = change('overlapsWithoutVpci', 'skipped', PATCH, 'a device without vPCI is passed over');
const READ_ONLY_WITHOUT_VPCI = change('readOnlyDeviceVpci', 'none', PATCH, 'read-only devices get no vPCI');
const LOOK_UP: readonly Change[] = [
  change('hiddenDeviceLookUp', 'own-then-hidden', MERGED_HIDDEN, "hwdom's accesses to hidden devices are emulated"),
  change('readOnlyWrites', 'dropped-without-vpci', MERGED_HIDDEN, 'the check moves to where vPCI found nothing'),
];

/** 4.20 in development, before PFs and VFs were linked. */
const BEFORE_LINKS: readonly Change[] = [
  change('vfBeforePf', 'pf-added-failure-ignored', 'b661fe107d', 'not yet changed'),
  change('pfRemovalWithVfs', 'pf-goes', 'b661fe107d', 'not yet changed'),
  change('vfLink', 'none', 'b661fe107d', 'not yet changed'),
  change('pfPointer', 'none', 'b661fe107d', 'not yet changed'),
  change('msixPf', 'as-named', 'b661fe107d', 'not yet changed'),
  change('rangeSetRemoval', 'stretching', 'b661fe107d', 'not yet changed'),
  change('barOverMemoryMap', 'not-mapped', 'b661fe107d', 'not yet changed'),
  change('sriovIoBar', 'endless-loop', 'b661fe107d', 'not yet changed'),
  change('msixTableCheck', 'none', 'b661fe107d', 'not yet changed'),
  change('setUpOrder', 'msix-header-msi', 'b661fe107d', 'not yet changed'),
];
const V6: readonly Change[] = [
  change('vfBeforePf', 'pf-added', PATCH, 'a failure to add the PF is returned'),
  change('vfLink', 'on-each-add', PATCH, 'the VF is put on the list of its PF whenever it is added'),
  change('pfRemovalWithVfs', 'pf-goes-vfs-unlinked-and-broken', PATCH, 'VFs stay, unlinked and broken'),
];
const MERGED_LINKS: readonly Change[] = [
  change('vfBeforePf', 'pf-added', '4e18a39056', 'a failure to add the PF is returned'),
  change('vfLink', 'on-first-add', '4e18a39056', 'a VF is linked once'),
  change('pfRemovalWithVfs', 'busy-and-broken', '4e18a39056', 'a VF must not outlive its PF'),
];

/** 4.19 in development, just before a range set for each BAR. */
const BEFORE_RANGES: readonly Change[] = [
  ...BEFORE_LINKS,
  change('mapRequest', 'one-range-set', '99eeb2eb0b', 'not yet changed'),
  change('barPlacement', 'host-address', '99eeb2eb0b', 'not yet changed'),
  change('guestCommand', 'as-hwdom', '99eeb2eb0b', 'not yet changed'),
  change('guestPlace', 'none', '99eeb2eb0b', 'not yet changed'),
  change('ownerlessRemoval', 'null-dereference', '99eeb2eb0b', 'not yet changed'),
];
const RANGE_SET_PER_BAR = change('mapRequest', 'range-set-per-bar', '622bdd9628', 'identity maps still');

/** What the discussion of v6 would have done instead. */
const discussedOnV6 = (name: string, instead: Change): Declared => ({
  name,
  base: 'xen-4.20',
  before: BEFORE_LINKS,
  changes: [...V6, instead],
  origin: `discussed, no code; ${LINKS_SEED}`,
});

const DECLARED: readonly Declared[] = [
  { name: 'hidden-before', base: 'xen-4.17', before: [], changes: BEFORE_HIDDEN, origin: `67c28bfc52; ${HIDDEN_SEED}` },
  {
    name: 'hidden-no-vpci-fix',
    base: 'xen-4.17',
    before: [],
    changes: [change('overlapsWithoutVpci', 'skipped', 'ee045f3a4a', 'a device without vPCI is passed over')],
    origin: `445fdc641e; ${HIDDEN_SEED}`,
  },
  {
    name: 'hidden-rfc-v2',
    base: 'xen-4.17',
    before: BEFORE_HIDDEN,
    changes: [RFC_OVERLAPS, RFC_SKIPS, READ_ONLY_WITHOUT_VPCI],
    origin: `67c28bfc52 and the patch; ${HIDDEN_SEED}`,
  },
  {
    name: 'hidden-rfc-v2-overlap-only',
    base: 'xen-4.17',
    before: BEFORE_HIDDEN,
    changes: [RFC_OVERLAPS, RFC_SKIPS],
    origin: `67c28bfc52 and the first hunk of the patch; ${HIDDEN_SEED}`,
  },
  {
    name: 'hidden-rfc-v2-loop-start',
    base: 'xen-4.17',
    before: BEFORE_HIDDEN,
    changes: [
      change('hiddenDeviceOverlaps', 'own-and-hidden', 'suggested in review', 'whichever of the two owns the device'),
      ...[RFC_SKIPS, READ_ONLY_WITHOUT_VPCI],
    ],
    origin: `the patch as suggested in review; ${HIDDEN_SEED}`,
  },
  {
    name: 'hidden-set-up-first',
    base: 'xen-4.17',
    before: BEFORE_HIDDEN,
    changes: [
      ...[RFC_OVERLAPS, RFC_SKIPS, READ_ONLY_WITHOUT_VPCI],
      change('bootOrder', 'hidden-first', TEXT, 'so that few devices are passed over'),
    ],
    origin: `the patch, and what it asks; ${HIDDEN_SEED}`,
  },
  {
    name: 'hidden-rfc-v2-lookup',
    base: 'xen-4.17',
    before: BEFORE_HIDDEN,
    changes: [RFC_OVERLAPS, RFC_SKIPS, READ_ONLY_WITHOUT_VPCI, ...LOOK_UP],
    origin: `67c28bfc52, the patch and the merged look-up; ${HIDDEN_SEED}`,
  },
  {
    name: 'hidden-merged',
    base: 'xen-4.17',
    before: [],
    changes: [
      change('hiddenDeviceOverlaps', 'own-and-hidden', MERGED_HIDDEN, 'whichever of the two owns the device'),
      change('readOnlyDeviceVpci', 'none', MERGED_HIDDEN, 'read-only devices get no vPCI'),
      ...LOOK_UP,
    ],
    origin: `465217b0f8; ${HIDDEN_SEED}`,
  },
  {
    name: 'hidden-absent-function',
    base: 'xen-4.17',
    before: BEFORE_HIDDEN,
    changes: [RFC_SKIPS, change('hiddenDeviceView', 'function-absent', TEXT, 'the function is not on the bus')],
    origin: `discussed, no code; ${HIDDEN_SEED}`,
  },
  {
    name: 'hidden-absent-device',
    base: 'xen-4.17',
    before: BEFORE_HIDDEN,
    changes: [RFC_SKIPS, change('hiddenDeviceView', 'device-absent', TEXT, 'all functions of the device go with it')],
    origin: `discussed, no code; ${HIDDEN_SEED}`,
  },
  {
    name: 'hidden-stub',
    base: 'xen-4.17',
    before: BEFORE_HIDDEN,
    changes: [RFC_SKIPS, change('hiddenDeviceView', 'stub', TEXT, 'so that the other functions are found')],
    origin: `discussed, no code; ${HIDDEN_SEED}`,
  },
  {
    name: 'hidden-failed-read-only',
    base: 'xen-4.18',
    before: [],
    changes: [change('failedBootSetUp', 'made-read-only', TEXT, "hwdom's writes would go unseen by Xen")],
    origin: `discussed, no code; ${HIDDEN_SEED}`,
  },
  { name: 'pfvf-before', base: 'xen-4.20', before: [], changes: BEFORE_LINKS, origin: `b661fe107d; ${LINKS_SEED}` },
  { name: 'pfvf-v6', base: 'xen-4.20', before: BEFORE_LINKS, changes: V6, origin: `the patch; ${LINKS_SEED}` },
  {
    name: 'pfvf-v6-busy',
    base: 'xen-4.20',
    before: BEFORE_LINKS,
    changes: [
      ...V6,
      change('pfRemovalWithVfs', 'busy-and-broken', 'suggested in review', 'nothing goes, all are broken'),
    ],
    origin: `the patch as suggested in review; ${LINKS_SEED}`,
  },
  discussedOnV6('pfvf-v4', change('pfRemovalWithVfs', 'all-go', TEXT, 'v4: VFs go with their PF')),
  discussedOnV6(
    'pfvf-all-go-with-error',
    change('pfRemovalWithVfs', 'all-go-with-error', TEXT, 'VFs go with their PF, and yet the caller is told'),
  ),
  discussedOnV6(
    'pfvf-all-go-if-permitted',
    change('pfRemovalWithVfs', 'all-go-if-permitted', TEXT, 'who may remove them all does, others fail early'),
  ),
  discussedOnV6(
    'pfvf-pf-goes-with-error',
    change('pfRemovalWithVfs', 'pf-goes-with-error', TEXT, 'the PF goes, and yet the caller is told'),
  ),
  discussedOnV6('pfvf-busy', change('pfRemovalWithVfs', 'busy', TEXT, 'the caller is told, and nothing happens')),
  discussedOnV6(
    'pfvf-re-attached',
    change('staleVfs', 're-attached', TEXT, 'VFs are linked again when their PF is back'),
  ),
  discussedOnV6(
    'pfvf-ref-counted',
    change('pfRemovalWithVfs', 'goes-with-last-vf', TEXT, 'each VF holds a reference to its PF'),
  ),
  {
    name: 'pfvf-merged',
    base: 'xen-4.20',
    before: BEFORE_LINKS,
    changes: MERGED_LINKS,
    origin: `4e18a39056; ${LINKS_SEED}`,
  },
  {
    name: 'pfvf-pf-required',
    base: 'xen-4.20',
    before: BEFORE_LINKS,
    changes: [
      ...MERGED_LINKS,
      change('pfPointer', 'shares-memory-not-followed', '931eaa21cd', 'a device is a PF or a VF; nobody looks yet'),
      change('msixPf', 'sizes-by-link', '931eaa21cd', 'no lock to look the PF up is held there'),
      change('vfBeforePf', 'refused', '8fe330a4da', 'the PF has to be reported first'),
    ],
    origin: `8fe330a4da; ${LINKS_SEED}`,
  },
  {
    name: 'rangeset-single',
    base: 'xen-4.19',
    before: [],
    changes: BEFORE_RANGES,
    origin: `99eeb2eb0b; ${RANGES_SEED}`,
  },
  {
    name: 'rangeset-per-bar',
    base: 'xen-4.19',
    before: BEFORE_RANGES,
    changes: [RANGE_SET_PER_BAR],
    origin: `622bdd9628; ${RANGES_SEED}`,
  },
  {
    name: 'rangeset-guest-view',
    base: 'xen-4.19',
    before: BEFORE_RANGES,
    changes: [
      RANGE_SET_PER_BAR,
      change('barPlacement', 'guest-address', '52ebde3cfa', 'guests place BARs in their own address space'),
    ],
    origin: `52ebde3cfa; ${RANGES_SEED}`,
  },
  {
    name: 'rangeset-vcpu-list',
    base: 'xen-4.19',
    before: BEFORE_RANGES,
    changes: [
      change('mapRequest', 'list-on-vcpu', TEXT, 'guest frame, machine frame and size need no range set'),
      change('barPlacement', 'guest-address', TEXT, 'it is made for maps that are not identical'),
    ],
    origin: `discussed, no code; ${RANGES_SEED}`,
  },
];

const fold = ({ name, base, before, changes, origin }: Declared): Proposal => {
  const release = findRelease(base);
  if (release === undefined) throw new Error(`proposal ${name} is based on ${base}, which is no release`);
  const behaviours = applyChanges(release.behaviours, [...before, ...changes]);
  const fromText = changes.some(({ commit }) => commit === TEXT);
  return { name, base, before, changes, origin, fromText, behaviours };
};

/** All proposals, in the order of their discussions. */
export const PROPOSALS: readonly Proposal[] = DECLARED.map(fold);
