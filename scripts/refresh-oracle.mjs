// SPDX-License-Identifier: GPL-2.0-only
// Packs the cases with the answers of Xen's own code into the test data: `node scripts/refresh-oracle.mjs [FOLDER]`
// (default: the folder `shared` beside the project). Takes half a minute, nearly all of it to compress.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';

const TARGET = fileURLToPath(new URL('../test/oracle/data/', import.meta.url));
const ANSWERS = '.ndjson';

/** Cases resemble each other, so the window has to reach back over many of them. */
const compress = (bytes) =>
  brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });

/** One case: the files' texts as they are, answers by release or state. */
const readCase = (folder, name, core) => {
  const expected = join(folder, name, 'expected');
  return {
    name,
    core: core.has(name),
    machine: readFileSync(join(folder, name, 'machine.yaml'), 'utf8'),
    trace: readFileSync(join(folder, name, 'trace.csv'), 'utf8'),
    expected: Object.fromEntries(
      readdirSync(expected)
        .filter((file) => file.endsWith(ANSWERS))
        .sort()
        .map((file) => [file.slice(0, -ANSWERS.length), readFileSync(join(expected, file), 'utf8')]),
    ),
  };
};

const readCore = (folder) => {
  const file = join(folder, 'core.txt');
  return new Set(existsSync(file) ? readFileSync(file, 'utf8').split(/\s+/) : []);
};

const pack = (folder, target) => {
  const core = readCore(folder);
  const cases = readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, 'trace.csv')))
    .sort()
    .map((name) => readCase(folder, name, core));
  if (cases.length === 0) throw new Error(`no cases in ${folder}`);
  const packed = compress(Buffer.from(cases.map((each) => `${JSON.stringify(each)}\n`).join('')));
  writeFileSync(join(TARGET, target), packed);
  console.log(`${target}: ${cases.length} cases, ${packed.length} bytes`);
};

const [root = fileURLToPath(new URL('../../shared', import.meta.url))] = process.argv.slice(2);
mkdirSync(TARGET, { recursive: true });
pack(join(root, 'oracle'), 'oracle.ndjson.br');
pack(join(root, 'oracle-proposals'), 'proposals.ndjson.br');
