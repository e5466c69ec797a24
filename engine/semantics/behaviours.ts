// SPDX-License-Identifier: GPL-2.0-only

/**
 * Everything in which releases and proposals of Xen differ for this model, as named choices. Operations ask for a
 * behaviour, never for a version; `releases.ts` and `proposals.ts` say who has which.
 */
export interface Behaviours {
  /** Which device an access of hwdom finds: only its own, or DomXEN's (hidden) ones too. */
  readonly hiddenDeviceLookUp: 'own-only' | 'own-then-hidden';
  /** Whose enabled BARs a (un)map request of a hwdom or hidden device is checked against. */
  readonly hiddenDeviceOverlaps: 'own-only' | 'own-then-hidden' | 'own-and-hidden';
  /** What a device without vPCI on the list does to that check. */
  readonly overlapsWithoutVpci: 'null-dereference' | 'skipped';
  /** Whether a read-only device gets register handlers. */
  readonly readOnlyDeviceVpci: 'set-up' | 'none';
  /** Whether writes to a read-only device are dropped before any look-up, or only when it has no vPCI. */
  readonly readOnlyWrites: 'dropped-first' | 'dropped-without-vpci';
  /** Whether iomem rights are asked when a BAR is mapped or unmapped. */
  readonly iomemRightsOnMap: 'not-asked' | 'asked';
  /** On the vCPU one range set for a request, or a list with guest and host frames; or a range set for each BAR. */
  readonly mapRequest: 'one-range-set' | 'range-set-per-bar' | 'list-on-vcpu';
  /** Taking a range out of a range set: exact, or the range before a gap grows up to it. */
  readonly rangeSetRemoval: 'exact' | 'stretching';
  /** Which pages XENMEM_add_to_physmap moves within a domain. */
  readonly movedPages: 'any-own-memory' | 'read-write-memory';
  /** Who learns from a domctl that there is no such domain: every caller, or only the control domain. */
  readonly missingDomain: 'told-to-all' | 'told-to-control-domain';
  /** Whose iomem rights XEN_DOMCTL_memory_mapping asks for when it takes a mapping away. */
  readonly unmapRights: 'caller-and-target' | 'caller';
  /** A torn-down device leaves the list of MSI-X tables always, or only if its capability list still shows MSI-X. */
  readonly msixTearDown: 'always' | 'if-capability-found';
  /**
   * Whether Xen keeps a device's PF in the same memory as the size of its first VF BAR, and whether somebody follows
   * that memory when it holds a size.
   */
  readonly pfPointer: 'none' | 'shares-memory-with-vf-bar-size' | 'shares-memory-not-followed';
  /** When a VF is linked to its PF and takes over its extended function flag; without links it only takes the flag. */
  readonly vfLink: 'none' | 'on-each-add' | 'on-first-add';
  /**
   * How a VF's PF is found, whose VF BARs have the MSI-X table: as the one that was named with the VF, if Xen knows it;
   * with sizes from the PF that the VF is linked to; or that one altogether.
   */
  readonly msixPf: 'as-named' | 'sizes-by-link' | 'by-link';
  /** Whether hwdom's accesses to pages that it misses can be made to map them (`dom0=pf-fixup`). */
  readonly pageFaultFixup: 'none' | 'optional';
  /** Whether guests have a command register of their own, with bits that they cannot change. */
  readonly guestCommand: 'as-hwdom' | 'emulated';
  /** Where BARs are mapped: at their host address, or where a guest has put them. */
  readonly barPlacement: 'host-address' | 'guest-address';
  /** What becomes of a BAR that overlaps the memory map. */
  readonly barOverMemoryMap: 'not-mapped' | 'pages-cut-out';
  /** Whether vPCI is torn down and built again when a device changes hands. */
  readonly vpciOnOwnerChange: 'kept' | 'rebuilt';
  /** Removing a device that nobody owns. */
  readonly ownerlessRemoval: 'null-dereference' | 'handled';
  /** Status register: straight to hardware, trapped for everybody, trapped for guests. */
  readonly statusRegister: 'hardware' | 'trapped' | 'trapped-for-guests';
  /** Adding a VF whose PF Xen does not know. */
  readonly vfBeforePf: 'pf-added-failure-ignored' | 'pf-added' | 'refused';
  /** Removing a PF that has VFs. */
  readonly pfRemovalWithVfs:
    | 'pf-goes'
    | 'pf-goes-vfs-unlinked-and-broken'
    | 'pf-goes-with-error'
    | 'busy-and-broken'
    | 'busy'
    | 'all-go'
    | 'all-go-with-error'
    | 'all-go-if-permitted'
    | 'goes-with-last-vf';
  /** VFs that a removed PF left behind, when it is reported again. */
  readonly staleVfs: 'left-alone' | 're-attached';
  /** What hwdom sees of a hidden device, or of a device with a hidden function. */
  readonly hiddenDeviceView: 'whole' | 'function-absent' | 'device-absent' | 'stub';
  /** In which order hwdom's and hidden devices are set up at boot. */
  readonly bootOrder: 'by-address' | 'hidden-first';
  /** A device whose vPCI set-up fails at boot. */
  readonly failedBootSetUp: 'device-goes-on' | 'made-read-only';
  /** A VF BAR in I/O space among a PF's SR-IOV BARs. */
  readonly sriovIoBar: 'endless-loop' | 'skipped';
  /** How devices of a dying domain are walked, and which failure is answered. */
  readonly releaseOfDevices: 'last-failure' | 'first-failure';
  /** MSI-X table and PBA have to lie in a memory BAR. */
  readonly msixTableCheck: 'none' | 'checked';
  /** In which order header and capabilities of a device are set up. */
  readonly setUpOrder: 'msix-header-msi' | 'header-msix-msi' | 'header-rebar-msi-msix';
  /** When the emulated capability lists are made: before BARs are sized, or after the header is done. */
  readonly capabilityListSetUp: 'with-header' | 'with-capabilities';
  /** A capability that cannot be set up: the device loses vPCI, or the capability is hidden. */
  readonly capabilityFailure: 'device-loses-vpci' | 'capability-hidden';
  /** Registers of a hidden capability. */
  readonly hiddenCapability: 'left-alone' | 'control-read-only';
  /** When holes for MSI-X pages are made: before BARs count as enabled, or after and for enabled ones only. */
  readonly msixHole: 'before-enabling' | 'after-enabling';
  /** Where the rest of an MSI-X page is reached: by its guest or its host address. */
  readonly msixNeighbours: 'guest-address' | 'host-address';
  /** Where MSI and MSI-X capabilities are: looked up each time, or remembered from the device's discovery. */
  readonly msiPosition: 'looked-up' | 'remembered';
  /** What hwdom sees of the capability lists. */
  readonly hwdomCapabilityLists: 'hardware' | 'emulated';
  /** Resizable BAR capability for hwdom. */
  readonly resizableBars: 'hardware' | 'emulated';
  /** Whether Xen keeps track of whether a device's extended config space can be reached. */
  readonly extendedConfigSpace: 'assumed' | 'tracked';
  /** PHYSDEVOP_pci_device_reset. */
  readonly deviceReset: 'unknown' | 'known';
  /** vPCI for guests (in builds that have it): not there, devices at their host SBDF, or on a virtual bus. */
  readonly guestVpci: 'none' | 'host-sbdf' | 'virtual-bus';
  /** Whether a guest's device takes one of the places on its virtual bus, which are for function 0 only. */
  readonly guestPlace: 'none' | 'taken';
}

export type BehaviourName = keyof Behaviours;
