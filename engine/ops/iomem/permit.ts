// SPDX-License-Identifier: GPL-2.0-only
import { field } from '../../trace/field.ts';
import { domainNamed } from '../../xen/domains.ts';
import { operation } from '../operation.ts';

export const iomemPermit = operation({
  name: 'iomem.permit',
  summary: 'a domain gets rights to machine frames, as a step of Xen or the toolstack',
  source: 'xen/include/xen/iocap.h: iomem_permit_access',
  fields: { dom: field.domain, mfn: field.frame, nr: field.frame },
  run: (world, { dom, mfn, nr }) => {
    if (nr > 0) domainNamed(world, dom).iomem.add(mfn, mfn + nr - 1);
    return undefined;
  },
});
