// SPDX-License-Identifier: GPL-2.0-only
import type { Io } from './io.ts';

/** Today in UTC, `YYYY-MM-DD`; SOURCE_DATE_EPOCH (seconds) stands in for the clock where it is set. */
export const todayOf = (io: Io): string => {
  const { SOURCE_DATE_EPOCH: epoch } = io.env;
  const date = epoch !== undefined && /^\d{1,11}$/.test(epoch) ? new Date(1000 * Number(epoch)) : new Date();
  return date.toISOString().slice(0, 10);
};
