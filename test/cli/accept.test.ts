// SPDX-License-Identifier: GPL-2.0-only
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Terminal } from '../../cli/io.ts';
import { type Ran, runCommand } from './run-command.ts';
import { type Scratch, scratch } from './scratch.ts';

const CASES = ['sriov/pf-removed-with-vfs', 'msix/table-traps'];
const MACHINE = /^# machine: \.\.\/(.+)$/m;

const read = (path: string): string => readFileSync(path, 'utf8');

/** A part of the corpus, in a place where it may be changed. */
const copied = (): Scratch => {
  const files: Record<string, string> = {};
  for (const name of CASES) {
    const trace = read(`traces/${name}.csv`);
    const machine = MACHINE.exec(trace)?.[1] ?? '';
    files[`traces/${name}.csv`] = trace;
    files[`traces/${machine}`] = read(`traces/${machine}`);
    for (const file of readdirSync(`golden/${name}`)) files[`golden/${name}/${file}`] = read(`golden/${name}/${file}`);
  }
  return scratch(files);
};

const change = (here: Scratch, path: string, from: string, to: string): void => {
  const text = here.read(path);
  expect(text).toContain(from);
  here.write(path, text.replaceAll(from, to));
};

const BUSY = 'remove.pf-has-vfs:physdev.pci_device_remove';
const HOLE = 'map.msix-hole:p2m';
const VFS = 'golden/sriov/pf-removed-with-vfs/xen-4.19.txt';
const TABLE = 'golden/msix/table-traps/xen-4.17.txt';

/** The removal is refused and a page is not mapped, and the golden files do not know either. */
const changed = (): Scratch => {
  const here = copied();
  change(
    here,
    VFS,
    'physdev.pci_device_remove d0 0000:03:00.0: -EBUSY',
    'physdev.pci_device_remove d0 0000:03:00.0: 0',
  );
  change(
    here,
    TABLE,
    'gfn 0x00000fe402-0x00000fe403: mfn 0x00000fe402',
    'gfn 0x00000fe400-0x00000fe403: mfn 0x00000fe400',
  );
  return here;
};

const accept = (here: Scratch, ...words: readonly string[]): Promise<Ran> =>
  runCommand(['accept', here.at('traces'), ...words]);

const left = async (here: Scratch): Promise<readonly string[]> =>
  [...(await accept(here, '--dry-run')).out.matchAll(/^(\S+:\S+): /gm)].map(([, id = '']) => id);

describe('accept', () => {
  test('groups by the rule that now decides and the kind of fact, with an example', async () => {
    const here = changed();
    const { exit, out } = await accept(here, '--dry-run');
    expect(exit).toBe(1);
    expect(out).toContain(
      [
        `${BUSY}: 1 file, 1 case`,
        '  a PF with VFs stays: -EBUSY, PF and VFs are broken',
        `  for example ${here.at(VFS)}`.slice(0, 78),
      ].join('\n'),
    );
    expect(out).toContain('      was: 0\n      is: -EBUSY\n');
    expect(out).toContain(`${HOLE}: 1 file, 1 case\n  pages of MSI-X table and PBA are never mapped`);
    expect(out).toContain(`\n  would write ${here.at(VFS)}\n`);
  });

  test('names causes as check does', async () => {
    const here = changed();
    const { out } = await runCommand(['check', here.at('traces'), '--reporter', 'json']);
    const causes = [...out.matchAll(/"cause": \{\s*"name": "([^"]+)"/g)].map(([, name = '']) => name);
    expect([...new Set(causes)].sort()).toEqual([...(await left(here))].sort());
  });

  test('takes all, where nobody says otherwise', async () => {
    const here = changed();
    expect(await accept(here)).toMatchObject({ exit: 0, out: expect.stringContaining('wrote 2 files, removed 0') });
    expect(await left(here)).toEqual([]);
  });

  test.each([BUSY, 'remove.pf-has-vfs', 'physdev.pci_device_remove'])('takes one group by name: %s', async (name) => {
    const here = changed();
    expect(await accept(here, '--group', name)).toMatchObject({ exit: 0 });
    expect(await left(here)).toEqual([HOLE]);
  });

  test('takes what is expected, if there is nothing else', async () => {
    const here = changed();
    const { exit } = await accept(here, '--expect', 'remove.pf-has-vfs', '--expect', 'p2m');
    expect([exit, await left(here)]).toEqual([0, []]);
  });

  test('refuses where there is something that nobody expects, and puts it first', async () => {
    const here = changed();
    const { exit, out, notes } = await accept(here, '--expect', 'map.msix-hole');
    expect(exit).toBe(1);
    expect(out).toMatch(/^UNEXPECTED remove\.pf-has-vfs:physdev\.pci_device_remove: /);
    expect(notes).toContain(
      '1 change that nobody expects: nothing was accepted; --group NAME accepts one all the same',
    );
    expect((await left(here)).length).toBe(2);
    expect((await accept(here, '--expect', 'map.msix-hole', '--group', BUSY)).exit).toBe(0);
    expect(await left(here)).toEqual([]);
  });

  test('says which expectation came to nothing', async () => {
    const { exit, notes } = await accept(copied(), '--expect', 'remove.pf-has-vfs');
    expect([exit, notes]).toEqual([0, "--expect 'remove.pf-has-vfs': nothing changes for that reason\n"]);
  });

  test('names the listed change where a release now differs from the one before', async () => {
    const here = copied();
    rmSync(here.at(VFS));
    const { out } = await accept(here, '--dry-run');
    expect(out).toMatch(
      /^\w+=[\w-]+(?:\+\w+=[\w-]+)*:physdev\.pci_device_\w+: 1 file, 1 case\n {2}\w+: [\w-]+ -> [\w-]+, [0-9a-f]{10}, /,
    );
  });

  test('does the same for programs', async () => {
    const { exit, out } = await accept(changed(), '--dry-run', '--format', 'json', '--expect', 'p2m');
    expect([exit, JSON.parse(out)]).toMatchObject([
      1,
      {
        groups: [
          {
            id: BUSY,
            expected: false,
            accepted: false,
            files: [{ action: 'write', first: { was: '0', is: '-EBUSY' } }],
          },
          { id: HOLE, expected: true, accepted: false },
        ],
      },
    ]);
  });

  test.each([
    [['--group', 'remove.pf-has-vf:physdev.pci_device_remove'], `did you mean ${BUSY}?: nothing changes`],
    [['--interactive', '--dry-run'], '--interactive and --dry-run: expected one of them'],
    [['--interactive'], 'stdin and stdout have to be a terminal'],
    [['--format', 'xml'], 'expected text, json'],
  ])('refuses %j', async (words, message) => {
    const { exit, notes } = await accept(changed(), ...words);
    expect([exit, notes]).toEqual([2, expect.stringContaining(message)]);
  });
});

describe('accept --interactive', () => {
  const ask = async (here: Scratch, typed: string): Promise<readonly string[]> => {
    const keys = [...typed];
    const screens: string[] = [];
    const terminal: Terminal = {
      size: () => ({ columns: 80, rows: 24 }),
      show: (lines) => {
        screens.push(lines.join('\n'));
      },
      key: async () => ({ name: keys.shift() ?? 'closed', text: '' }),
      close: () => undefined,
    };
    await runCommand(['accept', here.at('traces'), '-i'], {}, { takeTerminal: async () => terminal });
    return screens;
  };

  test('asks for each group and takes those that are wanted', async () => {
    const here = changed();
    const screens = await ask(here, 'xny');
    expect(screens).toHaveLength(2);
    expect(screens[0]).toMatch(
      /: 1 file, 1 case\n(?:.*\n)*1 of 2: accept\? y yes {2}n no {2}q no, and none of the rest$/,
    );
    expect(await left(here)).toHaveLength(1);
  });

  test('takes nothing more once it is left', async () => {
    const here = changed();
    expect(await ask(here, 'q')).toHaveLength(1);
    expect(await left(here)).toHaveLength(2);
  });

  test('golden files without a trace stay until they are named: a test may hold it', async () => {
    const here = changed();
    const orphan = 'golden/ts/vf/xen-4.19.txt';
    here.write(orphan, here.read(VFS));
    const first = await accept(here);
    expect(first.exit).toBe(0);
    expect(first.out).toContain(`orphaned: 1 file, 1 case\n`);
    expect(first.out).toContain(`  left ${here.at(orphan)}\n`);
    expect(here.read(orphan)).not.toBe('');
    expect((await accept(here, '--dry-run')).out).toContain(`  left ${here.at(orphan)}\n`);
    const second = await accept(here, '--group', 'orphaned');
    expect(second.out).toContain(`  removed ${here.at(orphan)}\n`);
    expect(() => here.read(orphan)).toThrow('ENOENT');
  });
});
