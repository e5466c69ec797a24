// SPDX-License-Identifier: GPL-2.0-only
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { htmlReporter } from '../../../../../cli/reporters/html/html.ts';
import { makeReport } from '../../../../../cli/reporters/report.ts';
import { runCommand } from '../../../run-command.ts';
import { sampleCase } from '../../sample-report.ts';
import { closeBrowser, openPage } from './browser.ts';

/** The page in a real browser. It has to be built: `npm run build`. */

const HOME = mkdtempSync(join(tmpdir(), 'hvreplay-page-'));
const REPORT = join(HOME, 'report.html');
const LARGE = join(HOME, 'large.html');
const MANY = 1000;
const HOSTILE = '</script><img src=x onerror="document.title=1"> \u202etxet';

const original = (path: string): string => readFileSync(new URL(`../../../../../${path}`, import.meta.url), 'utf8');

const write = (path: string, text: string): void => {
  mkdirSync(dirname(join(HOME, path)), { recursive: true });
  writeFileSync(join(HOME, path), text);
};

/**
 * Three cases, of which one is not golden any more: a read is expected to answer otherwise, and a page of the guest's
 * BAR not to be mapped.
 */
const writeReport = async (): Promise<void> => {
  const msix = original('traces/guests/msix-table.csv').replace(/# title: .*/, `# title: ${HOSTILE}`);
  write('traces/s/msix.csv', msix);
  write('traces/s/move.csv', original('traces/bars/move.csv'));
  for (const name of ['guest.yaml', 'two-nics.yaml'])
    write(`traces/machines/${name}`, original(`traces/machines/${name}`));
  const traces = join(HOME, 'traces');
  expect((await runCommand(['accept', traces])).exit).toBe(0);
  const golden = join(HOME, 'golden/s/msix/xen-4.21.txt');
  const text = readFileSync(golden, 'utf8').replace(/^final p2m d1 gfn 0x00000f0003.*\n/m, '');
  writeFileSync(golden, text.replace(/^(event 8 .*: )0x00000000fee00000/m, '$10x0000000000000000'));
  write('traces/s/broken.csv', '# hvreplay-trace: 1\nop\nno.such\n');
  const { notes } = await runCommand(['check', traces, '--reporter', `html=${REPORT}`]);
  expect(notes).toBe('');
};

beforeAll(async () => {
  await writeReport();
  const cases = Array.from({ length: MANY }, (_none, index) => sampleCase(`s/${index}`));
  writeFileSync(LARGE, htmlReporter(makeReport({ cases, strays: [], expectations: [] }, undefined), false));
});

afterAll(async () => {
  await closeBrowser();
  rmSync(HOME, { recursive: true, force: true });
});

const names = (page: Page): Promise<string[]> => page.locator('.cases tbody tr:visible .name').allTextContents();

const DIFFERING = '#case/s/msix';

describe('the list', () => {
  test('shows what needs a look first, and text of traces as text', async ({ skip }) => {
    const { page, complaints } = await openPage(skip, REPORT);
    expect(await names(page)).toEqual(['s/broken', 's/msix', 's/move']);
    const title = await page.locator('.cases .title').nth(1).textContent();
    expect(title).toBe(HOSTILE.replace('\u202e', '\\u202e'));
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.title()).toBe('hvreplay check');
    expect(complaints).toEqual([]);
  });

  test('is filtered by text and by status', async ({ skip }) => {
    const { page } = await openPage(skip, REPORT);
    await page.fill('#filter', 'moves  BAR');
    expect(await names(page)).toEqual(['s/move']);
    expect(await page.textContent('.found')).toBe('1 of 3 cases');
    await page.fill('#filter', '');
    await page.click('.chip:has-text("differs")');
    expect(await names(page)).toEqual(['s/msix']);
  });

  test('is used by keys alone: filter, next, open, back', async ({ skip }) => {
    const { page, complaints } = await openPage(skip, REPORT);
    await page.keyboard.press('/');
    await page.keyboard.type('s/');
    await page.keyboard.press('Escape');
    expect(await page.inputValue('#filter')).toBe('');
    for (const key of ['j', 'j', 'k', 'j', 'Enter']) await page.keyboard.press(key);
    await page.waitForSelector('article h1');
    expect(await page.textContent('h1')).toContain('s/msix');
    await page.keyboard.press('j');
    await page.waitForSelector('h1:has-text("s/move")');
    await page.keyboard.press('Escape');
    await page.waitForSelector('.cases');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('s/move');
    await page.keyboard.press('?');
    expect(await page.locator('dialog[open]').count()).toBe(1);
    expect(complaints).toEqual([]);
  });

  test('of a thousand cases is there at once: no case is read before it is opened', async ({ skip }) => {
    const before = (): void => {
      const parse = JSON.parse;
      let count = 0;
      JSON.parse = (text: string) => {
        count += 1;
        document.documentElement.dataset['parsed'] = String(count);
        return parse(text);
      };
    };
    const { page } = await openPage(skip, LARGE, { before });
    const parsed = (): Promise<string | undefined> => page.evaluate(() => document.documentElement.dataset['parsed']);
    expect((await names(page)).length).toBe(MANY);
    expect(await parsed()).toBe('1');
    const nodes = await page.evaluate(() => document.querySelectorAll('body *:not(script)').length);
    expect(nodes / MANY).toBeLessThan(8);
    await page.click('text="s/500"');
    await page.waitForSelector('article');
    expect(await parsed()).toBe('2');
  });
});

describe('a case', () => {
  test('shows what was expected beside what came, begins with the first, and leads to each', async ({ skip }) => {
    const { page, complaints } = await openPage(skip, REPORT, { hash: DIFFERING });
    const [first, second] = await page.locator('.diff tr:has(td.got)').all();
    expect(await first?.locator('td.got.text').textContent()).toMatch(/^event 8 mmio\.read/);
    expect(await page.locator('.events .now .seq').textContent()).toBe('8');
    expect(await page.locator('.details .wrong').allTextContents()).toEqual([
      expect.stringMatching(
        /: the golden file says 0x0000000000000000, via msix, the outcome 0x00000000fee00000, via msix$/,
      ),
    ]);
    expect(await page.locator('.map[role=img] .mismatch').count()).toBe(0);
    expect(await second?.locator('td.got.text').textContent()).toMatch(/^final p2m d1 gfn 0x00000f0003/);
    await second?.locator('a').click();
    await page.waitForSelector('.map[role=img] .mismatch.unexpected');
    expect(page.url()).toMatch(/\/event\/end$/);
    await page.keyboard.press('[');
    expect(await page.locator('.map[role=img] .mismatch').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test('the slider changes the map, the event and the devices', async ({ skip }) => {
    const { page, complaints } = await openPage(skip, REPORT, { hash: `${DIFFERING}/in/xen-4.21/event/5` });
    const mapped = () => page.locator('.stage .map [data-kind="mapped"]').count();
    const msix = () => page.locator('.stage .map [data-kind="msix"].come').count();
    expect([await mapped(), await msix()]).toEqual([0, 0]);
    await page.focus('#slider');
    await page.keyboard.press('ArrowRight');
    expect([await mapped(), await msix()]).toEqual([3, 2]);
    expect(await page.locator('.events .now').textContent()).toContain('cfg.write d1 0000:00:00.0 reg=0x4');
    expect(await page.locator('.details').textContent()).toContain('map.msix-hole');
    expect(await page.locator('.devices .changed .fact.changed').allTextContents()).toContain('bars mapped yes');
    await page.locator('.events button').first().click();
    expect(await page.locator('.events .now').textContent()).toContain('boot.hwdom_setup');
    expect(await page.locator('#slider').inputValue()).toBe('1');
    expect(complaints).toEqual([]);
  });

  test('keys go from event to event, and from change to change', async ({ skip }) => {
    const { page } = await openPage(skip, REPORT, { hash: `${DIFFERING}/in/xen-4.21/event/1` });
    const now = async (): Promise<string | null> => page.locator('.events .now .seq').textContent();
    await page.keyboard.press(']');
    expect(await now()).toBe('2');
    await page.keyboard.press('}');
    expect(await now()).toBe('4');
    await page.keyboard.press('{');
    expect(await now()).toBe('1');
    await page.waitForURL(/\/event\/1$/);
  });

  test('each outcome that the releases have is a picture of its own', async ({ skip }) => {
    const { page } = await openPage(skip, REPORT, { hash: DIFFERING });
    const tabs = page.locator('.tabs a');
    expect(await tabs.allTextContents()).toEqual([
      'xen-4.17, xen-4.18',
      'xen-4.19, xen-4.20',
      'xen-4.21 … xen-unstable',
    ]);
    await tabs.first().click();
    await page.waitForSelector('h2:has-text("xen-4.17")');
    expect(await page.locator('.map[role=img] .mismatch').count()).toBe(0);
  });

  test('without an outcome says why, and an unknown one that it is not here', async ({ skip }) => {
    const { page } = await openPage(skip, REPORT, { hash: '#case/s/broken' });
    expect(await page.textContent('.failure')).toContain('no.such');
    await page.goto(page.url().replace('broken', 'none'));
    await page.waitForSelector('text="This report has no case s/none."');
  });
});

/** WCAG 2.2, 1.4.3: text of normal size. */
const MIN_CONTRAST = 4.5;

/** The least contrast of text with what is behind it, over the elements that `selector` finds. */
const leastContrast = (page: Page, selector: string): Promise<number> =>
  page.evaluate((wanted) => {
    const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const rgb = (colour: string): readonly number[] => {
      if (context === null) throw new Error('no canvas');
      context.clearRect(0, 0, 1, 1);
      context.fillStyle = colour;
      context.fillRect(0, 0, 1, 1);
      return [...context.getImageData(0, 0, 1, 1).data];
    };
    const luminance = (parts: readonly number[]): number => {
      const [r = 0, g = 0, b = 0] = parts.map((part) => {
        const share = part / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (element: Element | null): readonly number[] => {
      if (element === null) return rgb('white');
      const colour = rgb(getComputedStyle(element).backgroundColor);
      return colour[3] === 255 ? colour : behind(element.parentElement);
    };
    const found = [...document.querySelectorAll(wanted)].map((element) => {
      const style = getComputedStyle(element);
      const text = luminance(rgb(element instanceof SVGElement ? style.fill : style.color));
      const ground = luminance(behind(element));
      return (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05);
    });
    if (found.length === 0) throw new Error(`nothing is ${wanted}`);
    return Math.min(...found);
  }, selector);

const TEXTS = [
  'h1',
  '.note',
  '.status',
  '.tabs a',
  '.diff td',
  '.diff th',
  '.event span',
  '.details li',
  '.devices th',
];

describe.each(['light', 'dark'] as const)('in %s', (colorScheme) => {
  test('all text has enough contrast', async ({ skip }) => {
    const { page } = await openPage(skip, REPORT, { hash: `${DIFFERING}/in/xen-4.21/event/end`, colorScheme });
    for (const selector of [...TEXTS, '.map text'])
      expect(await leastContrast(page, selector), selector).toBeGreaterThanOrEqual(MIN_CONTRAST);
    await page.goto(page.url().replace(/#.*/, '#'));
    await page.waitForSelector('.cases');
    expect(await leastContrast(page, '.cases td, .cases th, .chip')).toBeGreaterThanOrEqual(MIN_CONTRAST);
  });

  test('a key changes to the other', async ({ skip }) => {
    const { page } = await openPage(skip, REPORT, { colorScheme });
    const ground = (): Promise<string> =>
      page.evaluate(() => getComputedStyle(document.body.parentElement ?? document.body).backgroundColor);
    const before = await ground();
    await page.keyboard.press('t');
    expect(await ground()).not.toBe(before);
    await page.keyboard.press('t');
    expect(await ground()).toBe(before);
  });
});

test('printed, it is light, has no controls and cuts nothing off', async ({ skip }) => {
  const { page } = await openPage(skip, REPORT, { hash: DIFFERING, colorScheme: 'dark' });
  await page.emulateMedia({ media: 'print' });
  for (const control of ['.tools', '.transport button', '#slider', '.only'])
    expect(await page.locator(control).first().isVisible(), control).toBe(false);
  expect(await page.locator('.map[role=img]').isVisible()).toBe(true);
  const hidden = await page.evaluate(
    () =>
      [...document.querySelectorAll('.events, .map-box')].filter((box) => box.scrollHeight > box.clientHeight + 1)
        .length,
  );
  expect(hidden).toBe(0);
  expect(await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)).toBe(
    'rgb(255, 255, 255)',
  );
});

test('in a narrow window nothing but the map is wider than the window', async ({ skip }) => {
  const { page } = await openPage(skip, REPORT, { hash: DIFFERING, viewport: { width: 480, height: 900 } });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(480);
  const widths = await page.evaluate(() =>
    [...document.querySelectorAll('.diff td.got.text, .diff td.want.text')].map((cell) => cell.clientWidth),
  );
  expect(Math.min(...widths), 'texts stand one below the other').toBeGreaterThan(300);
});
