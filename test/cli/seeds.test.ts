// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { runCommand } from './run-command.ts';
import { type Scratch, scratch } from './scratch.ts';

const MACHINE = `machine: 1
arch: x86
memoryMap: []
devices:
  "0000:00:16.0": { id: 8086:8c3d, command: 0x2, bars: { 0: { kind: mem32, address: 0xfe102000, size: 0x1000 } } }
`;

/** A corpus of one trace: dom0 looks at a hidden device; with these directives. */
const corpusWith = (...directives: readonly string[]): Scratch =>
  scratch({
    'traces/machines/m.yaml': MACHINE,
    'traces/hidden/sized.csv': [
      '# hvreplay-trace: 1',
      '# title: dom0 sizes a BAR',
      '# machine: ../machines/m.yaml',
      '# releases: xen-4.17.., hidden-rfc-v2',
      ...directives.map((line) => `# ${line}`),
      'op,dom,sbdf,reg,size,value',
      'boot.hide,,0000:00:16.0,,,',
      'boot.hwdom_setup,,,,,',
      'cfg.write,d0,0000:00:16.0,0x10,4,0xffffffff',
      'cfg.read,d0,0000:00:16.0,0x10,4,',
      '',
    ].join('\n'),
  });

const SEED = 'seed: hidden-devices-rfc-v2.txt';
const QUESTION = 'question: Do accesses reach vPCI | or the device?';

describe('seeds', () => {
  test('lists each question with its trace and what states answer, those that agree together', async () => {
    const here = corpusWith(SEED, QUESTION, 'answer: event 4; final p2m d1');
    const trace = here.at('traces/hidden/sized.csv');
    expect(await runCommand(['seeds', here.at('traces')])).toEqual({
      ...{ exit: 0, notes: '' },
      out: `Devices that Xen keeps, seen by a PVH dom0 (hidden-devices-rfc-v2.txt)

Do accesses reach vPCI | or the device?
  ${trace}
  all
    p2m d1: -
  xen-4.17, hidden-rfc-v2
    event 4 cfg.read d0 0000:00:16.0 reg=0x10 size=0x4: 0xfffff000
  xen-4.18..
    event 4 cfg.read d0 0000:00:16.0 reg=0x10 size=0x4: 0xfe102000
`,
    });
  });

  test('makes a Markdown table, with the states that were proposed and where', async () => {
    const here = corpusWith(SEED, QUESTION, 'answer: event 4');
    const { out } = await runCommand(['seeds', '--format', 'markdown', here.at('traces')]);
    expect(out).toContain('\n- hidden-rfc-v2: 67c28bfc52 and the patch\n');
    expect(out).toContain('\n| Do accesses reach vPCI \\| or the device? | [hidden/sized](');
    expect(out).toContain('<br>**xen-4.18..**: `event 4 cfg.read d0 0000:00:16.0 reg=0x10 size=0x4: 0xfe102000` |');
  });

  test('prints JSON', async () => {
    const here = corpusWith(SEED, QUESTION, 'answer: event 4');
    const { out } = await runCommand(['seeds', '--format', 'json', here.at('traces')]);
    const [section]: { questions: { answers: unknown[] }[] }[] = JSON.parse(out);
    expect(section).toMatchObject({
      file: 'hidden-devices-rfc-v2.txt',
      proposals: [{ name: 'hidden-rfc-v2', fromText: false }],
    });
    expect(section?.questions[0]?.answers[0]).toMatchObject({
      states: ['xen-4.17', 'hidden-rfc-v2'],
      facts: [{ value: '0xfffff000' }],
    });
  });

  test.each([
    {
      wrong: 'a discussion that is not known',
      directives: ['seed: other.txt', QUESTION],
      says: "'other.txt' is no disc",
    },
    {
      wrong: 'an answer of an event that is not there',
      directives: [SEED, QUESTION, 'answer: event 9'],
      says: 'event 9',
    },
    { wrong: 'no question', directives: [SEED], says: 'none of these traces' },
  ])('refuses $wrong with status 2', async ({ directives, says }) => {
    const here = corpusWith(...directives);
    const { exit, out, notes } = await runCommand(['seeds', here.at('traces')]);
    expect([exit, out]).toEqual([2, '']);
    expect(notes).toContain(says);
  });
});
