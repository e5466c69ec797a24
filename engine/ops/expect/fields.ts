// SPDX-License-Identifier: GPL-2.0-only
import { field } from '../../trace/field.ts';

/** A range of frames that vPCI mapped or unmapped: first guest frame, how many, first machine frame. */
export const MAPPED_RANGE = { dom: field.domain, gfn: field.frame, nr: field.frame, mfn: field.frame } as const;
