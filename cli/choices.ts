// SPDX-License-Identifier: GPL-2.0-only
import { didYouMean } from '../engine/trace/nearest.ts';
import type { Choice, Model } from './session.ts';

/** What `--release`, `--with` or `--proposal` ask for, or what is wrong with them. */
export type Chosen =
  | { readonly ok: true; readonly choices: readonly Choice[] }
  | { readonly ok: false; readonly message: string };

/** Stands for all releases that apply to a trace. */
export const ALL = 'all';

/** All that `--release` may name. */
export const allChoices = ({ series, proposals }: Pick<Model, 'series' | 'proposals'>): readonly Choice[] => [
  ...series.flat(),
  ...proposals,
];

type Kind = 'release' | 'proposal';

const NUMBERED = /^(\D+)\d+\.\d+$/;

/** What developers call the branches that the next release is made of. */
const UNSTABLE_BRANCHES: readonly string[] = ['staging', 'master'];

/** `; …` to end a message about an unknown release with: numbers that are too high or too low are no typing errors. */
export const releaseHint = (name: string, known: readonly string[]): string => {
  const next = UNSTABLE_BRANCHES.includes(name) ? known.find((one) => one.endsWith('-unstable')) : undefined;
  if (next !== undefined) return `; did you mean ${next}?`;
  const [, software = ''] = NUMBERED.exec(name) ?? [];
  const numbered = known.filter((one) => NUMBERED.exec(one)?.[1] === software);
  if (numbered.length === 0) return didYouMean(name, known);
  const unstable = known.find((one) => one === `${software}unstable`);
  const rest = unstable === undefined ? '' : `, what comes after is ${unstable}`;
  return `; there are ${numbered[0]} to ${numbered.at(-1)}${rest}`;
};

/** How a command says that there is no such release, guest or proposal. */
export const unknownName = (kind: Kind, name: string, known: readonly string[]): string => {
  const hint = releaseHint(name, known);
  return `unknown ${kind} '${name}'${hint}${hint.endsWith('?') ? '' : ';'} 'hvreplay releases' lists them`;
};

const find = (known: readonly Choice[], kind: Kind, wanted: readonly string[]): Chosen => {
  const choices = new Set<Choice>();
  for (const name of wanted) {
    const choice = known.find((one) => one.name === name);
    if (choice === undefined) {
      const names = [...known.map((one) => one.name), ALL];
      return { ok: false, message: unknownName(kind, name, names) };
    }
    choices.add(choice);
  }
  return { ok: true, choices: [...choices] };
};

/** Releases of any series and proposals by name. */
export const chooseReleases = (model: Model, names: readonly string[]): Chosen =>
  find(allChoices(model), 'release', names);

export const chooseProposals = (model: Model, names: readonly string[]): Chosen =>
  find(model.proposals, 'proposal', names);

/** Each of `choices` with the proposals on top. */
export const addProposals = (model: Model, choices: readonly Choice[], proposals: readonly string[]): Chosen => {
  const known = chooseProposals(model, proposals);
  if (!known.ok || proposals.length === 0) return known.ok ? { ok: true, choices } : known;
  const combined: Choice[] = [];
  for (const choice of choices) {
    const made = model.combine(choice, proposals);
    if (!made.ok) return { ok: false, message: made.problems.map(({ message }) => message).join('; ') };
    combined.push(made.value);
  }
  return { ok: true, choices: combined };
};

/** As {@link chooseReleases}; `RELEASE+PROPOSAL`, as commands print it, is a release with a proposal on top. */
export const chooseStates = (model: Model, names: readonly string[]): Chosen => {
  const choices = new Set<Choice>();
  for (const name of names) {
    const [release = '', ...proposals] = name.split('+');
    const named = chooseReleases(model, [release]);
    const made = named.ok ? addProposals(model, named.choices, proposals) : named;
    if (!made.ok) return made;
    for (const choice of made.choices) choices.add(choice);
  }
  return { ok: true, choices: [...choices] };
};
