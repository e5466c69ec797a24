// SPDX-License-Identifier: GPL-2.0-only
import { pathToFileURL } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { onTestFinished } from 'vitest';
import { requireProgram } from '../../../../require-program.ts';

/** A real browser, started once for the tests of a file. */

const PROGRAM = 'chromium';
let running: Promise<Browser> | undefined;

/** A page, and what it must not have done when the test ends. */
export interface Opened {
  readonly page: Page;
  /** Console messages, errors, and requests for anything but the file itself. */
  readonly complaints: readonly string[];
}

const launch = (): Promise<Browser> =>
  chromium.launch({ executablePath: `/usr/bin/${PROGRAM}`, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });

/** Opens a file. Without a browser the test ends: see `requireProgram`. `before`: runs in the page first of all. */
export const openPage = async (
  skip: (why: string) => void,
  file: string,
  { hash = '', before, ...options }: BrowserContextOptions & { hash?: string; before?: () => void } = {},
): Promise<Opened> => {
  requireProgram(PROGRAM, PROGRAM, skip);
  running ??= launch();
  const context = await (await running).newContext({ viewport: { width: 1400, height: 1000 }, ...options });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(String(error)));
  const url = `${pathToFileURL(file)}`;
  page.on('request', (request) => {
    if (!request.url().startsWith(url)) complaints.push(`asks for ${request.url()}`);
  });
  if (before !== undefined) await page.addInitScript(before);
  await page.goto(url + hash);
  return { page, complaints };
};

export const closeBrowser = async (): Promise<void> => {
  await (await running)?.close();
  running = undefined;
};
