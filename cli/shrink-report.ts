// SPDX-License-Identifier: GPL-2.0-only

import { formatGolden } from '../engine/golden/text.ts';
import { formatDescription, readDescription } from '../engine/machine/description.ts';
import type { Shrunk } from '../engine/replay/shrink.ts';
import { formatCsv } from '../engine/trace/write-csv.ts';
import { allChoices } from './choices.ts';
import { type FileResult, sha256 } from './files.ts';
import { model } from './model.ts';
import { goldenBody, goldenHeader } from './outcome.ts';
import { packageVersion } from './package-version.ts';
import { type Choice, type LoadedTrace, makeSession } from './session.ts';
import { type Finding, REPORT_WIDTH } from './shrink-finding.ts';
import type { Asked } from './shrink-question.ts';
import type { OpenedSubject } from './subject.ts';
import { counted, wrapped } from './text.ts';

/** The plain value that the trace's machine file says. */
export const readMachine = ({ machineText }: LoadedTrace): FileResult<unknown> => {
  const description = readDescription(machineText);
  if (description.ok) return description;
  return { ok: false, message: description.problems[0]?.message ?? 'is no machine file' };
};

/** What is made of a shrunk trace. */
export interface ShrunkCase {
  /** Texts by file name. */
  readonly files: ReadonlyMap<string, string>;
  readonly report: string;
  readonly finding: Finding;
}

const TRACE = 'trace.csv';
const MACHINE = 'machine.yaml';
const REPORT = 'report.txt';

/** The directive of a trace that shows what Xen does wrong: of which kind that is. Its title says what it is. */
export const FINDING = 'finding';

/** Long lines go on further to the right. */
const folded = (text: string): string =>
  text
    .split('\n')
    .flatMap((line) => {
      const words = line.trimStart();
      return wrapped(words, line.length - words.length, { width: REPORT_WIDTH, hanging: 4 });
    })
    .join('\n');

const scissors = (name: string): string => `-- >8 -- ${name} -- >8 --\n`;

/** The report: plain text of 72 columns, but for what the trace itself needs. */
const reportOf = (trace: string, machine: string, shrunk: Shrunk, subject: string, finding: Finding): string => {
  const size = counted(shrunk.events.length, 'event');
  const smallest = shrunk.isSmallest
    ? `The smallest trace that shows it, of ${size}: nothing can be left out.\n`
    : `A trace of ${size} that shows it; it may not be the smallest.\n`;
  return [
    `Subject: ${subject}\n`,
    folded(smallest),
    `${scissors(TRACE)}${trace}${scissors(MACHINE)}${machine}${scissors('end')}`,
    ...finding.paragraphs.map(folded),
    `To reproduce it with hvreplay ${packageVersion()} and the two files above:\n\n  ${finding.command(TRACE)}\n`,
  ].join('\n');
};

/** A release, guest or proposal, or a release with proposals: `xen-4.18+pfvf-v6`. */
const choiceNamed = (name: string): Choice => {
  const [base, ...added] = name.split('+');
  const choice = allChoices(model).find((one) => one.name === base);
  const made = choice && (added.length === 0 ? choice : model.combine(choice, added));
  if (made === undefined || ('ok' in made && !made.ok)) throw new Error(`${name} is a state`);
  return 'ok' in made ? made.value : made;
};

/** The shrunk trace with its machine, golden files for the states that were asked about, and the report. */
export const caseOf = (opened: OpenedSubject, asked: Asked, shrunk: Shrunk): ShrunkCase => {
  const { title, version, directives: all } = opened.trace.header;
  // What a discussion asked of the whole trace, and which of its events answer, is not about what is left.
  const { seed: _seed, question: _question, answer: _answer, ...directives } = all;
  const header = { title, version, directives, machine: MACHINE };
  const machine = formatDescription(shrunk.description);
  const csv = formatCsv(header, shrunk.events, model.registry);
  const parsed = model.parseMachine(machine);
  if (!parsed.ok) throw new Error('a shrunk machine is a machine');
  const trace = {
    ...{ path: TRACE, digest: sha256(csv), header, events: shrunk.events },
    ...{ machine: parsed.value, machinePath: MACHINE, machineText: machine, machineDigest: sha256(machine) },
    lineOf: () => undefined,
  };
  const goldens = asked.states.map(({ name }) => {
    const body = goldenBody(makeSession(model), trace, choiceNamed(name));
    return [`${name}.txt`, formatGolden({ header: goldenHeader(trace, name, TRACE, MACHINE), body })] as const;
  });
  const finding = asked.describe({ ...opened.subject, machine: parsed.value, events: shrunk.events });
  const subject = header.directives[FINDING] === undefined ? finding.subject : (header.title ?? finding.subject);
  const report = reportOf(csv, machine, shrunk, subject, finding);
  return { files: new Map([[TRACE, csv], [MACHINE, machine], ...goldens, [REPORT, report]]), report, finding };
};
