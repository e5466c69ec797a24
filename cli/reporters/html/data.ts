// SPDX-License-Identifier: GPL-2.0-only
import type { DiffRow } from '../../../engine/golden/side-by-side.ts';
import type { CaseReport, FindingReport, Report } from '../report-schema.ts';

/** What the page is given: one block of JSON with the list, and one for each case, read when the case is opened. */

/** A row of the list. Those that need a look come first. */
export interface CaseRow extends Pick<CaseReport, 'name' | 'trace' | 'status'> {
  readonly title: string;
  readonly replays: number;
}

export interface ReportIndex extends Pick<Report, 'summary' | 'strays' | 'expectations' | 'shard'> {
  readonly cases: readonly CaseRow[];
  /** What the rules say that decided something in one of the cases. */
  readonly rules: Readonly<Record<string, { readonly says: string; readonly where: string }>>;
}

export interface FindingData
  extends Pick<FindingReport, 'message' | 'releases' | 'golden' | 'edited' | 'differences' | 'known'> {
  /** Of an outcome that differs from the golden file. */
  readonly diff?: {
    readonly rows: readonly DiffRow[];
    /** Rows that are not there, since there are too many. */
    readonly rowsLeftOut: number;
    readonly unified: string;
  };
}

export interface CaseData {
  /** Why the case has no outcome. */
  readonly error?: string;
  readonly findings: readonly FindingData[];
  readonly outcomes: NonNullable<CaseReport['outcomes']>;
}

/** Ids of the blocks; a case's has its index in the list behind it. */
export const INDEX_ID = 'report';
export const CASE_ID = 'case-';
