// SPDX-License-Identifier: GPL-2.0-only
import { createArmWorld } from '../../engine/arm/world.ts';
import { armOperations } from '../../engine/ops/arm/index.ts';
import type { ArmOutcome } from '../../engine/ops/arm/operation.ts';
import { findState } from '../../engine/semantics/states.ts';
import { keyed, readMachine, readScenario, type ScenarioLine } from './scenario.ts';

/** Steps of the trace that a scenario line stands for: an operation's name and its fields as text. */
type Step = readonly [op: string, fields: Readonly<Record<string, string>>];

const OPTIONS: Readonly<Record<string, string>> = { vpcival: 'vpci_value' };

const DOMAINS: Readonly<Record<string, string>> = { dom0: 'd0', domu: 'd1' };

const PHYSDEVOPS: Readonly<Record<string, string>> = {
  add: 'pci_device_add',
  remove: 'pci_device_remove',
  reset: 'pci_device_reset',
  mmcfg: 'pci_mmcfg_reserved',
  prepare_msix: 'prepare_msix',
  manage_add: 'manage_pci_add',
};

const fields = (names: readonly string[], words: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map((name, i) => [name, words[i] ?? '']));

const physdevFields = ([what = '', argument = '']: readonly string[]): Record<string, string> => ({
  command: what === 'op' ? argument : (PHYSDEVOPS[what] ?? what),
  ...(what === 'reset' && argument !== '' ? { flags: argument } : {}),
});

const stepsOf = ({ verb, words }: ScenarioLine): readonly Step[] => {
  const keys = keyed(words);
  const [first = '', ...rest] = words;
  switch (verb) {
    case 'opt':
      return [...keys].map(([name, value]) => ['arm.option', { name: OPTIONS[name] ?? name, value }]);
    case 'boot':
      return [['arm.boot', {}]];
    case 'dom0':
    case 'domu':
      return [['arm.create_domain', { dom: DOMAINS[verb] ?? '', ...Object.fromEntries(keys) }]];
    case 'mmioread': {
      const flags = Object.fromEntries(words.slice(3).map((flag) => [flag, '1']));
      return [['arm.mmio_read', { dom: DOMAINS[first] ?? '', ...fields(['gpa', 'size'], rest), ...flags }]];
    }
    case 'mmiowrite':
      return [['arm.mmio_write', { dom: DOMAINS[first] ?? '', ...fields(['gpa', 'size', 'value'], rest) }]];
    case 'conf':
      return first === 'r'
        ? [['arm.conf_read', fields(['sbdf', 'reg', 'size'], rest)]]
        : [['arm.conf_write', fields(['sbdf', 'reg', 'size', 'value'], rest)]];
    case 'checkbar':
      return [['arm.check_bar', fields(['sbdf', 'start', 'end'], words)]];
    case 'map':
      return [['arm.map_hwdom', {}]];
    case 'dtdomain':
      return [['arm.write_pci_domains', {}]];
    case 'physdev':
      return [['arm.physdev_op', physdevFields(words)]];
    default:
      return [];
  }
};

const operations = new Map(armOperations.map((operation) => [operation.declaration.name, operation]));

/** Runs a step by way of its declared fields. */
const run = (world: ReturnType<typeof createArmWorld>, [op, texts]: Step): ArmOutcome => {
  const operation = operations.get(op);
  if (operation === undefined) throw new Error(`no operation ${op}`);
  const declared = operation.declaration.fields;
  for (const name of Object.keys(texts))
    if (declared[name] === undefined) throw new Error(`${op} has no field ${name}`);
  const args: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(declared)) {
    const text = texts[name];
    const value = text === undefined ? undefined : field.parse(text);
    if (value === undefined && !(field.optional && text === undefined))
      throw new Error(`${op}: ${name}: expected ${field.expected}, got ${text}`);
    args[name] = value;
  }
  return operation.run(world, args);
};

/** What a register holds that Xen leaves alone. */
const UNTOUCHED = '0xdeadbeefcafef00d';

/** How the answers name the end of Xen; the place of a BUG is given without its line number. */
const DEATHS: Readonly<Record<string, string>> = {
  'undefined.mixed-pci-domains': 'BUG at xen/arch/arm/pci/pci-host-common.c',
  'undefined.rcar-error-pointer': 'SIGSEGV (wild pointer dereference in the Xen code)',
};

const withoutPrefix = (value: unknown): unknown => (value === '0x0' ? '0' : value);

/** An outcome in the words of the answers. */
const translate = ({ verb }: ScenarioLine, outcome: ArmOutcome): Record<string, unknown> => {
  const {
    ret,
    value,
    access,
    undefined: died,
    rule = '',
    numHandlers,
    maxHandlers,
    handleDeviceRet,
    ...rest
  } = outcome;
  const { mfn } = rest;
  const renamed = {
    died: died ? (DEATHS[rule] ?? rule) : undefined,
    rc: ret,
    num_handlers: numHandlers,
    max: maxHandlers,
    handle_device_rc: handleDeviceRet,
    state: access,
    reg: verb === 'mmioread' ? withoutPrefix(value ?? UNTOUCHED) : undefined,
    val: verb === 'mmioread' ? undefined : withoutPrefix(value),
    ...(Array.isArray(mfn) ? { mfn: mfn.map(withoutPrefix) } : {}),
  };
  return { ...rest, ...Object.fromEntries(Object.entries(renamed).filter(([, each]) => each !== undefined)) };
};

/** The model's answers to a scenario, up to the line at which Xen dies. */
export const replayScenario = (text: string, release: string): readonly Record<string, unknown>[] => {
  const lines = readScenario(text);
  const behaviours = findState(release)?.behaviours.arm;
  if (behaviours === undefined) throw new Error(`no release ${release}`);
  const world = createArmWorld(readMachine(lines), behaviours, {
    answers: { vpciValue: 0x1122334455667788n, busValue: 0x89abcdef },
  });
  const answers: Record<string, unknown>[] = [];
  for (const line of lines) {
    if (world.undefinedRule !== undefined) break;
    const outcomes = stepsOf(line).map((step) => run(world, step));
    const last = outcomes.at(-1);
    answers.push({ line: line.line, cmd: line.cmd, ...(last === undefined ? {} : translate(line, last)) });
  }
  return answers;
};
