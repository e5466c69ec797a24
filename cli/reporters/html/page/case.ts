// SPDX-License-Identifier: GPL-2.0-only
import { isTraceEdited } from '../../../../engine/golden/edited.ts';
import type { Timeline } from '../../../../engine/timeline/timeline.ts';
import type { CaseData, CaseRow, FindingData, ReportIndex } from '../data.ts';
import { findingView } from './diff.ts';
import { h } from './dom.ts';
import { statusMark } from './list.ts';
import { mismatchesOf } from './mismatches.ts';
import { makePlayer, type Player } from './player.ts';
import { formatRoute } from './route.ts';

type Outcome = CaseData['outcomes'][number];

/** A case on the screen. */
export interface CaseView {
  readonly element: HTMLElement;
  readonly player: Player | undefined;
  /** Where to begin: the first event that is not as in the golden file, else the end. */
  readonly start: number | 'end';
}

const releasesText = (releases: readonly string[]): string =>
  releases.length <= 2 ? releases.join(', ') : `${releases[0]} … ${releases.at(-1)}`;

/** The outcome that a release has; without one that of the first difference, or the newest. */
const chosenOutcome = ({ outcomes, findings }: CaseData, release: string | undefined): Outcome | undefined => {
  const wanted = release ?? findings.find(({ diff }) => diff !== undefined)?.releases[0];
  return outcomes.find(({ releases }) => wanted !== undefined && releases.includes(wanted)) ?? outcomes.at(-1);
};

const tabs = (name: string, outcomes: readonly Outcome[], chosen: Outcome | undefined): HTMLElement | undefined =>
  outcomes.length <= 1
    ? undefined
    : h(
        'nav',
        { class: 'tabs', 'aria-label': 'Outcomes' },
        ...outcomes.map((outcome) =>
          h(
            'a',
            {
              href: formatRoute({ name, release: outcome.releases[0] }),
              'aria-current': outcome === chosen ? 'true' : undefined,
              title: outcome.releases.join(', '),
            },
            releasesText(outcome.releases),
          ),
        ),
      );

/** Of the releases with this outcome the finding that is about them. */
const findingOf = ({ findings }: CaseData, outcome: Outcome | undefined): FindingData | undefined =>
  findings.find(
    ({ diff, releases }) => diff !== undefined && releases.some((release) => outcome?.releases.includes(release)),
  );

const NO_OUTCOMES =
  'What each event did is not here: this report was merged from shards that were made without an HTML reporter.';

/** The text comes from the report that this page is part of. */
const parseTimeline = (text: string): Timeline => JSON.parse(text) as Timeline;

/** What only the golden file has may be about a row that an edited trace has no more: no event shows it. */
const isShown = ({ edited }: FindingData, got: unknown): boolean => got !== undefined || !isTraceEdited(edited);

/** `asked`: the release whose outcome is to be shown. `onShow`: told of the event that is shown. */
export const makeCase = (
  row: CaseRow,
  data: CaseData,
  { rules }: ReportIndex,
  asked: string | undefined,
  onShow: (release: string | undefined, event: number | undefined) => void,
): CaseView => {
  const outcome = chosenOutcome(data, asked);
  const release = outcome?.releases[0];
  const shown = findingOf(data, outcome);
  const differences = shown?.differences?.filter(({ got }) => isShown(shown, got)) ?? [];
  const player =
    outcome?.timeline === undefined
      ? undefined
      : makePlayer({
          timeline: parseTimeline(outcome.timeline),
          rules,
          mismatchesAt: mismatchesOf(differences),
          onShow: (event) => onShow(release, event),
        });
  const linkIn =
    (finding: FindingData) =>
    (event: number | 'end', got: unknown): string | undefined =>
      isShown(finding, got) ? formatRoute({ name: row.name, release: finding.releases[0], event }) : undefined;
  const element = h(
    'article',
    { class: 'case' },
    h('h1', { tabindex: -1 }, row.name, ' ', statusMark(row.status)),
    row.title === '' ? undefined : h('p', { class: 'title' }, row.title),
    h('p', { class: 'note' }, row.trace),
    data.error === undefined ? undefined : h('pre', { class: 'failure' }, data.error),
    ...data.findings.map((finding) => findingView(finding, row.trace, linkIn(finding))),
    ...(outcome === undefined
      ? [row.replays === 0 ? undefined : h('p', { class: 'note' }, NO_OUTCOMES)]
      : [
          h('h2', { id: 'film' }, `Event by event, ${releasesText(outcome.releases)}`),
          tabs(row.name, data.outcomes, outcome),
          player?.element ?? h('p', { class: 'note' }, `Left out: ${outcome.leftOut ?? ''}.`),
        ]),
  );
  const first = Math.min(...differences.map(({ event }) => event ?? Number.POSITIVE_INFINITY));
  return { element, player, start: Number.isFinite(first) ? first : 'end' };
};
