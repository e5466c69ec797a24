// SPDX-License-Identifier: GPL-2.0-only
import { or, without } from '../num/bits.ts';
import { ERRNO } from '../num/errno.ts';
import { makeSbdf } from '../num/sbdf.ts';
import type { World } from '../xen/state.ts';
import { refuse } from '../xen/trail.ts';

const MAX_PHANTOMS = 8;
/** Numbers may have `0x` and zeroes before them, or no digits at all; the stride may be octal too (simple_strtoul). */
const PHANTOM = /^(?:(?:0x)?0*([0-9a-f]{0,4}):)?(?:0x)?0*([0-9a-f]{0,2}):(?:0x)?0*([0-9a-f]{0,2}),(?:0x)?0*([124])$/i;
const hexOr0 = (digits: string): number => (digits === '' ? 0 : Number.parseInt(digits, 16));

/** `pci-phantom=[<seg>:]<bus>:<dev>,<stride>` (parse_phantom_dev). */
const addPhantom = (world: World, text: string): number => {
  if (text === '') return -ERRNO.EINVAL;
  if (world.phantoms.length >= MAX_PHANTOMS) return -ERRNO.E2BIG;
  const match = PHANTOM.exec(text);
  if (match === null) return -ERRNO.EINVAL;
  const [, segment = '', bus = '', slot = '', stride = ''] = match;
  if (hexOr0(slot) > 31) return -ERRNO.EINVAL;
  const sbdf = makeSbdf(hexOr0(segment), hexOr0(bus), hexOr0(slot) * 8);
  world.phantoms.push({ sbdf, stride: Number(stride) });
  return 0;
};

/** What the words of `pci=` are about: bits of command and bridge control registers that Xen clears, unless allowed. */
const PCI_WORDS: Readonly<Record<string, { readonly command: number; readonly bridgeControl: number }>> = {
  serr: { command: 0x100, bridgeControl: 0x802 },
  perr: { command: 0x040, bridgeControl: 0x001 },
};

const ON: ReadonlySet<string | undefined> = new Set([undefined, '1', 'on', 'yes', 'true', 'enable']);
const OFF: ReadonlySet<string | undefined> = new Set(['0', 'no', 'off', 'false', 'disable']);
const BOOLEAN = /^(?:no-([^=]*)|([^=]*)(?:=(.*))?)$/;

/** `NAME`, `no-NAME` or `NAME=yes` and the like; undefined: neither on nor off (parse_boolean). */
const parseBoolean = (word: string): { readonly name: string; readonly isOff: boolean } | undefined => {
  const [, negated, name = '', value] = BOOLEAN.exec(word) ?? [];
  if (negated !== undefined) return { name: negated, isOff: true };
  return ON.has(value) || OFF.has(value) ? { name, isOff: OFF.has(value) } : undefined;
};

/** One word of `pci=`: whether `serr`, `perr`, and where extended space is tracked `quirks` are on (parse_pci_param). */
const applyPciWord = (world: World, word: string): number => {
  const parsed = parseBoolean(word);
  if (parsed === undefined) return -ERRNO.EINVAL;
  const { name, isOff } = parsed;
  if (name === 'quirks' && world.behaviours.extendedConfigSpace === 'tracked') {
    world.pciQuirks = !isOff;
    return 0;
  }
  const masks = Object.hasOwn(PCI_WORDS, name) ? PCI_WORDS[name] : undefined;
  if (masks === undefined) return -ERRNO.EINVAL;
  const change = isOff ? or : without;
  world.commandMask = change(world.commandMask, masks.command);
  world.bridgeControlMask = change(world.bridgeControlMask, masks.bridgeControl);
  return 0;
};

/** Words of `iommu=` that change nothing here: what they are about is not modelled. */
const OTHER_IOMMU_WORDS: ReadonlySet<string> = new Set([
  ...['force', 'required', 'igfx', 'qinval', 'superpages', 'verbose', 'snoop', 'intremap', 'intpost', 'crash-disable'],
  ...['debug', 'amd-iommu-perdev-intremap', 'dom0-passthrough', 'dom0-strict', 'sharept'],
]);

/** One word of `iommu=`: whether there is one at all, and whether devices are quarantined (parse_iommu_param). */
const applyIommuWord = ({ options }: World, word: string): number => {
  if (ON.has(word) || OFF.has(word)) {
    options.iommu = ON.has(word);
    return 0;
  }
  const parsed = parseBoolean(word);
  if (parsed?.name === 'quarantine' || word === 'quarantine=scratch-page') {
    options.quarantine = parsed?.isOff !== true;
    return 0;
  }
  return parsed !== undefined && OTHER_IOMMU_WORDS.has(parsed.name) ? 0 : -ERRNO.EINVAL;
};

/** Words of `dom0=` that change nothing here. */
const OTHER_DOM0_WORDS: ReadonlySet<string> = new Set([
  'pv',
  'pvh',
  'shadow',
  'verbose',
  'cpuid-faulting',
  'msr-relaxed',
]);

/** One word of `dom0=`: whether pages that hwdom misses are mapped when it accesses them (parse_dom0_param). */
const applyDom0Word = ({ options, behaviours }: World, word: string): number => {
  const parsed = parseBoolean(word);
  if (parsed?.name === 'pf-fixup' && behaviours.pageFaultFixup === 'optional') {
    options.pageFaultFixup = !parsed.isOff;
    return 0;
  }
  return parsed !== undefined && OTHER_DOM0_WORDS.has(parsed.name) ? 0 : -ERRNO.EINVAL;
};

/** The last refusal, or 0: Xen goes on after a word that it does not know. */
const applyWords = (world: World, text: string, applyOne: (world: World, word: string) => number): number =>
  text
    .split(',')
    .map((word) => applyOne(world, word))
    .findLast((ret) => ret !== 0) ?? 0;

const apply = (world: World, name: string, text: string): number | undefined => {
  switch (name) {
    case 'pci-phantom':
      return addPhantom(world, text);
    case 'pci':
      return applyWords(world, text, applyPciWord);
    case 'dom0':
      return applyWords(world, text, applyDom0Word);
    case 'iommu':
      return applyWords(world, text, applyIommuWord);
    default:
      return undefined;
  }
};

/** A Xen command line option that concerns PCI: 0 or a negated errno; undefined: one that is not modelled. */
export const applyBootParameter = (world: World, name: string, text: string): number | undefined => {
  const ret = apply(world, name, text);
  return ret === undefined || ret === 0 ? ret : refuse(world, 'boot.word-refused', ret, { name: `${name}=${text}` });
};
