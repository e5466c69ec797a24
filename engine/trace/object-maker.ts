// SPDX-License-Identifier: GPL-2.0-only

const IDENTIFIER = /^[a-z]\w*$/i;

/**
 * A function that makes an object of these names; their values are in their order, from place `first` on. It is compiled from a literal,
 * whose objects have their shape from the start: made name by name they take five times as long, and their readers longer
 * too. The names are those of declarations, never of an input. Throws for one that is no identifier.
 */
export const objectMaker = (
  names: readonly string[],
  first = 0,
): ((values: readonly unknown[]) => Record<string, unknown>) => {
  const wrong = names.find((name) => !IDENTIFIER.test(name));
  if (wrong !== undefined) throw new Error(`${wrong} is no name of a field`);
  const literal = names.map((name, at) => `${name}: values[${first + at}]`).join(', ');
  // What the text says is what the type says.
  return new Function('values', `return { ${literal} };`) as (values: readonly unknown[]) => Record<string, unknown>;
};
