// SPDX-License-Identifier: GPL-2.0-only

/** Parsed options and positional arguments of a command, by name. */
export type Args = Readonly<Record<string, unknown>>;

/** The value of an option that takes one; undefined when it is not given. */
export const textOf = (args: Args, name: string): string | undefined => {
  const value = args[name];
  return typeof value === 'string' ? value : undefined;
};

/** The values of an option that may be repeated, or of a positional list. */
export const textsOf = (args: Args, name: string): readonly string[] => {
  const value = args[name];
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.map(String) : [];
};

export const flagOf = (args: Args, name: string): boolean => args[name] === true;

/** Which of the choices that are declared for an option or argument is given; the first if none is. */
export const choiceOf = <const T extends string>(args: Args, name: string, choices: readonly [T, ...T[]]): T =>
  choices.find((choice) => choice === args[name]) ?? choices[0];
