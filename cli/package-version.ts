// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs';

/** Not in files.ts: what that needs of Node takes half as long to load as to say the version. */

/** Seen from the built files, and from the sources. */
const MANIFESTS = ['../../package.json', '../package.json'];
const NAME = 'hvreplay';

const readManifest = (path: string): unknown => {
  try {
    return JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
  } catch {
    return undefined;
  }
};

/** The version in the package's own package.json. */
export const packageVersion = (): string => {
  for (const path of MANIFESTS) {
    const manifest = readManifest(path);
    if (typeof manifest !== 'object' || manifest === null || !('version' in manifest && 'name' in manifest)) continue;
    if (manifest.name === NAME) return String(manifest.version);
  }
  return 'of unknown version';
};
