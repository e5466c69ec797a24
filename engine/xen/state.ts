// SPDX-License-Identifier: GPL-2.0-only
import type { Hardware } from '../machine/hardware.ts';
import type { Sbdf } from '../num/sbdf.ts';
import type { SbdfMap } from '../num/sbdf-map.ts';
import type { Behaviours } from '../semantics/behaviours.ts';
import type { RuleId } from '../semantics/rules.ts';
import type { BarIndex } from './bar-index.ts';
import type { MapChange } from './map-change.ts';
import type { ModelOptions } from './model-options.ts';
import type { P2m } from './p2m.ts';
import type { RangeSet } from './range-set.ts';
import type { RegisterMap } from './register-map.ts';

/** struct domain, as far as PCI is concerned. */
export interface Domain {
  /** `d0`…, `xen` (DomXEN), `io` (DomIO). */
  readonly name: string;
  readonly isHwdom: boolean;
  hasVpci: boolean;
  readonly p2m: P2m;
  /** Machine frames that the domain may have mapped (iomem_caps). */
  readonly iomem: RangeSet;
  /** d->pdev_list: newest first. */
  readonly devices: PciDev[];
  /** d->vpci_dev_assigned_map: device numbers taken on the guest's virtual bus. */
  readonly virtualSlots: Set<number>;
  /** d->arch.hvm.msix_tables: newest first. */
  readonly msixTables: MsixState[];
  /** d->arch.hvm.mmcfg_regions: newest first. */
  readonly ecamRegions: EcamRegion[];
  /** MSI-X tables were trapped before any ECAM window: handlers are asked in the order in which they were registered. */
  trapsMsixFirst: boolean;
  /** d->arch.hvm.pci_cf8: last value written to port 0xcf8. */
  cf8: number;
  readonly vcpus: Map<number, PendingMap>;
  /** domain_crash() was called on it. */
  crashed: boolean;
  /** Its end has begun (is_dying); dead, it is known only as long as somebody has pages of it mapped. */
  dying: 'no' | 'begun' | 'dead';
  /** A device was freed while still on `devices`: whoever walks the list reads freed memory. */
  listHasFreed: boolean;
}

/** struct hvm_mmcfg: an ECAM window that Xen traps for hwdom. Addresses in bytes. */
export interface EcamRegion {
  readonly address: number;
  readonly sizeBytes: number;
  readonly segment: number;
  readonly firstBus: number;
}

/** struct vpci_vcpu: a (un)map that is carried out before the vCPU runs again. */
export interface PendingMap {
  readonly dev: PciDev;
  readonly command: number;
  readonly romOnly: boolean;
  /** What the vCPU itself holds of the request; undefined: each BAR has a range set of its own. */
  readonly parts: readonly MapPart[] | undefined;
}

/** Guest frames that are still to be (un)mapped. */
export interface MapPart {
  readonly ranges: RangeSet;
  /** What a guest frame has to be moved by to get its machine frame. */
  readonly shift: number;
}

/** enum pdev_type (xen/include/xen/pci.h). */
export type DevType =
  | 'unknown'
  | 'pcie-endpoint'
  | 'pcie-bridge'
  | 'pcie-to-pci-bridge'
  | 'pci-to-pcie-bridge'
  | 'legacy-pci-bridge'
  | 'host-bridge'
  | 'pci';

/** struct pci_dev: a device that Xen knows. */
export interface PciDev {
  readonly sbdf: Sbdf;
  /** pdev->domain. */
  domain: Domain | undefined;
  /** The domain whose `devices` it is on; differs from `domain` while a hidden device is set up as if hwdom's. */
  listedOn: Domain | undefined;
  type: DevType;
  phantomStride: number;
  ignoreBars: boolean;
  extendedConfig: boolean;
  virtfn: boolean;
  extfn: boolean;
  /** pdev->pf_pdev. Since PFs and VFs are linked it shares its memory with the first of `vfBarSizes`. */
  pf: PciDev | undefined;
  /** The link to a PF is the size of a VF BAR in truth: whoever follows it leaves defined behaviour. */
  pfIsStray: boolean;
  /**
   * pdev->vf_list, which is the head of a PF's list and a VF's link in it, circular. undefined: taken off a list, which
   * leaves poison.
   */
  vfNext: PciDev | undefined;
  vfPrevious: PciDev | undefined;
  /** The PF that the caller named when it told of a VF. */
  physfn: Sbdf | undefined;
  /** The PF that went and left this VF behind. */
  lostPf: Sbdf | undefined;
  /** pdev->physfn.vf_rlen: sizes of VF BARs in bytes. */
  vfBarSizes: bigint[];
  msiPosition: number;
  msiMaxVectors: number;
  msixPosition: number;
  /** pdev->msix->nr_entries; 0: Xen found no MSI-X capability. */
  msixEntries: number;
  /** pdev->msix->used_entries: vectors that are bound, and one for PHYSDEVOP_prepare_msix. */
  msixUsedEntries: number;
  /** Xen itself has all vectors masked (host_maskall): what reaches hardware says so, whatever the domain writes. */
  msixHostMasked: boolean;
  /** The domain has all vectors masked, as Xen last saw it written (guest_maskall). */
  msixGuestMasked: boolean;
  broken: boolean;
  /** Removed, and kept by the references of its VFs (no release has those). */
  goesWithLastVf: boolean;
  quarantine: boolean;
  vpci: Vpci | undefined;
  /** Freed: whatever still points here reads freed memory. */
  freed: boolean;
}

/** What reading and writing a trapped register does. Handlers see whole registers only. */
export interface RegisterHandler {
  read(world: World, dev: PciDev, register: Register): number;
  write(world: World, dev: PciDev, register: Register, value: number): void;
}

/** What a handler works on (the `private` pointer of Xen's handlers). */
export type RegisterSubject = Bar | MsiState | MsixState | undefined;

/** struct vpci_register: a trapped register of 1, 2 or 4 bytes at a multiple of its size. */
export interface Register {
  readonly offset: number;
  readonly size: number;
  readonly handler: RegisterHandler;
  readonly subject: RegisterSubject;
  /** Value of a register that Xen makes up; capability hiding changes it. */
  value: number;
  /** Bits that keep their value whatever is written. */
  readonly readOnlyMask: number;
  /** Bits that writing 1 clears. */
  readonly writeOneToClearMask: number;
  /** Bits that read as 0 and keep their value. */
  readonly reservedPreservedMask: number;
  /** Bits that read as 0 and are written as 0. */
  readonly reservedZeroMask: number;
}

/** struct vpci: the emulated config space of a device. */
export interface Vpci {
  readonly registers: RegisterMap<Register>;
  /** Six BARs and the expansion ROM (of a bridge: two, and the ROM third). */
  readonly bars: readonly Bar[];
  guestCommand: number;
  romEnabled: boolean;
  barsMapped: boolean;
  msi: MsiState | undefined;
  msix: MsixState | undefined;
  rebarOffset: number;
  rebarCount: number;
  guestSbdf: Sbdf | undefined;
}

export type BarType = 'empty' | 'io' | 'mem32' | 'mem64lo' | 'mem64hi' | 'rom';

/** struct vpci_bar. Addresses and sizes in bytes. */
export interface Bar {
  readonly dev: PciDev;
  readonly index: number;
  type: BarType;
  address: bigint;
  guestAddress: bigint;
  /** Which of the two is its place in the owner's p2m. */
  mappedAddress: bigint;
  sizeBytes: bigint;
  prefetchable: boolean;
  /** Mapped into the guest's p2m. */
  enabled: boolean;
  /** Sizes that a resizable BAR supports, one bit each from 1 MiB on. */
  resizableSizes: bigint;
  /** bar->mem: guest frames of a request that are still to be (un)mapped; undefined: it has no range set. */
  ranges: RangeSet | undefined;
  /** Frames of the addresses above, kept with them: first and last machine frame, first and last guest frame. */
  firstMfn: number;
  lastMfn: number;
  firstGfn: number;
  lastGfn: number;
}

/** struct vpci_msi. */
export interface MsiState {
  address: bigint;
  data: number;
  mask: number;
  vectors: number;
  enabled: boolean;
  readonly maskable: boolean;
  readonly address64: boolean;
}

/** struct vpci_msix. */
export interface MsixState {
  readonly dev: PciDev;
  /** Offset and BAR indicator of vector table and PBA, as in their registers. */
  readonly tables: readonly [number, number];
  readonly entryCount: number;
  /** Entries by number; one that nobody has accessed yet is absent and in its initial state. */
  readonly entries: Map<number, MsixEntry>;
  enabled: boolean;
  masked: boolean;
  /** Machine frames mapped for pages that the tables share with other registers: table head and tail, PBA head and tail. */
  readonly mappedPages: (number | undefined)[];
}

/** struct vpci_msix_entry. */
export interface MsixEntry {
  address: bigint;
  data: number;
  masked: boolean;
  updated: boolean;
  /** A vector is bound to it (arch.pirq). */
  bound: boolean;
}

/** Says why something happened; only there when asked for. */
export interface Trail {
  record(rule: RuleId, subject: RuleSubject): void;
  /** A range of a BAR was mapped or unmapped, or could not be. */
  mapped?(change: MapChange): void;
}

/** What a rule was applied to. */
export interface RuleSubject {
  readonly sbdf?: Sbdf;
  readonly bar?: number;
  /** A guest frame, or the first of several. */
  readonly gfn?: number;
  /** The last of several, inclusive. */
  readonly lastGfn?: number;
  readonly domain?: string;
  /** What has no SBDF: a node of the device tree, a virtio device, a grant reference. */
  readonly name?: string;
}

/** The whole state of the model. One fold owns it and changes it event by event. */
export interface World {
  readonly hw: Hardware;
  readonly behaviours: Behaviours;
  readonly trail: Trail | undefined;
  /** Built with guest vPCI, and, of these, with the branch that hides I/O BARs from guests. */
  readonly guestVpciBuild: boolean;
  readonly hideGuestIoBars: boolean;
  readonly domains: Map<string, Domain>;
  readonly hwdom: Domain;
  readonly domXen: Domain;
  readonly domIo: Domain;
  /** All devices that Xen knows (alldevs_list of all segments). */
  readonly devices: SbdfMap<PciDev>;
  readonly segments: Set<number>;
  /** SBDFs that the trace has named so far. */
  readonly mentioned: Set<Sbdf>;
  /** r/o map: devices whose config space only Xen may write. */
  readonly readOnly: Set<Sbdf>;
  /** Enabled BARs by guest frame. */
  readonly enabledBars: BarIndex<Bar>;
  readonly options: ModelOptions;
  /** `pci-phantom=`: devices that use other function numbers for DMA. */
  readonly phantoms: { readonly sbdf: Sbdf; readonly stride: number }[];
  /** Bits of the command register that `pci=` makes Xen clear. */
  commandMask: number;
  bridgeControlMask: number;
  /** `pci=no-quirks`: aliased extended space is not looked for. */
  pciQuirks: boolean;
  hasScanned: boolean;
  /** system_state is SYS_STATE_active: p2m changes are deferred. */
  isActive: boolean;
  /** The vCPU that executes (`current`). */
  current: { readonly domain: Domain; readonly vcpu: number };
  /** Set when Xen's own code leaves what C defines, or crashes: the trace ends there. */
  undefinedRule: RuleId | undefined;
}
