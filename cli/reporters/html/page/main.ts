// SPDX-License-Identifier: GPL-2.0-only
import { CASE_ID, type CaseData, INDEX_ID, type ReportIndex } from '../data.ts';
import { type CaseView, makeCase } from './case.ts';
import { button, h } from './dom.ts';
import { keysDialog, listen } from './keys.ts';
import { makeList } from './list.ts';
import { formatRoute, parseRoute, type Route } from './route.ts';

/** The page's beginning: reads the list, shows what the address asks for, and listens to keys. */

/** A block of JSON. This page and the blocks are written together, so their form needs no check. */
const readBlock = (id: string): unknown => JSON.parse(document.getElementById(id)?.textContent ?? 'null');

const report = readBlock(INDEX_ID) as ReportIndex;
const readCase = (index: number): CaseData => readBlock(`${CASE_ID}${index}`) as CaseData;

const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

const summaryText = ({ summary, shard }: ReportIndex): string =>
  [
    plural(summary.cases, 'case'),
    plural(summary.replays, 'replay'),
    `${summary.agree} agree`,
    ...(summary.differ > 0 ? [`${summary.differ} differ`] : []),
    ...(summary.known > 0 ? [`${summary.known} known to differ`] : []),
    ...(summary.errors > 0 ? [plural(summary.errors, 'error')] : []),
    ...(summary.skipped > 0 ? [`${summary.skipped} skipped`] : []),
    ...(summary.strays > 0 ? [plural(summary.strays, 'stray file')] : []),
    ...(summary.expectations > 0 ? [`${plural(summary.expectations, 'expectation')} out of date`] : []),
    ...(shard === undefined ? [] : [`shard ${shard.index} of ${shard.count}`]),
  ].join(' · ');

const isDarkNow = (): boolean => {
  const { theme } = document.documentElement.dataset;
  return theme === undefined ? window.matchMedia('(prefers-color-scheme: dark)').matches : theme === 'dark';
};

const toggleTheme = (): void => {
  document.documentElement.dataset['theme'] = isDarkNow() ? 'light' : 'dark';
};

const URL_DELAY_MS = 300;

/** What is shown, and where. */
class App {
  private readonly list = makeList(report);
  private readonly main = h('main', {});
  private readonly dialog = keysDialog();
  private view: CaseView | undefined;
  private route: Route = parseRoute('');
  private isFilterWanted = false;
  private timer: number | undefined;

  start(): void {
    const keys = button('Keys', () => this.showKeys(), { title: '?' });
    const theme = button('Dark or light', toggleTheme, { title: 't' });
    document.body.append(
      h(
        'header',
        { class: 'top' },
        h('a', { href: '#', class: 'home' }, h('strong', {}, 'hvreplay check')),
        h('span', { class: 'summary' }, summaryText(report)),
        h('span', { class: 'tools' }, keys, theme),
      ),
      this.main,
      this.dialog,
    );
    listen({
      '/': () => this.toFilter(),
      j: () => this.step(1),
      k: () => this.step(-1),
      Escape: () => this.back(),
      t: toggleTheme,
      '?': () => this.showKeys(),
      '[': () => this.view?.player?.move(-1),
      ']': () => this.view?.player?.move(1),
      '{': () => this.view?.player?.jump(-1),
      '}': () => this.view?.player?.jump(1),
    });
    window.addEventListener('hashchange', () => this.show());
    this.show();
  }

  private showKeys(): void {
    if (!this.dialog.open) this.dialog.showModal();
  }

  private go(to: Partial<Route>): void {
    window.location.hash = formatRoute(to);
  }

  private show(): void {
    const [before, next] = [this.route.name, parseRoute(window.location.hash)];
    window.clearTimeout(this.timer);
    this.view = undefined;
    this.route = next;
    document.body.classList.toggle('in-case', next.name !== undefined);
    if (next.name === undefined) this.showList(before);
    else this.showCase(next.name, next);
  }

  /** `before`: the case that was shown; the way back leads to its row. */
  private showList(before: string | undefined): void {
    this.main.replaceChildren(this.list.element);
    document.title = 'hvreplay check';
    if (this.isFilterWanted) this.list.filter.focus();
    else if (before !== undefined) this.list.focus(before);
    this.isFilterWanted = false;
  }

  private showCase(name: string, { release, event }: Route): void {
    const index = report.cases.findIndex((row) => row.name === name);
    const row = report.cases[index];
    document.title = `${name}: hvreplay check`;
    if (row === undefined) {
      this.main.replaceChildren(h('p', { class: 'note' }, `This report has no case ${name}.`));
      return;
    }
    const view = makeCase(row, readCase(index), report, release, (shown, seq) => this.follow(name, shown, seq));
    this.view = view;
    this.main.replaceChildren(view.element);
    view.player?.showEvent(event ?? view.start);
    if (event === undefined) {
      window.scrollTo(0, 0);
      view.element.querySelector('h1')?.focus({ preventScroll: true });
    } else document.getElementById('film')?.scrollIntoView();
  }

  /** The address follows the slider, but not at each of its steps: browsers do not like that. */
  private follow(name: string, release: string | undefined, event: number | undefined): void {
    this.route = { name, release, event };
    window.clearTimeout(this.timer);
    const { hash } = window.location;
    const write = (): void => {
      // Else a link was followed meanwhile, and its event is still to come.
      if (window.location.hash === hash) window.history.replaceState(null, '', formatRoute(this.route));
    };
    this.timer = window.setTimeout(write, URL_DELAY_MS);
  }

  private step(by: number): void {
    if (this.route.name === undefined) {
      this.list.move(by);
      return;
    }
    const name = this.list.neighbour(this.route.name, by);
    if (name !== undefined) this.go({ name });
  }

  private toFilter(): void {
    if (this.route.name === undefined) {
      this.list.filter.focus();
      return;
    }
    this.isFilterWanted = true;
    this.go({});
  }

  private back(): void {
    if (this.dialog.open) this.dialog.close();
    else if (this.route.name === undefined) this.list.clear();
    else this.go({});
  }
}

new App().start();
