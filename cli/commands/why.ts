// SPDX-License-Identifier: GPL-2.0-only
import { basename } from 'node:path';
import type { Gfn } from '../../engine/num/frames.ts';
import type { Sbdf } from '../../engine/num/sbdf.ts';
import type { FrameReasons, NoDomain } from '../../engine/replay/why-frame.ts';
import type { SystemState } from '../../engine/semantics/states.ts';
import { didYouMean } from '../../engine/trace/nearest.ts';
import { type Args, choiceOf, flagOf, textOf } from '../args.ts';
import type { Command } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import type { Io } from '../io.ts';
import { FORMAT_OPTION, FORMATS, MACHINE_OPTION, ONE_RELEASE_OPTION, ONE_TRACE, refuser } from '../shared-options.ts';
import type { OpenedSubject } from '../subject.ts';
import { formatJson, listed } from '../text.ts';
import type { Telling } from '../why-text.ts';

type Question =
  | { readonly kind: 'event' }
  | { readonly kind: 'gfn'; readonly gfn: Gfn; readonly domain: string }
  | { readonly kind: 'device'; readonly sbdf: Sbdf; readonly facts: Facts };

/** Which facts of a device are asked about. */
interface Facts {
  /** As in `flags changed by 2 events`. */
  readonly what: string;
  readonly isWanted: (name: string) => boolean;
  /** The option that names them; none names all. */
  readonly option: string | undefined;
  readonly word: string;
  /** The BAR that they are of: `bar 0`, `rom`. */
  readonly bar?: string;
}

/** Options that go with one question only. */
const BELONGS = [
  ['domain', 'gfn'],
  ['field', 'device'],
  ['bar', 'device'],
] as const;

/** Facts of a BAR, Xen's and the hardware's: `bar 3`, `bar 3 pending`, `hardware bar 3`, `rom`. */
const ofBar = (bar: string): Facts | string => {
  if (!/^(?:[0-5]|rom)$/.test(bar)) return `--bar ${bar}: expected a number from 0 to 5, or rom`;
  const name = bar === 'rom' ? bar : `bar ${bar}`;
  const pattern = new RegExp(`^(?:hardware )?${name}(?: |$)`);
  return { what: `facts of ${name}`, isWanted: (fact) => pattern.test(fact), option: 'bar', word: bar, bar: name };
};

const factsOf = (field: string | undefined, bar: string | undefined): Facts | string => {
  if (field !== undefined && bar !== undefined) return '--field and --bar: expected one of them';
  if (bar !== undefined) return ofBar(bar);
  if (field === undefined) return { what: 'facts', isWanted: () => true, option: undefined, word: '' };
  return {
    ...{ what: `facts with '${field}'`, option: 'field', word: field },
    isWanted: (name) => name.includes(field),
  };
};

const questionOf = async (args: Args): Promise<Question | string> => {
  const [event, gfn, device] = ['event', 'gfn', 'device'].map((name) => textOf(args, name));
  if ([event, gfn, device].filter((one) => one !== undefined).length !== 1)
    return 'expected one of --event N, --gfn FRAME and --device SBDF';
  for (const [name, owner] of BELONGS)
    if (textOf(args, name) !== undefined && textOf(args, owner) === undefined) return `--${name} goes with --${owner}`;
  if (event !== undefined)
    return textOf(args, 'at') === undefined ? { kind: 'event' } : '--at goes with --gfn or --device';
  if (gfn !== undefined) {
    const { MAX_FRAME } = await import('../../engine/num/frames.ts');
    const frame = /^(?:0x[0-9a-f]+|\d+)$/i.test(gfn) ? Number(gfn) : Number.NaN;
    if (!(frame <= MAX_FRAME)) return `--gfn ${gfn}: expected the number of a guest frame, as 0xfe042`;
    // It has just been checked that this is the number of a frame.
    return { kind: 'gfn', gfn: frame as Gfn, domain: textOf(args, 'domain') ?? 'd0' };
  }
  const { parseSbdf } = await import('../../engine/num/sbdf.ts');
  const sbdf = parseSbdf(device ?? '');
  if (sbdf === undefined) return `--device ${device}: expected a device, as 0000:03:00.0`;
  const facts = factsOf(textOf(args, 'field'), textOf(args, 'bar'));
  return typeof facts === 'string' ? facts : { kind: 'device', sbdf, facts };
};

/** What is found: a message about bad input, or the two forms of the answer. */
type Found = string | { readonly text: string; readonly json: object };

const aboutEvent = async ({ subject }: OpenedSubject, state: SystemState, index: number, telling: Telling) => {
  const [{ whyEvent }, { eventReasonsText, reasonsJson }] = await Promise.all([
    import('../../engine/replay/why.ts'),
    import('../why-text.ts'),
  ]);
  const found = whyEvent(subject, state.behaviours, index);
  if (found === undefined) return 'the trace has no events';
  if ('end' in found) {
    const text = `not reached: nothing is known after event ${found.end.event.seq}\n\n${eventReasonsText(found.end, telling)}`;
    return { text, json: { event: null, end: reasonsJson(found.end, telling) } };
  }
  return { text: eventReasonsText(found, telling), json: { event: reasonsJson(found, telling) } };
};

/** Whether nothing was ever mapped at a frame, or decided about it. */
const isUnheardOf = (found: FrameReasons | NoDomain): boolean =>
  'domains' in found || (found.now === undefined && found.changes.length + found.bars.length + found.kept.length === 0);

const aboutFrame = async (
  { subject, trace }: OpenedSubject,
  state: SystemState,
  { gfn, domain, last }: { readonly gfn: Gfn; readonly domain: string; readonly last: number },
  telling: Telling,
): Promise<Found> => {
  const [{ whyFrame }, { frameReasonsText, reasonsJson }, { hex }, { PAGE_SIZE_BYTES }] = await Promise.all([
    import('../../engine/replay/why-frame.ts'),
    import('../why-text.ts'),
    import('../../engine/num/u64.ts'),
    import('../../engine/num/frames.ts'),
  ]);
  const found = whyFrame(subject, state.behaviours, { gfn, domain, last });
  if ('domains' in found)
    return `--domain ${domain}: ${trace.path} has no such domain; there are ${found.domains.join(', ')}`;
  const { now, atStart, changes, kept, bars, end } = found;
  const json = {
    ...{ domain, gfn: hex(gfn), now: now ?? null, atStart: atStart ?? null, bars },
    changes: changes.map(({ before, after, ...reasons }) => ({
      ...{ before: before ?? null, after: after ?? null },
      ...reasonsJson(reasons, telling),
    })),
    kept: kept.map((one) => reasonsJson(one, telling)),
    end: end === undefined ? null : reasonsJson(end, telling),
  };
  const page = gfn / PAGE_SIZE_BYTES;
  const isAddress =
    isUnheardOf(found) &&
    Number.isInteger(page) &&
    // A whole number below that of a frame.
    !isUnheardOf(whyFrame(subject, state.behaviours, { gfn: page as Gfn, domain, last }));
  const hint = isAddress ? `  as an address it is in frame ${hex(page)}\n` : '';
  return { text: frameReasonsText(`p2m ${domain} gfn ${hex(gfn)}`, found, telling) + hint, json };
};

const aboutDevice = async (
  { subject, trace }: OpenedSubject,
  state: SystemState,
  { sbdf, facts, last }: { readonly sbdf: Sbdf; readonly facts: Facts; readonly last: number },
  telling: Telling,
): Promise<Found> => {
  const [{ whyDevice }, { deviceFacts }, { deviceReasonsText, reasonsJson }, { formatSbdf }, { hex }] =
    await Promise.all([
      import('../../engine/replay/why-device.ts'),
      import('../../engine/golden/device-facts.ts'),
      import('../why-text.ts'),
      import('../../engine/num/sbdf.ts'),
      import('../../engine/num/u64.ts'),
    ]);
  const name = formatSbdf(sbdf);
  const { isWanted, what } = facts;
  const found = whyDevice(subject, state.behaviours, { sbdf, isWanted, last, describe: deviceFacts });
  if ('devices' in found) {
    const there = listed(found.devices.map(formatSbdf).sort());
    return `--device ${name}: neither ${trace.path} nor its machine has such a device; ${there}`;
  }
  const names = [...found.names];
  if (facts.option !== undefined && !names.some(isWanted)) {
    const hint = didYouMean(facts.word, names) || `; ${listed(names)}`;
    return `--${facts.option} ${facts.word}: no such fact of ${name}${hint}`;
  }
  const json = {
    ...{ device: name, facts: Object.fromEntries(found.now) },
    bars: found.bars.map(({ gfn, mapped, ...one }) => ({
      ...one,
      gfn: gfn.map(hex),
      mapped: mapped.map((part) => part.map(hex)),
    })),
    changes: found.changes.map(({ fields, ...reasons }) => ({
      fields: fields.map(({ before, after, ...one }) => ({ ...one, before: before ?? null, after: after ?? null })),
      ...reasonsJson(reasons, telling),
    })),
    end: found.end === undefined ? null : reasonsJson(found.end, telling),
  };
  return { text: deviceReasonsText(`device ${name}: ${what}`, found, facts.bar, telling), json };
};

const answer = async (opened: OpenedSubject, state: SystemState, question: Question, args: Args): Promise<Found> => {
  const { eventIndex } = await import('../subject.ts');
  const { path, events, lineOf } = opened.trace;
  const at = textOf(args, 'at') ?? textOf(args, 'event');
  const last =
    at === undefined ? events.length - 1 : eventIndex(opened.trace, question.kind === 'event' ? 'event' : 'at', at);
  if (typeof last === 'string') return last;
  const telling: Telling = {
    ...{ all: flagOf(args, 'all'), file: path === '-' ? '<stdin>' : basename(path) },
    lineOf: (row) => lineOf(row - 1),
  };
  if (question.kind === 'event') return aboutEvent(opened, state, last, telling);
  if (question.kind === 'gfn') return aboutFrame(opened, state, { ...question, last }, telling);
  return aboutDevice(opened, state, { ...question, last }, telling);
};

const refuse = refuser('why');

const run = async (args: Args, io: Io): Promise<ExitCode> => {
  const [{ oneState, openSubject }, { notePartialStates }] = await Promise.all([
    import('../subject.ts'),
    import('../partial-states.ts'),
  ]);
  const format = choiceOf(args, 'format', FORMATS);
  const question = await questionOf(args);
  if (typeof question === 'string') return refuse(io, question);
  const opened = await openSubject(args, io);
  if (!opened.ok) return opened.exit;
  const state = oneState(textOf(args, 'release'), opened.applicable);
  if (typeof state === 'string') return refuse(io, state);
  notePartialStates('why', opened.trace, [state], io);
  return opened.guard(async () => {
    const found = await answer(opened, state, question, args);
    if (typeof found === 'string') return refuse(io, found);
    const { path } = opened.trace;
    await io.out(
      format === 'json'
        ? formatJson({ trace: path, release: state.name, ...found.json })
        : `${path} on ${state.name}\n${found.text}`,
    );
    return EXIT.ok;
  });
};

export const whyCommand: Command = {
  positionals: [ONE_TRACE],
  options: {
    event: { describe: 'what this event answered, and the rules that decided it', value: 'N' },
    gfn: { describe: 'what mapped or unmapped this guest frame, or kept it from being mapped', value: 'FRAME' },
    domain: { describe: 'whose guest frame', value: 'DOMAIN', default: 'd0' },
    device: { describe: 'what changed the facts of this device', value: 'SBDF' },
    field: { describe: "only facts whose name in the golden text contains this, as 'bar 0'", value: 'TEXT' },
    bar: {
      describe: "only facts of this BAR, Xen's and the hardware's: 0 to 5, or rom; and what of it is mapped",
      value: 'N',
    },
    at: { describe: 'the state after this event', value: 'N', default: 'the last one' },
    release: ONE_RELEASE_OPTION,
    all: { describe: 'show every event, rule and fact, not the newest few' },
    format: FORMAT_OPTION,
    machine: MACHINE_OPTION,
  },
  details:
    'Goes from a symptom to its cause: the events behind it, newest first, each with the rules that decided and the Xen function that each rule is about.\n\n' +
    'Exit status: 0 the question was answered, 2 it cannot be.',
  examples: [
    ['hvreplay why t.csv --event 12', 'why event 12 answered what it did'],
    ['hvreplay why t.csv --gfn 0xfe101 --release xen-4.17', 'why the frame is mapped, or is not'],
    ['hvreplay why t.csv --device 0000:03:00.0 --bar 0', 'what happened to a BAR, and is it mapped'],
    ['hvreplay why t.csv --device 0000:03:00.0 --bar 0 --at 12', 'the same right after event 12'],
  ],
  run,
};
