// SPDX-License-Identifier: GPL-2.0-only
import { field } from '../../trace/field.ts';
import { domainNamed } from '../../xen/domains.ts';
import { operation } from '../operation.ts';

export const iomemDeny = operation({
  name: 'iomem.deny',
  summary: 'a domain loses rights to machine frames',
  source: 'xen/include/xen/iocap.h: iomem_deny_access',
  fields: { dom: field.domain, mfn: field.frame, nr: field.frame },
  run: (world, { dom, mfn, nr }) => {
    if (nr > 0) domainNamed(world, dom).iomem.remove(mfn, mfn + nr - 1);
    return undefined;
  },
});
