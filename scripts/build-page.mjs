// SPDX-License-Identifier: GPL-2.0-only
// Puts the HTML report's page together, without data, as one file: `node scripts/build-page.mjs dist`.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const [target = 'dist'] = process.argv.slice(2);
const source = fileURLToPath(new URL('../cli/reporters/html/page/', import.meta.url));

const bundle = await rolldown({ input: join(source, 'main.ts'), logLevel: 'warn' });
const { output } = await bundle.generate({ format: 'iife', minify: true });
const script = output[0].code;
const style = readFileSync(join(source, 'page.css'), 'utf8');
if (/<\/script|<!--/i.test(script) || /<\/style/i.test(style)) throw new Error('the page would end its own elements');

const hash = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
const policy = `default-src 'none'; script-src ${hash(script)}; style-src ${hash(style)}`;

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>hvreplay check</title>
<style>${style}</style>
</head>
<body>
<noscript>This report is drawn by a script in this file, which the browser does not run.</noscript>
<!--data-->
<script>${script}</script>
</body>
</html>
`;
const file = join(target, 'cli/reporters/html/page.html');
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, page);
