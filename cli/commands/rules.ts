// SPDX-License-Identifier: GPL-2.0-only

import type { Coverage } from '../../engine/replay/coverage.ts';
import { type Args, choiceOf, flagOf, textsOf } from '../args.ts';
import type { Command } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import type { Io } from '../io.ts';
import { FORMAT_OPTION, FORMATS, type Format, refuser } from '../shared-options.ts';
import { formatJson } from '../text.ts';

const refuse = refuser('rules');

const listRules = async (names: readonly string[], format: Format, io: Io): Promise<ExitCode> => {
  const [{ rules }, { didYouMean }] = await Promise.all([
    import('../model.ts'),
    import('../../engine/trace/nearest.ts'),
  ]);
  /** Those of this name or group; if there are none, those with the word in name or text. */
  const named = (wanted: string) => {
    const found = [...rules].filter(([name]) => name === wanted || name.startsWith(`${wanted}.`));
    return found.length > 0 ? found : [...rules].filter(([name, { says }]) => `${name} ${says}`.includes(wanted));
  };
  for (const name of names)
    if (named(name).length === 0) return refuse(io, `unknown rule '${name}'${didYouMean(name, rules.keys())}`);
  const chosen = names.length === 0 ? [...rules] : new Map(names.flatMap(named));
  const text =
    format === 'json'
      ? formatJson(Object.fromEntries(chosen))
      : [...chosen].map(([name, { says, where }]) => `${name}\n  ${says}\n  ${where}\n`).join('\n');
  await io.out(text);
  return EXIT.ok;
};

const renderText = async (coverage: Coverage): Promise<string> => {
  const [{ columns }, { foldNames }, { findGaps, neverExercised, UNREACHED }] = await Promise.all([
    import('../columns.ts'),
    import('../../engine/replay/seed-answers.ts'),
    import('../../engine/replay/coverage.ts'),
  ]);
  const { releases, rules } = coverage;
  const { stale } = findGaps(coverage);
  const never = neverExercised(coverage);
  const exercised = rules.filter((rule) => rule.traces > 0);
  const parts = [
    columns([
      ['rule', 'traces', 'releases'],
      ...exercised.map((rule) => [rule.rule, String(rule.traces), foldNames(rule.releases).join(', ')]),
    ]),
    columns([
      ['release', 'rules exercised', `of ${rules.length}`],
      ...releases.map((release) => [release, String(rules.length - neverExercised(coverage, release).length), '']),
    ]),
  ];
  if (never.length > 0)
    parts.push(
      `never exercised:\n${columns(never.map((rule) => [`  ${rule}`, UNREACHED[rule] ?? 'no trace, no reason']))}`,
    );
  if (stale.length > 0)
    parts.push(`a reason is given, and yet exercised:\n${stale.map((rule) => `  ${rule}\n`).join('')}`);
  return parts.join('\n');
};

const renderJson = async (coverage: Coverage): Promise<string> => {
  const { findGaps, neverExercised, UNREACHED } = await import('../../engine/replay/coverage.ts');
  return formatJson({
    rules: Object.fromEntries(
      coverage.rules.map(({ rule, traces, releases }) => [rule, { traces, releases, reason: UNREACHED[rule] }]),
    ),
    notExercised: Object.fromEntries(coverage.releases.map((release) => [release, neverExercised(coverage, release)])),
    neverExercised: neverExercised(coverage),
    ...findGaps(coverage),
  });
};

const reportCoverage = async (paths: readonly string[], format: Format, io: Io): Promise<ExitCode> => {
  const [{ discover }, { makeSession }, { model }, { coverCorpus }, { findGaps }] = await Promise.all([
    import('../corpus.ts'),
    import('../session.ts'),
    import('../model.ts'),
    import('../cover-corpus.ts'),
    import('../../engine/replay/coverage.ts'),
  ]);
  const found = discover(paths, undefined);
  if (!found.ok) return refuse(io, found.message);
  const covered = coverCorpus(makeSession(model), found.corpus);
  if (!covered.ok) return refuse(io, covered.message);
  const { coverage } = covered;
  await io.out(format === 'json' ? await renderJson(coverage) : await renderText(coverage));
  const { missing, stale } = findGaps(coverage);
  return missing.length + stale.length > 0 ? EXIT.differs : EXIT.ok;
};

const run = async (args: Args, io: Io): Promise<ExitCode> => {
  const format = choiceOf(args, 'format', FORMATS);
  const names = textsOf(args, 'rule');
  return flagOf(args, 'coverage') ? reportCoverage(names, format, io) : listRules(names, format, io);
};

export const rulesCommand: Command = {
  positionals: [
    {
      name: 'rule',
      describe:
        'only these rules or groups, as map, or those with this word (default: all); with --coverage: traces, or folders of the corpus (default: traces/)',
      many: true,
      completes: 'trace',
    },
  ],
  options: {
    coverage: { describe: 'replay the corpus under all releases and tell which rules it exercises' },
    format: FORMAT_OPTION,
  },
  details:
    'A rule is a sentence about what Xen does, with the file and function in Xen that does it. Outcomes name the rule that they follow.\n\n' +
    '--coverage tells for each rule how many traces of the corpus exercise it and in which releases. Rules that no trace exercises are listed with the reason, if one is known; without one the exit status is 1.',
  examples: [
    ['hvreplay rules', 'all rules'],
    ['hvreplay rules remove', 'those about removing devices'],
    ['hvreplay rules quarantine', 'those that speak of quarantine'],
    ['hvreplay rules --coverage', 'which rules the corpus exercises'],
  ],
  run,
};
