// SPDX-License-Identifier: GPL-2.0-only
import { formatJson } from '../text.ts';
import type { Reporter } from './report.ts';

/** The whole report as one JSON document; docs/report.schema.json is its schema, and `hvreplay merge` reads it. */
export const jsonReporter: Reporter = (report) => formatJson(report);
