// SPDX-License-Identifier: GPL-2.0-only
// Packs the Arm scenarios and their answers, from ../shared/oracle-arm next to the project, into the test data.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const project = dirname(dirname(fileURLToPath(import.meta.url)));
const source = join(project, '..', 'shared', 'oracle-arm');
const target = join(project, 'test', 'oracle-arm', 'data', 'oracle-arm.json.gz');

/** Contents of all files with this ending, by name without it. */
const readFolder = (folder, ending) =>
  Object.fromEntries(
    readdirSync(folder)
      .filter((name) => name.endsWith(ending))
      .sort()
      .map((name) => [name.slice(0, -ending.length), readFileSync(join(folder, name), 'utf8')]),
  );

const scenarios = readFolder(join(source, 'scenarios'), '.scn');
const answers = Object.fromEntries(
  readdirSync(join(source, 'answers'))
    .sort()
    .map((release) => [release, readFolder(join(source, 'answers', release), '.jsonl')]),
);
writeFileSync(target, gzipSync(JSON.stringify({ scenarios, answers }), { level: 9 }));
