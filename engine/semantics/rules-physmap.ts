// SPDX-License-Identifier: GPL-2.0-only
import type { Rule } from './rule.ts';

const MEMORY = 'common/memory.c';
const P2M = 'arch/x86/mm/p2m.c';

const rule = (says: string, file: string, fn: string): Rule => ({ says, where: `xen/${file}: ${fn}` });

/** Rules of pages that domains put into a p2m and take out of it. */
export const PHYSMAP_RULES = {
  'physmap.mmio-for-hwdom-only': rule(
    'MMIO is put into the p2m of hwdom by itself only: -EACCES',
    MEMORY,
    'xatp_permission_check',
  ),
  'physmap.mmio-without-right': rule(
    'the domain has no right to the frame: it is passed over',
    'arch/arm/p2m.c',
    'map_dev_mmio_page',
  ),
  'physmap.not-over-foreign': rule("another domain's page is there: -ENXIO", MEMORY, 'guest_remove_page'),
  'physmap.not-over-mmio': rule('MMIO is there: -EPERM', P2M, 'xenmem_add_to_physmap_one'),
  'physmap.not-permitted': rule("only hwdom changes another domain's p2m: -EPERM", MEMORY, 'xsm_add_to_physmap'),
  'physmap.not-translated': rule('a PV domain has no p2m to change: -EACCES', MEMORY, 'xatp_permission_check'),
  'physmap.nothing-to-remove': rule('no memory is there: -ENOENT', MEMORY, 'do_memory_op'),
  'physmap.page-freed': rule('memory is there: it is freed', MEMORY, 'guest_remove_page'),
  'physmap.page-mapped-already': rule(
    "a page of Xen's is at another guest frame: it has to be taken away there first, -EBUSY",
    'arch/arm/mm.c',
    'xenmem_add_to_physmap_one',
  ),
  'physmap.page-moved': rule(
    "a page of Xen's goes from the guest frame where it was",
    P2M,
    'xenmem_add_to_physmap_one',
  ),
  'physmap.page-unhooked': rule(
    "a page of Xen's is there: it goes, but is not freed",
    P2M,
    'xenmem_add_to_physmap_one',
  ),
  'physmap.source-not-memory': rule('the source is no memory that may be moved', P2M, 'xenmem_add_to_physmap_one'),
  'physmap.unknown-space': rule('nothing of this kind can be mapped here', P2M, 'xenmem_add_to_physmap_one'),
} as const satisfies Readonly<Record<string, Rule>>;
