// SPDX-License-Identifier: GPL-2.0-only

/** A discussion on a mailing list whose questions traces answer. */
export interface Seed {
  /** The name that a trace's directive `# seed:` gives. */
  readonly file: string;
  readonly subject: string;
  /** What is said there that the model does not have. */
  readonly notModelled?: string;
}

/** [PATCH RFC v2] vPCI: account for hidden devices. */
export const HIDDEN_SEED = 'hidden-devices-rfc-v2.txt';
/** [PATCH v6 2/3] xen/pci: introduce PF<->VF links. */
export const LINKS_SEED = 'pf-vf-links-v6.txt';
/** [PATCH 6/9] vpci/header: Handle p2m range sets per BAR. */
export const RANGES_SEED = 'p2m-rangesets-per-bar.txt';
/** PCI Passthrough ARM Design : Draft1. */
export const ARM_SEED = 'arm-pci-passthrough-draft1.txt';
/** [PATCH] xen/virtio: Handle PCI devices which Host controller is described in DT. */
export const GRANTS_SEED = 'virtio-pci-grant-dma.txt';

/** All discussions, in the order in which they are presented. */
export const SEEDS: readonly Seed[] = [
  {
    file: HIDDEN_SEED,
    subject: 'Devices that Xen keeps, seen by a PVH dom0',
    notModelled:
      'registers of a hidden device that Xen maps read-only for itself; firmware tables (STAO, DSDT) and legacy devices; a dom0 that does not know Xen',
  },
  {
    file: LINKS_SEED,
    subject: 'Links between a PF and its VFs',
    notModelled:
      'XSM labels (who may remove a VF is told by its owner); what is printed; the check that a PF just added is found',
  },
  {
    file: RANGES_SEED,
    subject: 'Range sets for the p2m changes of a BAR',
    notModelled: 'a list beside the single range set, looked up by start frame, which was the first idea for the list',
  },
  { file: ARM_SEED, subject: 'PCI passthrough on Arm' },
  {
    file: GRANTS_SEED,
    subject: 'virtio-pci devices that use grants',
    notModelled:
      'xenstore, and by what means a backend signals that it is up; memory and interrupts of hotplugged devices',
  },
];

/** The seeds that the directive `# seed:` names: file names, separated by commas. */
export const seedNames = (directive: string | undefined): readonly string[] =>
  directive === undefined ? [] : directive.split(',').map((name) => name.trim());
