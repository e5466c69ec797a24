// SPDX-License-Identifier: GPL-2.0-only
import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scratch } from '../cli/scratch.ts';
import { BIN, bytes, type Given, HEAD, MACHINE, ROWS, refused } from './refused.ts';

/** The built program on inputs that are wrong in every way. */

/** Looks like noise, and is always the same. */
const NOISE = Uint8Array.from({ length: 100_000 }, (_, nth) => (nth * nth * 31 + nth * 7 + 13) % 251);

describe('a trace', () => {
  test.each<readonly [what: string, content: string | Uint8Array, said: RegExp]>([
    ['that is empty', '', /^t\.csv:1:1: .*missing.*expected a header row/s],
    ['that is a line end', '\n\n\n', /^t\.csv:1:1: .*missing.*expected a header row/s],
    ['of directives only', HEAD, /^t\.csv:3:1: .*expected a header row/],
    ['of noise', NOISE, /^t\.csv:1:\d+: /],
    ['of invalid UTF-8', bytes(ROWS, [0xff, 0xfe, 0x0a]), /^t\.csv:5:1: .*UTF-8/],
    ['with a NUL', `${ROWS}cfg.read,d0,0000:00:03.0,\0,4,\n`, /^t\.csv:5:26: /],
    ['with a line of 10 MB', `${ROWS}note${' '.repeat(10_000_000)}\n`, /^t\.csv:5:1: a line of more than 65536/],
    ['with a cell of 10 MB', `${ROWS}"${'x'.repeat(10_000_000)}",,,,,\n`, /^t\.csv:5:1: /],
    ['with a million columns', `${HEAD}op${',x'.repeat(1_000_000)}\n`, /^t\.csv:3:1: /],
    ['with 30 000 columns', `${HEAD}op${',x'.repeat(30_000)}\n`, /^t\.csv:3:\d+: /],
    [
      'with a quote that stays open',
      `${ROWS}"note,,,,,\nboot.scan,,,,,\n`,
      /^t\.csv:5:1: a quote that is never closed/,
    ],
    ['with a huge number', `${ROWS}cfg.read,d0,0000:00:03.0,${'9'.repeat(400)},4,\n`, /^t\.csv:5:26: reg: expected/],
    ['with NaN', `${ROWS}cfg.read,d0,0000:00:03.0,NaN,4,\n`, /^t\.csv:5:26: reg: expected .*got "NaN"/],
    ['with a negative register', `${ROWS}cfg.read,d0,0000:00:03.0,-4,4,\n`, /^t\.csv:5:26: reg: expected/],
    ['with an access of size 0', `${ROWS}cfg.read,d0,0000:00:03.0,0,0,\n`, /^t\.csv:5:28: size: expected/],
    ['with a column __proto__', `${HEAD}op,__proto__\nnote,1\n`, /^t\.csv:3:4: .*__proto__/],
    [
      'with an operation __proto__',
      `${HEAD}op\n__proto__\nconstructor\ntoString\n`,
      /^t\.csv:4:1: .*\nt\.csv:5:1: .*\nt\.csv:6:1: /,
    ],
    ['with the same column twice', `${HEAD}op,dom,dom\nnote,,\n`, /^t\.csv:3:8: /],
    [
      'with a format version of the future',
      '# hvreplay-trace: 99\n# machine: m.yaml\nop\nnote\n',
      /^t\.csv:1:\d+: .*version/,
    ],
    ['with the same directive twice', `${HEAD}# machine: m.yaml\nop\nnote\n`, /^t\.csv:3:1: /],
    [
      'about a domain that is not there',
      `${ROWS}cfg.read,d9,0000:00:03.0,0,4,\n`,
      /^t\.csv:5:1: event 2 \(cfg\.read\): domain d9/,
    ],
  ])('%s', (_what, content, said) => {
    expect(refused({ files: { 't.csv': content } })).toMatch(said);
  });

  test('of a hundred thousand faults: some are listed, the rest is counted', () => {
    const said = refused({ files: { 't.csv': `${ROWS}${'nope,,,,,\n'.repeat(100_000)}` } });
    expect(said).toMatch(/^t\.csv:5:1: op: unknown operation "nope"/);
    expect(said.split('\n').length).toBeLessThan(60);
  });

  test.each<readonly [what: string, content: string, said: RegExp]>([
    ['that is empty', '', /^t\.ndjson:1:1: /],
    ['that is a number', '{"hvreplay-trace":1,"machine":"m.yaml"}\n5\n', /^t\.ndjson:2:1: /],
    ['that is cut off', '{"hvreplay-trace":1,"machine":"m.yaml"}\n{"op":"note"\n', /^t\.ndjson:2:\d+: /],
    ['that is deep', `{"hvreplay-trace":1,"machine":"m.yaml"}\n${'['.repeat(60_000)}\n`, /^t\.ndjson:2:1: /],
    [
      'with a deep value',
      `{"hvreplay-trace":1,"machine":"m.yaml"}\n{"op":${'['.repeat(60_000)}}\n`,
      /^t\.ndjson:2:\d+: /,
    ],
    [
      'with __proto__',
      '{"hvreplay-trace":1,"machine":"m.yaml"}\n{"op":"note","__proto__":{"seq":1}}\n',
      /^t\.ndjson:2:\d+: /,
    ],
    ['with a float', '{"hvreplay-trace":1,"machine":"m.yaml"}\n{"op":"note","seq":1e999}\n', /^t\.ndjson:2:\d+: /],
    [
      'with half a surrogate',
      '{"hvreplay-trace":1,"machine":"m.yaml"}\n{"op":"note","note":"\\ud800"}\n',
      /^t\.ndjson:2:\d+: /,
    ],
  ])('in JSON lines %s', (_what, content, said) => {
    expect(refused({ files: { 't.ndjson': content }, args: ['replay', 't.ndjson'] })).toMatch(said);
  });

  test.each<readonly [what: string, given: Given, said: RegExp]>([
    ['that is not there', { args: ['replay', 'gone.csv'] }, /^gone\.csv: no such file/],
    ['that is a folder', { prepare: (root) => mkdirSync(join(root, 't.csv')) }, /^t\.csv: is a folder/],
    [
      'that is a link to itself',
      { prepare: (root) => symlinkSync('t.csv', join(root, 't.csv')) },
      /^t\.csv: too many symbolic links/,
    ],
    ['with a name that is too long', { args: ['replay', `${'x'.repeat(5000)}.csv`] }, /: the name is too long/],
    ['of no known kind', { files: { 't.exe': ROWS }, args: ['replay', 't.exe'] }, /^t\.exe: is no trace by its name/],
  ])('%s', (_what, given, said) => {
    expect(refused(given)).toMatch(said);
  });

  test('with a byte order mark and CRLF is fine', () => {
    const { root } = scratch({ 'm.yaml': MACHINE, 't.csv': `\ufeff${ROWS.replaceAll('\n', '\r\n')}` });
    const { status, stderr } = spawnSync(process.execPath, [BIN, 'replay', 't.csv'], { cwd: root, encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

describe('a reference to a machine', () => {
  test.each<readonly [what: string, reference: string, said: RegExp]>([
    ['that is absolute', '/etc/passwd', /^t\.csv:2:1: machine: \/etc\/passwd: expected a path relative/],
    ['that leads out', '../../../../../../../etc/passwd', /^t\.csv:2:1: machine: .*is outside of the folder above/],
    ['with a backslash', '..\\m.yaml', /^t\.csv:2:1: machine: .*expected a path relative/],
    ['that is a folder', '.', /: is a folder/],
    ['that is empty', '', /^t\.csv(?::2:\d+)?: /],
    ['that is not there', 'gone.yaml', /^t\.csv:2:1: machine: gone\.yaml: no such file/],
  ])('%s', (_what, reference, said) => {
    expect(refused({ files: { 't.csv': `# hvreplay-trace: 1\n# machine: ${reference}\nop\nnote\n` } })).toMatch(said);
  });

  test.each<readonly [what: string, prepare: (root: string) => void, said: RegExp]>([
    [
      'through a link that leads out',
      (root) => symlinkSync('/etc/passwd', join(root, 'l.yaml')),
      /is outside of the folder/,
    ],
    ['through a link to itself', (root) => symlinkSync('l.yaml', join(root, 'l.yaml')), /too many symbolic links/],
    ['to a folder', (root) => mkdirSync(join(root, 'l.yaml')), /is a folder/],
  ])('%s', (_what, prepare, said) => {
    expect(refused({ files: { 't.csv': '# hvreplay-trace: 1\n# machine: l.yaml\nop\nnote\n' }, prepare })).toMatch(
      said,
    );
  });

  test('none at all', () => {
    expect(refused({ files: { 't.csv': '# hvreplay-trace: 1\nop\nnote\n' } })).toMatch(
      /^t\.csv: machine: names no machine/,
    );
  });
});

const deviceOf = (body: string): string => `machine: 1\narch: x86\ndevices:\n  "0000:00:03.0": ${body}\n`;

/** Nine lists, each ten times the one before. */
const BOMB = `machine: 1\narch: x86\na0: &a0 [x]\n${Array.from(
  { length: 9 },
  (_, nth) => `a${nth + 1}: &a${nth + 1} [${`*a${nth},`.repeat(10)}]\n`,
).join('')}`;

describe('a machine file', () => {
  test.each<readonly [what: string, content: string | Uint8Array, said: RegExp]>([
    ['that is empty', '', /^m\.yaml:1:1: /],
    ['of noise', NOISE, /^m\.yaml:1:\d+: /],
    ['of invalid UTF-8', bytes('machine: 1\narch: ', [0xc3, 0x28], '\n'), /^m\.yaml:2:7: /],
    ['with a NUL', 'machine: 1\narch: x86\0\n', /^m\.yaml:2:\d+: /],
    ['that is a list', '- 1\n- 2\n', /^m\.yaml:1:1: /],
    ['that is two documents', 'machine: 1\n---\nmachine: 1\n', /^m\.yaml:\d+:\d+: /],
    ['with a bomb of aliases', BOMB, /^m\.yaml:\d+:\d+: /],
    ['with lists a thousand deep', `machine: ${'['.repeat(1000)}\n`, /^m\.yaml:1:\d+: /],
    ['with lists a million deep', `machine: ${'['.repeat(1_000_000)}\n`, /^m\.yaml:1:\d+: /],
    ['with maps a thousand deep', `machine: ${'{a: '.repeat(1000)}\n`, /^m\.yaml:1:\d+: /],
    [
      'with blocks a thousand deep',
      Array.from({ length: 1000 }, (_, nth) => `${' '.repeat(nth)}a:\n`).join(''),
      /^m\.yaml:\d+:\d+: /,
    ],
    ['with __proto__', `machine: 1\narch: x86\n__proto__: { arch: arm }\n`, /^m\.yaml:3:1: unknown key "__proto__"/],
    ['with a device __proto__', 'machine: 1\narch: x86\ndevices: { __proto__: {} }\n', /^m\.yaml:3:\d+: .*__proto__/],
    ['with __proto__ in a device', deviceOf('{ __proto__: { extended: true } }'), /^m\.yaml:4:\d+: .*__proto__/],
    ['with .nan', deviceOf('{ registers: { 0x0: .nan } }'), /^m\.yaml:4:\d+: /],
    ['with .inf', deviceOf('{ sriov: .inf }'), /^m\.yaml:4:\d+: /],
    ['with a huge number', deviceOf(`{ registers: { 0x0: ${'9'.repeat(400)} } }`), /^m\.yaml:4:\d+: /],
    ['with a huge offset', deviceOf('{ registers: { 0xffffffffffffffff: 1 } }'), /^m\.yaml:4:\d+: /],
    ['with a tag', 'machine: !!js/function "x"\narch: x86\n', /^m\.yaml:1:\d+: /],
    ['with a merge key', 'machine: 1\narch: x86\n<<: { devices: {} }\n', /^m\.yaml:3:1: /],
    ['with the same key twice', 'machine: 1\narch: x86\narch: arm\n', /^m\.yaml:3:1: /],
    ['with a VF of nothing', deviceOf('{ presentWith: "0000:00:04.0" }'), /^m\.yaml:4:\d+: /],
    ['larger than 16 MiB', 'x'.repeat(17 * 2 ** 20), /^m\.yaml: more than 16 MiB/],
    ['of 16 MB of noise', 'a: [b, "c'.repeat(1_700_000), /^m\.yaml:\d+:\d+: /],
    [
      'of a million keys',
      `machine: 1\narch: x86\n${Array.from({ length: 1_000_000 }, (_, nth) => `k${nth}: 1\n`).join('')}`,
      /^m\.yaml:214286:10: more than 1500000 words/,
    ],
  ])('%s', (_what, content, said) => {
    expect(refused({ files: { 't.csv': ROWS, 'm.yaml': content } })).toMatch(said);
  });
});
