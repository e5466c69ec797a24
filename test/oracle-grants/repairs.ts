// SPDX-License-Identifier: GPL-2.0-only

/**
 * In these cases a host bridge's map names a phandle that no node has. The machine file breaks off there: the rest of
 * that entry, later entries and the mask are missing, so that Linux 6.12 would refuse the whole map, while the answers
 * come from the complete one. The texts on the right restore a map that the answers agree with; which numbers stood in
 * entries that no answer depends on is not known. Phandle 99 is the one that no node has.
 */
export interface Repair {
  readonly release: string;
  /** The first difference without the repair. */
  readonly difference: string;
  readonly replace: readonly (readonly [from: string, to: string])[];
}

const RELEASE = 'linux-6.12';

const refused = (row: number): string => `row ${row}.ret: want 0, got -3`;

export const REPAIRS: Readonly<Record<string, Repair>> = {
  'grants-17-bad-phandle': {
    release: RELEASE,
    difference: refused(3),
    replace: [
      ['[0x10] }', '[0x10, 99, 4, 1, 0x8, "g", 4, 1] }'],
      ['4, 1, 0x10] }', '4, 1, 0x10, 99, 4, 1] }'],
    ],
  },
  'grants-r011': {
    release: RELEASE,
    difference: refused(1),
    replace: [['256, 0x100] }', '256, 0x100, 99, 0, 1], iommuMapMask: [0xfff0] }']],
  },
  'grants-r012': {
    release: RELEASE,
    difference: refused(4),
    replace: [['65534, 1, 0x0] }', '65534, 1, 0x0, 99, 0, 1], iommuMapMask: [0xff00] }']],
  },
  'grants-r014': {
    release: RELEASE,
    difference: refused(1),
    replace: [['[0x2e0] }', '[0x2e0, 99, 0, 1, 0x0, "g0", 32752, 256], iommuMapMask: [0xfff8] }']],
  },
  'grants-r018': {
    release: RELEASE,
    difference: refused(2),
    replace: [
      ['1, 0x108] }', '1, 0x108, 99, 0, 1], iommuMapMask: [0xfff8] }'],
      ['1, 0x18] }', '1, 0x18, 99, 0, 1, 0x8, "g0", 2, 16, 0x100, "g0", 7, 65536] }'],
    ],
  },
  'grants-r024': {
    release: RELEASE,
    difference: refused(3),
    replace: [['256, 0x0] }', '256, 0x0, 99, 0, 1] }']],
  },
  'grants-r025': {
    release: RELEASE,
    difference: refused(1),
    replace: [['65536, 0x280] }', '65536, 0x280, 99, 0, 1], iommuMapMask: [0xfff8] }']],
  },
  'grants-r026': {
    release: RELEASE,
    difference: refused(1),
    replace: [['[0x100] }', '[0x100, 99, 0, 1, 0x1f0, "g0", 7, 65536], iommuMapMask: [0xfff0] }']],
  },
  'grants-r029': {
    release: RELEASE,
    difference: refused(5),
    replace: [['256, 0x100] }', '256, 0x100, 99, 0, 1] }']],
  },
};

/** The machine file with the missing part restored. Throws if the text to restore is not there once. */
export const repair = (machine: string, { replace }: Repair): string =>
  replace.reduce((text, [from, to]) => {
    const parts = text.split(from);
    if (parts.length !== 2) throw new Error(`"${from}" is there ${parts.length - 1} times`);
    return parts.join(to);
  }, machine);
