// SPDX-License-Identifier: GPL-2.0-only

/** Where the page is: `#case/<subject>/<case>/in/<release>/event/<number>`, each part but the case optional. */
export interface Route {
  /** undefined: the list. */
  readonly name: string | undefined;
  readonly release: string | undefined;
  readonly event: number | 'end' | undefined;
}

const LIST: Route = { name: undefined, release: undefined, event: undefined };

const CASE = /^#case\/([^/]+\/[^/]+)(?:\/in\/([^/]+))?(?:\/event\/(\d{1,15}|end))?$/;

/** undefined where it is not encoded as it should be. */
const decoded = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
};

export const parseRoute = (hash: string): Route => {
  const match = CASE.exec(hash);
  const name = match?.[1] === undefined ? undefined : decoded(match[1]);
  if (match === null || name === undefined) return LIST;
  const [, , release, event] = match;
  return {
    name,
    release: release === undefined ? undefined : decoded(release),
    event: event === undefined ? undefined : event === 'end' ? 'end' : Number(event),
  };
};

export const formatRoute = ({ name, release, event }: Partial<Route>): string =>
  name === undefined
    ? '#'
    : `#case/${name.split('/').map(encodeURIComponent).join('/')}` +
      (release === undefined ? '' : `/in/${encodeURIComponent(release)}`) +
      (event === undefined ? '' : `/event/${event}`);
