// SPDX-License-Identifier: GPL-2.0-only
import type { Release } from '../../engine/semantics/releases.ts';
import { type Args, textOf, textsOf } from '../args.ts';
import { columns } from '../columns.ts';
import type { Command } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import type { Io } from '../io.ts';

const refuse = (io: Io, message: string): ExitCode => {
  io.note(`hvreplay releases: ${message}\n`);
  return EXIT.wrongInput;
};

const show = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** Per behaviour one row for the first release shown, and one for each that changes it. */
const byBehaviour = (releases: readonly Release[]): string => {
  const [first, ...later] = releases;
  if (first === undefined) return '';
  const rows: string[][] = [['behaviour', 'release', 'value', 'commit', 'why']];
  for (const [behaviour, value] of Object.entries(first.behaviours)) {
    rows.push([behaviour, first.name, show(value), '', '']);
    for (const release of later)
      for (const change of release.changes)
        if (change.behaviour === behaviour) rows.push(['', release.name, show(change.to), change.commit, change.why]);
  }
  return columns(rows);
};

const run = async (args: Args, io: Io): Promise<ExitCode> => {
  const format = textOf(args, 'format') ?? 'text';
  if (format !== 'text' && format !== 'json') return refuse(io, `--format ${format}: expected text or json`);
  const [{ RELEASES }, { didYouMean }] = await Promise.all([
    import('../../engine/semantics/releases.ts'),
    import('../../engine/trace/nearest.ts'),
  ]);
  const names = textsOf(args, 'name');
  const known = RELEASES.map(({ name }) => name);
  for (const name of names)
    if (!known.includes(name)) return refuse(io, `unknown release '${name}'${didYouMean(name, known)}`);
  const chosen = RELEASES.filter(({ name }) => names.length === 0 || names.includes(name));
  if (format === 'json') {
    await io.out(`${JSON.stringify(chosen, undefined, 2)}\n`);
    return EXIT.ok;
  }
  await io.out(`${columns(chosen.map(({ name, tree }) => [name, tree]))}\n${byBehaviour(chosen)}`);
  return EXIT.ok;
};

export const releasesCommand: Command = {
  positionals: [{ name: 'name', describe: 'only these releases; default: all', many: true, completes: 'release' }],
  options: {
    format: { describe: 'text or json', value: 'FORMAT', default: 'text', completes: ['text', 'json'] },
  },
  details:
    'Each behaviour is listed with its value in the oldest release and then with each release that changed it, the commit that did and why. A release that is not listed for a behaviour has the value of the one before.',
  examples: [
    ['hvreplay releases', 'the whole history'],
    ['hvreplay releases xen-4.19 xen-4.20', 'what xen-4.20 changed'],
  ],
  run,
};
