// SPDX-License-Identifier: GPL-2.0-only
import { chmodSync, mkdirSync, readdirSync, statSync, symlinkSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { listTree, readText } from '../../cli/files.ts';
import { removeFile, writeAtomic, writePieces } from '../../cli/write-files.ts';
import { scratch } from './scratch.ts';

describe('reading', () => {
  test('gives the reason when it is refused', () => {
    const here = scratch({ 'a.txt': 'text' });
    expect(readText(here.at('a.txt'), 100)).toEqual({ ok: true, value: 'text' });
    expect(readText(here.at('b.txt'), 100)).toEqual({ ok: false, message: 'no such file or folder' });
    expect(readText(here.root, 100)).toEqual({ ok: false, message: 'is a folder; expected a file' });
  });

  test('refuses what is larger than the limit', () => {
    const here = scratch({ 'a.txt': 'x'.repeat(101) });
    expect(readText(here.at('a.txt'), 100)).toMatchObject({ ok: false, message: expect.stringMatching(/^more than /) });
  });

  test('of a file without an end stops at the limit', () => {
    expect(readText('/dev/zero', 1_000_000)).toMatchObject({
      ok: false,
      message: expect.stringMatching(/^more than /),
    });
  });
});

describe('writing', () => {
  test('replaces the file, makes folders and leaves no temporary file', () => {
    const here = scratch({ 'a/b.txt': 'old' });
    expect(writeAtomic(here.at('a/b.txt'), 'new')).toEqual({ ok: true });
    expect(writeAtomic(here.at('x/y/z.txt'), 'other')).toEqual({ ok: true });
    expect([here.read('a/b.txt'), here.read('x/y/z.txt')]).toEqual(['new', 'other']);
    expect(readdirSync(here.at('a'))).toEqual(['b.txt']);
  });

  test.each([0o600, 0o664, 0o444])('leaves it to those who might read and write the file: %o', (mode) => {
    const here = scratch({ 'a.txt': 'old', 'b.txt': 'old' });
    for (const name of ['a.txt', 'b.txt']) chmodSync(here.at(name), mode);
    symlinkSync(here.at('b.txt'), here.at('link'));
    expect(writeAtomic(here.at('a.txt'), 'new')).toEqual({ ok: true });
    expect(writePieces(here.at('link'), ['n', 'ew'])).toEqual({ ok: true });
    expect(['a.txt', 'b.txt'].map(here.read)).toEqual(['new', 'new']);
    expect(['a.txt', 'b.txt'].map((name) => statSync(here.at(name)).mode % 0o1000)).toEqual([mode, mode]);
  });

  test('that fails leaves nothing behind', () => {
    const here = scratch();
    mkdirSync(here.at('a/taken.txt'), { recursive: true });
    expect(writeAtomic(here.at('a/taken.txt'), 'new')).toMatchObject({ ok: false });
    expect(readdirSync(here.at('a'))).toEqual(['taken.txt']);
  });

  test('removing takes empty folders along, but not the top', () => {
    const here = scratch({ 'top/a/b/c.txt': '', 'top/a/d.txt': '' });
    expect(removeFile(here.at('top/a/b/c.txt'), here.at('top'))).toEqual({ ok: true });
    expect(readdirSync(here.at('top/a'))).toEqual(['d.txt']);
    expect(removeFile(here.at('top/a/d.txt'), here.at('top'))).toEqual({ ok: true });
    expect(readdirSync(here.root)).toEqual(['top']);
  });
});

test('a tree is listed in order of its paths, links not followed', () => {
  const here = scratch({ 'b/1': '', 'a/2': '', 'a/1': '' });
  symlinkSync(here.root, here.at('c'));
  expect(listTree(here.root)).toEqual({
    ok: true,
    value: [
      { path: 'a/1', kind: 'file' },
      { path: 'a/2', kind: 'file' },
      { path: 'b/1', kind: 'file' },
      { path: 'c', kind: 'link' },
    ],
  });
});
