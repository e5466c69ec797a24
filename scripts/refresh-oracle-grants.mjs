// SPDX-License-Identifier: GPL-2.0-only
// Packs the cases with the answers of Linux's and Xen's own grant code into the test data:
// `node scripts/refresh-oracle-grants.mjs [FOLDER]` (default: ../shared/oracle-grants).
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const TARGET = new URL('../test/oracle-grants/data/cases.json.gz', import.meta.url);
const BEST = 9;

/** One case: the files' texts as they are. */
const readCase = (folder, name) => {
  const expected = join(folder, name, 'expected');
  return {
    name,
    machine: readFileSync(join(folder, name, 'machine.yaml'), 'utf8'),
    trace: readFileSync(join(folder, name, 'trace.csv'), 'utf8'),
    expected: Object.fromEntries(
      readdirSync(expected)
        .sort()
        .map((file) => [file.replace(/\.ndjson$/, ''), readFileSync(join(expected, file), 'utf8')]),
    ),
  };
};

const [folder = '../shared/oracle-grants'] = process.argv.slice(2);
const cases = readdirSync(folder)
  .filter((name) => existsSync(join(folder, name, 'trace.csv')))
  .sort()
  .map((name) => readCase(folder, name));
if (cases.length === 0) throw new Error(`no cases in ${folder}`);
const packed = gzipSync(JSON.stringify(cases), { level: BEST });
writeFileSync(TARGET, packed);
console.log(`${cases.length} cases, ${packed.length} bytes`);
