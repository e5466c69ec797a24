// SPDX-License-Identifier: GPL-2.0-only
import type { CommandEntry } from './command.ts';

/** All commands, in the order of the help: by use. Only the one that is called is loaded. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'replay',
    summary: 'replay traces and print what each event answered and the final state',
    load: async () => (await import('./commands/replay.ts')).replayCommand,
  },
  {
    name: 'check',
    summary: 'compare the outcome of traces with their golden files',
    load: async () => (await import('./commands/check.ts')).checkCommand,
  },
  {
    name: 'accept',
    summary: 'make the present outcome of traces their golden files',
    load: async () => (await import('./commands/accept.ts')).acceptCommand,
  },
  {
    name: 'why',
    summary: 'explain an answer, a mapping or the state of a device by events and rules',
    load: async () => (await import('./commands/why.ts')).whyCommand,
  },
  {
    name: 'compare',
    summary: 'show where and why two releases make something else of a trace',
    load: async () => (await import('./commands/compare.ts')).compareCommand,
  },
  {
    name: 'bisect',
    summary: 'name the release, and the commit, that changed the outcome of a trace',
    load: async () => (await import('./commands/bisect.ts')).bisectCommand,
  },
  {
    name: 'step',
    summary: 'walk through a trace on the terminal, with the state beside it',
    load: async () => (await import('./commands/step.ts')).stepCommand,
  },
  {
    name: 'shrink',
    summary: 'find the smallest trace that still shows a difference, and report it',
    load: async () => (await import('./commands/shrink.ts')).shrinkCommand,
  },
  {
    name: 'import',
    summary: 'make a machine file and a trace of what was recorded of a real run',
    load: async () => (await import('./commands/import.ts')).importCommand,
  },
  {
    name: 'conform',
    summary: 'compare the results that traces recorded with what the model answers',
    load: async () => (await import('./commands/conform.ts')).conformCommand,
  },
  {
    name: 'convert',
    summary: 'write a trace in another format',
    load: async () => (await import('./commands/convert.ts')).convertCommand,
  },
  {
    name: 'machine',
    summary: 'print a machine description as the model takes it',
    load: async () => (await import('./commands/machine.ts')).machineCommand,
  },
  {
    name: 'ops',
    summary: 'list the operations that a trace may hold, and their fields',
    load: async () => (await import('./commands/ops.ts')).opsCommand,
  },
  {
    name: 'releases',
    summary: 'list releases, guests and proposals, and what each one changed',
    load: async () => (await import('./commands/releases.ts')).releasesCommand,
  },
  {
    name: 'rules',
    summary: 'list the rules that explain what the model answers',
    load: async () => (await import('./commands/rules.ts')).rulesCommand,
  },
  {
    name: 'seeds',
    summary: 'list questions of discussions and what each release or proposal answers',
    load: async () => (await import('./commands/seeds.ts')).seedsCommand,
  },
  {
    name: 'findings',
    summary: 'list what Xen does wrong, and the smallest traces that show it',
    load: async () => (await import('./commands/findings.ts')).findingsCommand,
  },
  {
    name: 'merge',
    summary: 'make one report of those of all shards of a check',
    load: async () => (await import('./commands/merge.ts')).mergeCommand,
  },
  {
    name: 'completion',
    summary: 'print a completion script for bash, zsh or fish',
    load: async () => (await import('./commands/completion.ts')).completionCommand(COMMANDS),
  },
];
