// SPDX-License-Identifier: GPL-2.0-only
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A temporary folder that goes when the test ends. */
export interface Scratch {
  readonly root: string;
  at(path: string): string;
  write(path: string, data: string | Uint8Array): string;
  read(path: string): string;
}

export const scratch = (files: Readonly<Record<string, string | Uint8Array>> = {}): Scratch => {
  const folder = scratchFolder(files);
  onTestFinished(folder.remove);
  return folder;
};

/** The same for several tests: whoever makes it removes it. */
export const scratchFolder = (
  files: Readonly<Record<string, string | Uint8Array>> = {},
): Scratch & { readonly remove: () => void } => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'hvreplay-test-')));
  const at = (path: string): string => join(root, path);
  const write = (path: string, data: string | Uint8Array): string => {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), data);
    return at(path);
  };
  for (const [path, text] of Object.entries(files)) write(path, text);
  const remove = (): void => rmSync(root, { recursive: true, force: true });
  return { root, at, write, remove, read: (path) => readFileSync(at(path), 'utf8') };
};

/** A corpus with one machine and the traces given by `<subject>/<case>.<extension>`. */
export const scratchCorpus = (traces: Readonly<Record<string, string>>): Scratch =>
  scratch({
    'traces/machines/m.yaml': 'machine: 1\n',
    ...Object.fromEntries(Object.entries(traces).map(([name, text]) => [`traces/${name}`, text])),
  });
