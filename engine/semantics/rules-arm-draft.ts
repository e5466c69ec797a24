// SPDX-License-Identifier: GPL-2.0-only
import type { Rule } from './rule.ts';
import { ARM_SEED } from './seeds.ts';

const rule = (says: string, place: string): Rule => ({ says, where: `${ARM_SEED}: ${place}` });

const SETUP = 'section 2.2, PHYSDEVOP_pci_host_bridge_add';
const MMIO = 'section 4, PHYSDEVOP_map_mmio';
const SBDF = 'section 4, PHYSDEVOP_map_sbdf';
const LAYOUT = 'layout by the toolstack, 25 and 26 June';
const PCIBACK = 'pciback and BAR registers, 17 June';
const ADD_TO_PHYSMAP = 'XENMEM_add_to_physmap_range, 16 and 17 June';

/**
 * Rules of draft 1 of PCI passthrough on Arm, and of its discussion. Where the text leaves a question open the rule says
 * so, and begins with `undefined.`: nothing is made up.
 */
export const ARM_DRAFT_RULES = {
  'draft1.bridge-bound': rule('dom0 says which segment the host bridge with this config window is', SETUP),
  'draft1.device-not-mapped': rule(
    "the device's write goes through its domain's p2m, where nothing is: the SMMU stops it",
    'section 1',
  ),
  'draft1.first-of-several': rule("the domain's list is searched from the front: the first that fits is taken", SBDF),
  'draft1.guest-sbdf-set': rule("the guest's name of a device stands with the device", SBDF),
  'draft1.host-windows-left-out': rule("guest memory goes around the host's PCI windows", 'host layout, 12 June'),
  'draft1.its-by-segment': rule('segment, host bridge, interrupt parent of its node: that is the ITS', 'section 5'),
  'draft1.its-page-mapped': rule('the 4 KiB page of GITS_TRANSLATER is mapped with the virtual ITS', 'section 3'),
  'draft1.memory-replaced': rule(
    'the region is mapped over memory of the guest, which loses it',
    '1:1 mapping, 11 June',
  ),
  'draft1.no-iomem-right': rule(
    'the toolstack has not given the right to this region (iomem_permission): -EPERM',
    'mapping by the guest, 16 June',
  ),
  'draft1.no-such-place': rule(
    'no host bridge is bound to the segment: there is no device to tell of, and reads are all ones',
    'section 2.1',
  ),
  'draft1.virtual-bar-mapped': rule('Xen maps the virtual BAR to the physical one', 'options (2) and (3), 25 June'),
  'draft1.xen-places': rule('Xen allocates the virtual BAR and returns it; not its business, says the reply', LAYOUT),
  'pciback.bar-moved': rule(
    "the guest moves its BAR; pciback stores the address, the p2m is the guest's to change",
    ADD_TO_PHYSMAP,
  ),
  'pciback.bar-restored': rule('the BAR had lost its address and is given it back', PCIBACK),
  'pciback.bar-sized': rule('all ones were written: the next read gives the size', PCIBACK),
  'pciback.bar-stays': rule('neither its own value nor all ones: the write is ignored', PCIBACK),
  'pciback.device-not-found': rule('the guest has no such device: XEN_PCI_ERR_dev_not_found', PCIBACK),
  'pciback.virtual-bar-from-xenstore': rule(
    'read once, as the device is attached, not at each access',
    'xenstore, 26 June',
  ),
  'pciback.virtual-bar-read': rule('the guest reads its virtual BAR', PCIBACK),
  'pciback.write-dropped': rule('pciback passes on what it knows to be harmless, and nothing else', PCIBACK),
  'toolstack.area-exhausted': rule('no room of that size and alignment is left in the area', LAYOUT),
  'toolstack.below-4-gib': rule('a 32-bit BAR goes to the area below 4 GiB', 'two areas, 26 June'),
  'toolstack.collides-with-bar': rule('another virtual BAR of the guest is there', LAYOUT),
  'toolstack.collides-with-memory': rule(
    'memory of the guest is there: the placement is refused',
    '1:1 mapping, 16 June',
  ),
  'toolstack.misaligned': rule(
    'a BAR lies at a multiple of its size (PCI), and at the page offset of the physical one',
    LAYOUT,
  ),
  'toolstack.nodes-written': rule("the device's directory says where its virtual BARs are", 'xenstore, 17 and 26 June'),
  'toolstack.not-its-business': rule('vPCI maps BARs as the guest turns decoding on', 'as merged later'),
  'toolstack.outside-areas': rule('the address is in neither of the areas that are kept for BARs', LAYOUT),
  'toolstack.placed': rule('the lowest free place in the area that is aligned', LAYOUT),
  'undefined.draft1-area-to-be-decided': rule(
    'which area a 64-bit BAR goes to depends on "$factors-tbd": say so with `area`',
    'two areas, 26 June',
  ),
  'undefined.draft1-bridge-unknown': rule('not said what is answered when no bridge has that config window', SETUP),
  'undefined.draft1-device-before-bridge': rule(
    'a device is reported on a segment that is not bound: the draft only says that this does not happen',
    SETUP,
  ),
  'undefined.draft1-intx': rule('nothing is said of INTx; "don\'t forget to also consider PCI INTx"', '10 June'),
  'undefined.draft1-its-page-of-which': rule(
    'a guest has one virtual ITS, the host several, and a page leads to one: not said to which',
    'sections 3 and 5',
  ),
  'undefined.draft1-no-guest-sbdf': rule(
    'Xen finds no device by that name; not said what the guest sees then',
    'section 6',
  ),
  'undefined.draft1-no-its': rule('the host bridge has no ITS; not said what becomes of MSIs', 'section 5'),
  'undefined.draft1-no-such-bar': rule('no virtual BAR begins there; not said what is answered', 'option (2), 25 June'),
  'undefined.draft1-region-empty': rule('a region without bytes, or beyond the address space: not said', MMIO),
  'undefined.draft1-said-by-guest': rule(
    'it is for dom0 to say; not said what a guest is answered',
    'sections 2.2 and 4',
  ),
  'undefined.draft1-sbdf-of-another': rule('the domain does not have the device; not said what is answered', SBDF),
  'undefined.draft1-segment-twice': rule(
    'two host bridges have the segment, and the first on the list answers: not said which that is',
    'section 2.1',
  ),
  'undefined.draft1-which-domain': rule(
    'the hypercall names no domain, and several have a virtual BAR there',
    'option (3) with the structure of section 4',
  ),
} as const satisfies Readonly<Record<string, Rule>>;
