// SPDX-License-Identifier: GPL-2.0-only
import { or, without } from '../num/bits.ts';
import { ERRNO } from '../num/errno.ts';
import { makeSbdf } from '../num/sbdf.ts';
import type { World } from '../xen/state.ts';

const MAX_PHANTOMS = 8;
const PHANTOM = /^(?:([0-9a-f]{1,4}):)?([0-9a-f]{1,2}):([0-9a-f]{1,2}),([124])$/i;

/** `pci-phantom=[<seg>:]<bus>:<dev>,<stride>` (parse_phantom_dev). */
const addPhantom = (world: World, text: string): number => {
  if (text === '') return -ERRNO.EINVAL;
  if (world.phantoms.length >= MAX_PHANTOMS) return -ERRNO.E2BIG;
  const match = PHANTOM.exec(text);
  if (match === null) return -ERRNO.EINVAL;
  const [, segment = '0', bus = '', slot = '', stride = ''] = match;
  if (Number.parseInt(slot, 16) > 31) return -ERRNO.EINVAL;
  const sbdf = makeSbdf(Number.parseInt(segment, 16), Number.parseInt(bus, 16), Number.parseInt(slot, 16) * 8);
  world.phantoms.push({ sbdf, stride: Number(stride) });
  return 0;
};

/** What the words of `pci=` are about: bits of command and bridge control registers that Xen clears, unless allowed. */
const PCI_WORDS: Readonly<Record<string, { readonly command: number; readonly bridgeControl: number }>> = {
  serr: { command: 0x100, bridgeControl: 0x802 },
  perr: { command: 0x040, bridgeControl: 0x001 },
};

/** One word of `pci=`: `[no-]serr`, `[no-]perr`, and where extended space is tracked `[no-]quirks` (parse_pci_param). */
const applyPciWord = (world: World, word: string): number => {
  const isOff = word.startsWith('no-');
  const name = isOff ? word.slice(3) : word;
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

/** A Xen command line option that concerns PCI; others are accepted and do nothing. 0 or a negated errno. */
export const applyBootParameter = (world: World, name: string, text: string): number => {
  if (name === 'pci-phantom') return addPhantom(world, text);
  if (name !== 'pci') return 0;
  let answer = 0;
  for (const word of text.split(',')) {
    const ret = applyPciWord(world, word);
    if (ret !== 0) answer = ret;
  }
  return answer;
};
