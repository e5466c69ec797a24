// SPDX-License-Identifier: GPL-2.0-only

import type { RuleId } from '../../semantics/rules.ts';

/** The first rule that an operation broke; nothing that comes after it is known. */
export interface Fault {
  rule: RuleId | undefined;
}
