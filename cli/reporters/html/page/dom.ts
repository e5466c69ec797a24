// SPDX-License-Identifier: GPL-2.0-only

/** Makes elements. Text of traces gets into the page as text nodes and attributes only, never as markup. */

type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;
export type Child = Node | string | undefined;

const SVG = 'http://www.w3.org/2000/svg';

/** Control characters, and those that turn the direction of text around, are shown by their number. */
const UNSEEN = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const LINE_FEED = '\n';

const shown = (text: string): string =>
  text.replace(UNSEEN, (character) =>
    character === LINE_FEED ? character : `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );

const fill = <E extends Element>(element: E, attributes: Attributes, children: readonly Child[]): E => {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? '' : typeof value === 'string' ? shown(value) : String(value));
  }
  for (const child of children)
    if (child !== undefined) element.append(typeof child === 'string' ? shown(child) : child);
  return element;
};

export const h = <K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] => fill(document.createElement(tag), attributes, children);

export const s = <K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[K] => fill(document.createElementNS(SVG, tag), attributes, children);

export const button = (label: string, press: () => void, attributes: Attributes = {}): HTMLButtonElement => {
  const element = h('button', { type: 'button', ...attributes }, label);
  element.addEventListener('click', press);
  return element;
};
