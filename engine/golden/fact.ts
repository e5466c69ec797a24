// SPDX-License-Identifier: GPL-2.0-only
/**
 * One line of a golden file: `key: value`. The key alone says what it is about (event, device, domain, field), so
 * that a line can be read, and quoted, without its neighbours. A key never contains `: `.
 */
export interface Fact {
  readonly key: string;
  readonly value: string;
}

const SEPARATOR = ': ';

export const formatFact = (fact: Fact): string => `${fact.key}${SEPARATOR}${fact.value}`;

/** The fact that a line states; undefined for headings and empty lines. */
export const parseFact = (line: string): Fact | undefined => {
  const at = line.indexOf(SEPARATOR);
  return at <= 0 ? undefined : { key: line.slice(0, at), value: line.slice(at + SEPARATOR.length) };
};

const HEX = /^0x[0-9a-f]+$/i;

/** `0x…` text brought to at least `digits` digits; any other text as it is. */
export const padHex = (text: string, digits: number): string =>
  HEX.test(text) ? `0x${text.slice(2).toLowerCase().padStart(digits, '0')}` : text;

/** Frame numbers: 40 bits, those of a 52-bit address. */
export const FRAME_DIGITS = 10;

const CONTROL = /\p{Cc}/u;

/** Text on one line, whatever it holds. */
export const oneLine = (text: string): string => (CONTROL.test(text) ? JSON.stringify(text) : text);

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const scalar = (value: unknown): string => {
  if (value === null || value === undefined) return 'none';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return oneLine(typeof value === 'string' ? value : String(value));
};

const isScalar = (value: unknown): boolean => typeof value !== 'object' || value === null;

/** Scalars, and lists of scalars at any depth: `8,511 600,700`. */
const flat = (value: unknown, joint = ' '): string =>
  Array.isArray(value)
    ? value.length === 0
      ? 'none'
      : value.map((item: unknown) => flat(item, ',')).join(joint)
    : scalar(value);

const isFlat = (value: unknown): boolean => (Array.isArray(value) ? value.every(isFlat) : isScalar(value));

/** A list's object is named by its first member, as `ref=8`. */
const itemFacts = (key: string, item: Readonly<Record<string, unknown>>): readonly Fact[] => {
  const [first, ...rest] = Object.entries(item);
  if (first === undefined) return [{ key, value: 'empty' }];
  const name = `${key} ${first[0]}=${flat(first[1], ',')}`;
  if (!rest.every(([, value]) => isFlat(value)))
    return rest.flatMap(([inner, value]) => factsOf(`${name} ${inner}`, value));
  return [{ key: name, value: rest.map(([inner, value]) => `${inner}=${flat(value, ',')}`).join(' ') || 'yes' }];
};

/** Facts about a value of which only the JSON form is known: one per member, members in order of their names. */
export const factsOf = (key: string, value: unknown): readonly Fact[] => {
  if (isRecord(value)) {
    const members = Object.keys(value).sort();
    if (members.length === 0) return [{ key, value: 'empty' }];
    return members.flatMap((name) => factsOf(`${key} ${name}`, value[name]));
  }
  if (!Array.isArray(value) || isFlat(value)) return [{ key, value: flat(value) }];
  return value.flatMap((item: unknown, index) =>
    isRecord(item) ? itemFacts(key, item) : factsOf(`${key} ${index}`, item),
  );
};

/** Facts about the members of `value` that are not in `known`; mostly there are none. */
export const furtherFacts = (key: string, value: object, known: ReadonlySet<string>): readonly Fact[] => {
  if (Object.keys(value).every((name) => known.has(name))) return [];
  return Object.entries<unknown>({ ...value })
    .filter(([name, member]) => !known.has(name) && member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, member]) => factsOf(`${key} ${name}`, member));
};
