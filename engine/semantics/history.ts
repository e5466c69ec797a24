// SPDX-License-Identifier: GPL-2.0-only

interface ChangeOf<B> {
  readonly behaviour: keyof B;
  readonly to: B[keyof B];
}

/** A record of behaviours with changes applied, later ones over earlier ones. */
export const applyChanges = <B extends object>(base: B, changes: readonly ChangeOf<B>[]): B => ({
  ...base,
  ...Object.fromEntries(changes.map(({ behaviour, to }) => [behaviour, to])),
});

/** Stages of a history, each with the behaviours that the changes up to it add up to. */
export const withBehaviours = <B extends object, S extends { readonly changes: readonly ChangeOf<B>[] }>(
  oldest: B,
  stages: readonly S[],
): readonly (S & { readonly behaviours: B })[] => {
  let behaviours = oldest;
  return stages.map((stage) => {
    behaviours = applyChanges(behaviours, stage.changes);
    return { ...stage, behaviours };
  });
};
