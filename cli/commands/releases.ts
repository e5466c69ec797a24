// SPDX-License-Identifier: GPL-2.0-only

import { type Args, choiceOf, textsOf } from '../args.ts';
import { columns } from '../columns.ts';
import type { Command } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import type { Io } from '../io.ts';
import { FORMAT_OPTION, FORMATS, refuser } from '../shared-options.ts';
import { formatJson } from '../text.ts';

const refuse = refuser('releases');

const show = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** What a section of the history is made of: releases of Xen, of its Arm code, or of a guest. */
interface Stage {
  readonly name: string;
  readonly behaviours: object;
  readonly changes: readonly { behaviour: string; to: unknown; why: string; commit?: string; source?: string }[];
}

type Change = Stage['changes'][number];

const settingOf = (stage: Stage, behaviour: string): unknown =>
  new Map(Object.entries(stage.behaviours)).get(behaviour);

/** The change that gave a behaviour the value it has in a stage. */
const changeBehind = (history: readonly Stage[], stage: Stage, behaviour: string): Change | undefined =>
  history
    .slice(0, history.indexOf(stage) + 1)
    .flatMap(({ changes }) => changes)
    .findLast((change) => change.behaviour === behaviour);

const changeRow = (release: string, behaviour: string, { to, commit, source, why }: Change): string[] => [
  behaviour,
  release,
  show(to),
  commit ?? source ?? '',
  why,
];

/**
 * Per behaviour one row for the first of the chosen stages, and one for each that differs from the one before; of
 * stages that were asked for only behaviours that differ, of a single one what it changed.
 */
const byBehaviour = (history: readonly Stage[], chosen: readonly Stage[], isAsked: boolean): string => {
  const [first, ...later] = chosen;
  if (first === undefined) return '';
  const rows: string[][] = [['behaviour', 'release', 'value', 'origin', 'why']];
  if (later.length === 0 && first.changes.length > 0)
    return columns([...rows, ...first.changes.map((change) => changeRow(first.name, change.behaviour, change))]);
  for (const [behaviour, value] of Object.entries(first.behaviours)) {
    const isSame = later.every((stage) => settingOf(stage, behaviour) === value);
    if (isSame && isAsked) continue;
    rows.push([behaviour, first.name, show(value), '', '']);
    let last: unknown = value;
    for (const stage of later) {
      const change = changeBehind(history, stage, behaviour);
      if (change !== undefined && settingOf(stage, behaviour) !== last) rows.push(changeRow(stage.name, '', change));
      last = settingOf(stage, behaviour);
    }
  }
  return rows.length === 1 ? 'nothing changed\n' : columns(rows);
};

const byProposal = (proposals: readonly (Omit<Stage, 'behaviours'> & { base: string; origin: string })[]): string => {
  const rows: string[][] = [['proposal', 'behaviour', 'value', 'origin', 'why']];
  for (const { name, base, origin, changes } of proposals) {
    rows.push([name, `on ${base}`, '', '', origin]);
    for (const change of changes)
      rows.push(['', change.behaviour, show(change.to), change.commit ?? change.source ?? '', change.why]);
  }
  return columns(rows);
};

const loadHistory = async () => {
  const [xen, arm, armProposed, linux, proposed] = await Promise.all([
    import('../../engine/semantics/releases.ts'),
    import('../../engine/semantics/arm.ts'),
    import('../../engine/semantics/arm-proposals.ts'),
    import('../../engine/semantics/linux.ts'),
    import('../../engine/semantics/proposals.ts'),
  ]);
  const newestXen = xen.RELEASES.at(-1)?.name ?? '';
  const guestBase = linux.LINUX_RELEASES.at(-1)?.name ?? '';
  return {
    xen: xen.RELEASES,
    arm: arm.ARM_RELEASES,
    linux: linux.LINUX_RELEASES,
    proposals: [
      ...proposed.PROPOSALS,
      ...armProposed.ARM_PROPOSALS.map((proposal) => ({ ...proposal, base: newestXen })),
      ...linux.GRANT_PROPOSALS.map(({ name, origin, changes }) => ({
        name,
        base: guestBase,
        origin,
        changes: changes.map(({ behaviour, to, why }) => ({ behaviour, to, why })),
      })),
    ],
  };
};

const run = async (args: Args, io: Io): Promise<ExitCode> => {
  const format = choiceOf(args, 'format', FORMATS);
  const [history, { unknownName }] = await Promise.all([loadHistory(), import('../choices.ts')]);
  const names = textsOf(args, 'name');
  const known = [...new Set(Object.values(history).flatMap((section) => section.map(({ name }) => name)))];
  for (const name of names) if (!known.includes(name)) return refuse(io, unknownName('release', name, known));
  const chosen = <T extends { readonly name: string }>(section: readonly T[]): readonly T[] =>
    names.length === 0 ? section : section.filter(({ name }) => names.includes(name));
  const xen = chosen(history.xen);
  const arm = chosen(history.arm);
  const linux = chosen(history.linux);
  const proposals = chosen(history.proposals);
  if (format === 'json') {
    await io.out(formatJson({ xen, arm, linux, proposals }));
    return EXIT.ok;
  }
  const trees = columns([...xen, ...linux].map(({ name, tree }) => [name, tree]));
  const sections = [
    trees,
    xen.length > 0 ? `Xen\n\n${byBehaviour(history.xen, xen, names.length > 0)}` : '',
    arm.length > 0 ? `Xen on Arm\n\n${byBehaviour(history.arm, arm, names.length > 0)}` : '',
    linux.length > 0 ? `Linux guests with grants\n\n${byBehaviour(history.linux, linux, names.length > 0)}` : '',
    proposals.length > 0 ? `proposals\n\n${byProposal(proposals)}` : '',
  ];
  await io.out(sections.filter((text) => text !== '').join('\n'));
  return EXIT.ok;
};

export const releasesCommand: Command = {
  positionals: [
    {
      name: 'name',
      describe: 'only these releases, guests or proposals (default: all)',
      many: true,
      completes: 'release',
    },
  ],
  options: {
    format: FORMAT_OPTION,
  },
  details:
    'Each behaviour is listed with its value in the oldest release and then with each release that changed it, the commit that did and why. A release that is not listed for a behaviour has the value of the one before. Of several that are named, what differs between them is listed. Guests and proposals follow; replay, check and compare take their names as releases, and proposals also with --with.',
  examples: [
    ['hvreplay releases', 'the whole history'],
    ['hvreplay releases xen-4.20', 'what xen-4.20 changed'],
    ['hvreplay releases xen-4.17 xen-4.22', 'what changed between the two'],
    ['hvreplay releases pfvf-v6', 'what a proposal is made of'],
  ],
  run,
};
