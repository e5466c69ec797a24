// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';

const texts = z.record(z.string(), z.string());

const schema = z.strictObject({ scenarios: texts, answers: z.record(z.string(), texts) });

/** Scenario texts by name; JSON lines by release and scenario. */
export type OracleArm = z.output<typeof schema>;

/** The packed copy; `node scripts/refresh-oracle-arm.mjs` renews it. */
export const readOracleArm = (): OracleArm => {
  const file = fileURLToPath(new URL('data/oracle-arm.json.gz', import.meta.url));
  return schema.parse(JSON.parse(gunzipSync(readFileSync(file)).toString('utf8')));
};
