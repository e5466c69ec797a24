// SPDX-License-Identifier: GPL-2.0-only
import type { Domain } from '../../xen/state.ts';

/** Guest frames that hold memory of the guest, both ends included. */
export const memoryOf = ({ p2m }: Domain): readonly { readonly first: number; readonly last: number }[] =>
  p2m.list().filter(({ type }) => type === 'ram_rw' || type === 'ram_ro');
