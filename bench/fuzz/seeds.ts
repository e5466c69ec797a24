// SPDX-License-Identifier: GPL-2.0-only
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Target } from './targets.ts';

const MAX_SEED_BYTES = 65_536;

/** The project's folder, from the sources and from the build. */
export const projectRoot = (): string => {
  const here = fileURLToPath(new URL('../..', import.meta.url));
  return here.endsWith('build/') ? join(here, '..') : here;
};

/** The files that a target's inputs are made from; large ones by their beginning, cut at a line. */
export const seedsOf = ({ name, seeds }: Target): readonly Uint8Array[] => {
  const folder = join(projectRoot(), seeds.folder);
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(seeds.ending))
    .sort();
  const files = paths.map((path) => {
    const bytes = Uint8Array.from(readFileSync(join(folder, path)));
    const whole = seeds.convert === undefined ? bytes : seeds.convert(bytes);
    return whole.length <= MAX_SEED_BYTES ? whole : whole.subarray(0, whole.lastIndexOf(10, MAX_SEED_BYTES) + 1);
  });
  if (files.length === 0) throw new Error(`no seeds for ${name} in ${seeds.folder}`);
  return files;
};
