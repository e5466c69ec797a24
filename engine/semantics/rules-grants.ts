// SPDX-License-Identifier: GPL-2.0-only
import type { Rule } from './rule.ts';

const OPS = 'Linux drivers/xen/grant-dma-ops.c';
const LINUX_TABLE = 'Linux drivers/xen/grant-table.c';
const XEN_TABLE = 'xen/common/grant_table.c';
const THREAD = 'virtio-pci-grant-dma.txt';

const rule = (says: string, file: string, fn: string): Rule => ({ says, where: `${file}: ${fn}` });

/** Rules of a guest that maps memory through grants, and of Xen's grant table. */
export const GRANT_RULES = {
  'grants.backend-forced': rule(
    'no node says who the backend is, and grants are forced',
    OPS,
    'xen_virtio_restricted_mem_acc',
  ),
  'grants.backend-from-register': rule(
    'the root complex answers who the backend is',
    THREAD,
    'a register on the root complex',
  ),
  'grants.backend-from-device': rule('the device answers who the backend is', THREAD, 'a register of each device'),
  'grants.device-broken': rule(
    'a device that gave up a held page maps nothing any more',
    OPS,
    'xen_grant_dma_map_page',
  ),
  'grants.direction-none': rule('nothing is mapped for direction none', OPS, 'xen_grant_dma_map_page'),
  'grants.frame-not-mapped': rule(
    'Xen does not map a new frame of the table where the guest wants it: the table does not grow',
    LINUX_TABLE,
    'gnttab_map',
  ),
  'grants.list-rolled-back': rule(
    'an entry cannot be mapped: those before it are unmapped again, -EIO',
    OPS,
    'xen_grant_dma_map_sg',
  ),
  'grants.mmio-refused': rule('what is no memory has no page to grant', OPS, 'xen_grant_dma_map_phys'),
  'grants.no-node': rule(
    'no node describes the device and grants are not forced: platform DMA',
    OPS,
    'xen_grant_init_backend_domid',
  ),
  'grants.node-is-no-backend': rule(
    'the map or iommus leads to no node for grants with one cell: platform DMA',
    OPS,
    'xen_grant_init_backend_domid',
  ),
  'grants.not-plugged-in': rule(
    'the backend is not up: the device is not there yet, -ENODEV',
    THREAD,
    'virtio hotplug',
  ),
  'grants.reference-held': rule(
    'the backend still holds a reference: the device is broken, references before it are lost',
    OPS,
    'xen_grant_dma_unmap_page',
  ),
  'grants.table-full': rule('the table cannot grow: nothing is mapped', LINUX_TABLE, 'gnttab_expand'),
  'grants.waits-for-backend': rule('the backend is not up: the probe waits', THREAD, 'waiting for a backend'),
  'grants.wait-gave-up': rule('the backend did not come up in time: -ETIMEDOUT', THREAD, 'a link-up style wait'),
  'grant-table.bad-page': rule("the granted frame is not the granter's: GNTST_bad_page", XEN_TABLE, 'acquire_grant'),
  'grant-table.beyond-limit': rule(
    'more frames are asked for than the table may have: GNTST_general_error',
    XEN_TABLE,
    'gnttab_setup_table',
  ),
  'grant-table.domain-missing': rule('there is no such domain: GNTST_bad_domain', XEN_TABLE, 'gnttab_setup_table'),
  'grant-table.emptied': rule(
    'another version: the table is emptied, its first eight references stay',
    XEN_TABLE,
    'gnttab_set_version',
  ),
  'grant-table.entries-in-use': rule(
    'somebody has a reference mapped that is no reserved one: the version stays, -EBUSY',
    XEN_TABLE,
    'gnttab_set_version',
  ),
  'grant-table.entries-too-wide': rule(
    'a reserved reference grants what version 1 has no room for: the version stays, -ERANGE',
    XEN_TABLE,
    'gnttab_set_version',
  ),
  'grant-table.granter-missing': rule('there is no such granter: GNTST_bad_domain', XEN_TABLE, 'map_grant_ref'),
  'grant-table.grown': rule('the table gets more frames, which it keeps', XEN_TABLE, 'gnttab_grow_table'),
  'grant-table.handle-unknown': rule(
    "the handle is not one of the domain's: GNTST_bad_handle",
    XEN_TABLE,
    'unmap_common',
  ),
  'grant-table.mapping-released': rule(
    'a domain that ends gives back what it has mapped',
    XEN_TABLE,
    'gnttab_release_mappings',
  ),
  'grant-table.no-frame': rule(
    'the table has no such frame and may not grow to it: -EINVAL',
    XEN_TABLE,
    'gnttab_get_shared_frame_mfn',
  ),
  'grant-table.no-handle-left': rule(
    'no handle is left and no frame for more: GNTST_no_space',
    XEN_TABLE,
    'map_grant_ref',
  ),
  'grant-table.no-kind-of-mapping': rule(
    'neither host nor device mapping is asked for: GNTST_bad_gntref',
    XEN_TABLE,
    'map_grant_ref',
  ),
  'grant-table.no-status-frame': rule(
    'a status frame is for eight frames of the table, and it may not have so many: -EINVAL',
    XEN_TABLE,
    'gnttab_get_status_frame_mfn',
  ),
  'grant-table.not-granted': rule(
    'the reference is not granted to this domain: GNTST_general_error',
    XEN_TABLE,
    '_set_status',
  ),
  'grant-table.not-permitted': rule(
    "only the control domain asks for another's table: GNTST_permission_denied",
    XEN_TABLE,
    'gnttab_setup_table',
  ),
  'grant-table.pinned': rule(
    'another domain has the reference mapped, or it is mapped too often: GNTST_general_error',
    XEN_TABLE,
    'map_grant_ref',
  ),
  'grant-table.read-only': rule(
    'a read-only grant is not mapped for writing: GNTST_general_error',
    XEN_TABLE,
    '_set_status',
  ),
  'grant-table.reference-out-of-range': rule(
    'the table has no such reference: GNTST_bad_gntref',
    XEN_TABLE,
    'map_grant_ref',
  ),
  'grant-table.unsupported-flags': rule(
    'device, application or page table mappings are not for these domains: GNTST_general_error',
    XEN_TABLE,
    'map_grant_ref',
  ),
  'grant-table.version-not-for-domain': rule(
    'version 2 is not there on Arm, nor for a domain that was made with version 1: -ENOSYS',
    XEN_TABLE,
    'gnttab_set_version',
  ),
  'grant-table.version-unknown': rule('there are versions 1 and 2: -EINVAL', XEN_TABLE, 'gnttab_set_version'),
  'undefined.grant-free-list-null-tail': rule(
    "the pointer to the free list's tail is used while it points nowhere",
    LINUX_TABLE,
    'get_free_seq',
  ),
  'undefined.grant-free-list-out-of-bounds': rule(
    'a link of the free list is read or written that is not in the table',
    LINUX_TABLE,
    'put_free_entry_locked',
  ),
  'undefined.grant-reference-out-of-bounds': rule(
    'a reference is ended that is beyond the frames of the table',
    LINUX_TABLE,
    'gnttab_end_foreign_access_ref',
  ),
} as const satisfies Readonly<Record<string, Rule>>;
