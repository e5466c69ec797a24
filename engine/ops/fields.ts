// SPDX-License-Identifier: GPL-2.0-only
import { field } from '../trace/field.ts';

/** Who does it, and on which of its vCPUs; fields that most operations share. */
export const ACTOR = { dom: field.domain, vcpu: field.optional(field.unsigned('vcpu', 8191)) } as const;

/** A register of config space; a little more than there is, so that refused accesses can be traced. */
export const register = field.unsigned('register', 0xffff);

/** Bytes of an access of 1 to 4. */
export const smallSize = field.unsigned('size 1-4', 4);

/** Bytes of an access that Xen is to judge. */
export const anySize = field.unsigned('size', 64);

/** On reads: the recorded or expected value, which does not influence the model. */
export const recordedValue = field.optional(field.u64);
