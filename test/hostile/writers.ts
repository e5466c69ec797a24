// SPDX-License-Identifier: GPL-2.0-only
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ACCEPT_LOCK } from '../../cli/corpus.ts';
import { isTemporary } from '../../cli/write-files.ts';
import { runCommand } from '../cli/run-command.ts';
import { type Scratch, scratch } from '../cli/scratch.ts';

/** Every command that writes files, and what its files are before and after. */

export interface Writer {
  readonly name: string;
  /** The source file that writes. */
  readonly by: string;
  readonly words: (at: Scratch['at']) => readonly string[];
  /** Where it writes. */
  readonly folder: string;
  /** Its input before; without, what it writes has been something else before. */
  readonly earlier?: (here: Scratch, cases: number) => void;
}

const MACHINE = `machine: 1
arch: x86
devices:
  "0000:00:03.0":
    id: 8086:10c9
    bars: { 0: { kind: mem32, address: 0xfe000000, size: 0x10000 } }
`;

const traceOf = (nth: number, version: number): string => `# hvreplay-trace: 1
# machine: ../machines/m.yaml
op,dom,sbdf,reg,size,value
boot.hwdom_setup,,,,,
cfg.write,d0,0000:00:03.0,0x10,4,0x${(0xfd000000 + nth * 0x100000 + version * 0x10000).toString(16)}
cfg.write,d0,0000:00:03.0,0x4,2,0x2
`;

/** The second version changes all cases but two, which it lacks, and has two more. */
const corpusOf = (version: number, cases: number): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Array.from({ length: cases }, (_, nth) => nth + 2 * version).map((nth) => [
      `traces/s/c${nth}.csv`,
      traceOf(nth, version),
    ]),
  );

const LONG = `${traceOf(0, 0)}${'cfg.write,d0,0000:00:03.0,0x4,2,0x2\n'.repeat(3000)}`;

/** Files of one recorded run. */
const RECORD = ['console.gz', 'lspci-vvvxxxx.0.gz', 'resource.0.gz'];

const REPORTERS = ['json', 'junit', 'tap', 'html'];
const reportersTo = (at: Scratch['at']): readonly string[] =>
  REPORTERS.flatMap((name) => ['--reporter', `${name}=${at(`out/r.${name}`)}`]);
const PARTS = ['xen-4.18', 'xen-4.20'].flatMap((name) => ['--release', name]);

export const putCorpus = (here: Scratch, version: number, cases: number): void => {
  rmSync(here.at('traces/s'), { recursive: true, force: true });
  for (const [path, text] of Object.entries(corpusOf(version, cases))) here.write(path, text);
};

const [CONVERT, DELIVER] = ['cli/commands/convert.ts', 'cli/deliver.ts'];

export const WRITERS: readonly Writer[] = [
  {
    ...{ name: 'accept', by: 'cli/accept-write.ts', folder: 'golden' },
    words: (at) => ['accept', at('traces')],
    earlier: (here, cases) => putCorpus(here, 0, cases),
  },
  {
    ...{ name: 'convert to text', by: CONVERT, folder: 'out' },
    words: (at) => ['convert', at('in/long.csv'), at('out/t.jsonl')],
  },
  {
    ...{ name: 'convert to protobuf', by: CONVERT, folder: 'out' },
    words: (at) => ['convert', at('in/long.csv'), at('out/t.pb')],
  },
  {
    ...{ name: 'check --reporter', by: DELIVER, folder: 'out' },
    words: (at) => ['check', at('traces'), ...reportersTo(at)],
  },
  {
    ...{ name: 'merge --reporter', by: DELIVER, folder: 'out' },
    words: (at) => ['merge', at('in/report.json'), ...reportersTo(at)],
  },
  {
    ...{ name: 'shrink --out', by: 'cli/commands/shrink.ts', folder: 'out' },
    words: (at) => ['shrink', at('in/parting.csv'), ...PARTS, '--out', at('out'), '--force'],
  },
  {
    ...{ name: 'import --out', by: 'cli/commands/import.ts', folder: 'out' },
    words: (at) => ['import', ...RECORD.map((name) => at(`in/${name}`)), '--out', at('out')],
  },
];

/** What all of them read, with golden files. */
export const writersScratch = async (cases: number): Promise<Scratch> => {
  const here = scratch({
    ...{ 'traces/machines/m.yaml': MACHINE, 'machines/m.yaml': MACHINE, 'in/long.csv': LONG },
    'machines/sriov-hotplug.yaml': readFileSync('traces/machines/sriov-hotplug.yaml'),
    'in/parting.csv': readFileSync('traces/sriov/vf-before-pf.csv'),
    ...Object.fromEntries(RECORD.map((name) => [`in/${name}`, readFileSync(`test/import/data/run/${name}`)])),
  });
  putCorpus(here, 1, cases);
  const toMerge = ['--shard', '1/1', '--reporter', `json=${here.at('in/report.json')}`];
  for (const words of [['accept'], ['check', ...toMerge]]) {
    const ran = await runCommand([...words, here.at('traces')]);
    if (ran.exit !== 0) throw new Error(ran.notes);
  }
  return here;
};

/** Files by path, without what a command leaves that is killed. */
export const contents = (folder: string): ReadonlyMap<string, string> =>
  new Map(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => statSync(join(folder, path)).isFile() && !isTemporary(path) && path !== ACCEPT_LOCK)
      .map((path) => [path, readFileSync(join(folder, path), 'latin1')]),
  );

export const temporariesIn = (folder: string): number =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => isTemporary(path)).length;

/** Makes the folder what it was. */
export const restore = (here: Scratch, folder: string, files: ReadonlyMap<string, string>): void => {
  for (const path of contents(here.at(folder)).keys()) if (!files.has(path)) rmSync(here.at(`${folder}/${path}`));
  for (const [path, text] of files) here.write(`${folder}/${path}`, Buffer.from(text, 'latin1'));
  rmSync(here.at(`${folder}/${ACCEPT_LOCK}`), { force: true });
};

/** What a command that has run leaves in place of files that were something else before. */
export const somethingElse = (files: ReadonlyMap<string, string>): ReadonlyMap<string, string> =>
  new Map([...files.keys()].map((path) => [path, `old ${'content '.repeat(1000)}`]));
