// SPDX-License-Identifier: GPL-2.0-only

const IDENTIFIER = /^[a-z]\w*$/i;

type ObjectMaker = (values: readonly unknown[]) => Record<string, unknown>;

/** Compiled ones by their text: every trace asks for the same few. */
const MAKERS = new Map<string, ObjectMaker>();

/**
 * A function that makes an object of these names; their values are in their order, from place `first` on. It is compiled from a literal,
 * whose objects have their shape from the start: made name by name they take five times as long, and their readers longer
 * too. The names are those of declarations, never of an input. Throws for one that is no identifier.
 */
export const objectMaker = (names: readonly string[], first = 0): ObjectMaker => {
  const wrong = names.find((name) => !IDENTIFIER.test(name));
  if (wrong !== undefined) throw new Error(`${wrong} is no name of a field`);
  const text = `return { ${names.map((name, at) => `${name}: values[${first + at}]`).join(', ')} };`;
  const known = MAKERS.get(text);
  if (known !== undefined) return known;
  // What the text says is what the type says.
  const maker = new Function('values', text) as ObjectMaker;
  MAKERS.set(text, maker);
  return maker;
};
