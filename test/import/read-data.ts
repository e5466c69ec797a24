// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

const place = (name: string): URL => new URL(`data/${name}`, import.meta.url);

/** Text of a cut of a real recording; see docs/importing.md for where they come from. */
export const readData = (name: string): string => readFileSync(place(name), 'utf8');

/** Bytes of a cut that is kept compressed. */
export const readPacked = (name: string): Uint8Array => gunzipSync(readFileSync(place(name)));
