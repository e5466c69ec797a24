// SPDX-License-Identifier: GPL-2.0-only
import type { BehaviourName, Behaviours } from './behaviours.ts';
import { withBehaviours } from './history.ts';

/** One difference between a release and the one before. */
export interface Change {
  readonly behaviour: BehaviourName;
  readonly to: Behaviours[BehaviourName];
  /** Abbreviated commit in Xen's repository. */
  readonly commit: string;
  readonly why: string;
}

export const change = <B extends BehaviourName>(
  behaviour: B,
  to: Behaviours[B],
  commit: string,
  why: string,
): Change => ({
  behaviour,
  to,
  commit,
  why,
});

export interface Release {
  readonly name: string;
  /** The tree that the answers were compared with. */
  readonly tree: string;
  readonly changes: readonly Change[];
  readonly behaviours: Behaviours;
}

/** The oldest release, complete; all others are changes to the one before. */
const OLDEST: Behaviours = {
  hiddenDeviceLookUp: 'own-only',
  hiddenDeviceOverlaps: 'own-only',
  readOnlyDeviceVpci: 'set-up',
  readOnlyWrites: 'dropped-first',
  iomemRightsOnMap: 'not-asked',
  mapRequest: 'one-range-set',
  rangeSetRemoval: 'stretching',
  movedPages: 'any-own-memory',
  unmapRights: 'caller-and-target',
  missingDomain: 'told-to-all',
  msixTearDown: 'always',
  vfLink: 'none',
  msixPf: 'as-named',
  pageFaultFixup: 'none',
  staleVfs: 'left-alone',
  hiddenDeviceView: 'whole',
  bootOrder: 'by-address',
  failedBootSetUp: 'device-goes-on',
  guestCommand: 'as-hwdom',
  barPlacement: 'host-address',
  overlapsWithoutVpci: 'skipped',
  pfPointer: 'none',
  barOverMemoryMap: 'not-mapped',
  vpciOnOwnerChange: 'kept',
  ownerlessRemoval: 'null-dereference',
  statusRegister: 'hardware',
  vfBeforePf: 'pf-added-failure-ignored',
  pfRemovalWithVfs: 'pf-goes',
  sriovIoBar: 'endless-loop',
  releaseOfDevices: 'last-failure',
  msixTableCheck: 'none',
  setUpOrder: 'msix-header-msi',
  capabilityListSetUp: 'with-header',
  capabilityFailure: 'device-loses-vpci',
  hiddenCapability: 'left-alone',
  msixHole: 'before-enabling',
  msixNeighbours: 'guest-address',
  msiPosition: 'looked-up',
  hwdomCapabilityLists: 'hardware',
  resizableBars: 'hardware',
  extendedConfigSpace: 'assumed',
  deviceReset: 'unknown',
  guestVpci: 'none',
  guestPlace: 'none',
};

const HIDDEN = '465217b0f8';
const PF_VF_LINKS = '4e18a39056';

const DELTAS: readonly (readonly [name: string, tree: string, changes: readonly Change[]])[] = [
  ['xen-4.17', 'stable-4.17', []],
  [
    'xen-4.18',
    'stable-4.18',
    [
      change('hiddenDeviceLookUp', 'own-then-hidden', HIDDEN, "hwdom's accesses to hidden devices are emulated too"),
      change('hiddenDeviceOverlaps', 'own-and-hidden', HIDDEN, "BARs of hwdom's and of hidden devices may share pages"),
      change('readOnlyDeviceVpci', 'none', HIDDEN, 'nobody may write them, so there is nothing to emulate'),
      change(
        'readOnlyWrites',
        'dropped-without-vpci',
        HIDDEN,
        'read-only devices are now those without vPCI, so it is asked there',
      ),
      change('iomemRightsOnMap', 'asked', 'baa6ea7003', 'a domain gets only frames that it has rights to'),
    ],
  ],
  [
    'xen-4.19',
    'stable-4.19',
    [
      change('mapRequest', 'range-set-per-bar', '622bdd9628', 'guest and host address of a BAR may differ'),
      change(
        'barOverMemoryMap',
        'pages-cut-out',
        '4acab25a93',
        'firmware puts BARs into reserved ranges, and they have to work',
      ),
      change('rangeSetRemoval', 'exact', 'e118fc98e7', 'a range must not grow by taking another one out'),
      change('movedPages', 'read-write-memory', '072dbe7983', 'moving a page must not make it writable'),
      change('vpciOnOwnerChange', 'rebuilt', 'f20dde9259', 'the new owner starts from a clean state'),
      change(
        'ownerlessRemoval',
        'handled',
        '635dd1120a',
        "vPCI is torn down under the owner's lock, so only if there is one",
      ),
      change('statusRegister', 'trapped', 'a3c8fb450a', 'the capability list bit has to be maskable for guests'),
      change('vfBeforePf', 'pf-added', PF_VF_LINKS, 'a VF is linked to its PF, so the PF has to be there'),
      change('pfRemovalWithVfs', 'busy-and-broken', PF_VF_LINKS, 'a VF must not outlive its PF'),
      change('vfLink', 'on-first-add', PF_VF_LINKS, 'MSI set-up of a VF needs its PF at hand'),
      change('msixPf', 'sizes-by-link', '931eaa21cd', 'no lock to look the PF up is held there'),
      change('pageFaultFixup', 'optional', '104591f5dd', 'Xen does not know all memory that ACPI tables name'),
      change('guestCommand', 'emulated', '9c831e429c', 'a guest must not turn on what Xen has turned off'),
      change('barPlacement', 'guest-address', '52ebde3cfa', 'guests place BARs in their own address space'),
      change(
        'pfPointer',
        'shares-memory-with-vf-bar-size',
        '931eaa21cd',
        'a device is a PF or a VF, so both facts share a union',
      ),
      change('sriovIoBar', 'skipped', 'f7091c0e1f', 'faulty cards have such BARs, and the loop has to go on'),
      change(
        'releaseOfDevices',
        'first-failure',
        '8862c7b8b6',
        'the lock is dropped for each device, so the list may change',
      ),
      change('msixTableCheck', 'checked', '53859596c0', 'a table in an empty BAR would be trapped at address 0'),
      change('setUpOrder', 'header-msix-msi', '53859596c0', 'the table check needs sized BARs (point releases only)'),
      change('guestVpci', 'host-sbdf', '8c5bca7074', 'guests get register handlers (builds with guest support)'),
      change('guestPlace', 'taken', 'd6a7fd8303', 'so that guests can be shown a bus of their own'),
    ],
  ],
  [
    'xen-4.20',
    'stable-4.20',
    [
      change('vfBeforePf', 'refused', '8fe330a4da', 'a PF that was added on behalf of a VF is not really set up'),
      change('deviceReset', 'known', '9a2d7b5bb6', 'hwdom tells Xen when it has reset a device'),
      change('msiPosition', 'remembered', 'c01855bec5', 'a device that is gone has no capability list to walk'),
    ],
  ],
  [
    'xen-4.21',
    'stable-4.21',
    [
      change('resizableBars', 'emulated', '6ce1066599', 'cached BAR sizes have to follow'),
      change('hwdomCapabilityLists', 'emulated', '4df04b27d3', 'so that a capability can be hidden from hwdom'),
      change('statusRegister', 'trapped-for-guests', '4df04b27d3', 'nothing of it is masked for hwdom'),
      change(
        'setUpOrder',
        'header-rebar-msi-msix',
        'ee2eb6849d',
        'capabilities become a table without priorities, after the header',
      ),
      change('capabilityFailure', 'capability-hidden', '4bd1ee8534', 'a broken capability is no reason to lose vPCI'),
      change('msixHole', 'after-enabling', '7c24d58a6e', 'a hot-plugged device has no BARs mapped yet'),
      change('msixNeighbours', 'host-address', 'd98df4c531', "a guest's BAR is elsewhere on the host"),
      change('guestVpci', 'virtual-bus', 'ad3ac58a9d', 'guests see a bus of their own'),
    ],
  ],
  [
    'xen-4.22',
    'stable-4.22',
    [
      change('hiddenCapability', 'control-read-only', 'fa475aa88c', 'a driver may not follow the list'),
      change(
        'missingDomain',
        'told-to-control-domain',
        'a89ca78901',
        'unprivileged callers are not to find out which domains exist',
      ),
      change('unmapRights', 'caller', '6df6f24251', 'who lost the rights must still be able to be unmapped'),
      change('msixTearDown', 'if-capability-found', '5a733e438f', 'clean-up is done capability by capability'),
      change('capabilityListSetUp', 'with-capabilities', '16c3761129', 'so that the extended list can be made anew'),
      change('msixPf', 'by-link', '65d592f497', 'the PF is at hand, nothing is to be looked up'),
      change('extendedConfigSpace', 'tracked', '173787d191', 'extended capabilities need a space to be in'),
    ],
  ],
  ['xen-unstable', '4.23 at c447b7308b', []],
];

/** All releases, oldest first. */
export const RELEASES: readonly Release[] = withBehaviours(
  OLDEST,
  DELTAS.map(([name, tree, changes]) => ({ name, tree, changes })),
);

export const findRelease = (name: string): Release | undefined => RELEASES.find((release) => release.name === name);
