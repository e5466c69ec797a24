// SPDX-License-Identifier: GPL-2.0-only
import type { ArmMachine } from '../../engine/arm/description.ts';
import { parseArmMachine } from '../../engine/arm/schema.ts';

/** A line of a scenario, split at blanks; comments and empty lines are gone. */
export interface ScenarioLine {
  readonly line: number;
  readonly cmd: string;
  readonly verb: string;
  readonly words: readonly string[];
}

export const readScenario = (text: string): readonly ScenarioLine[] =>
  text.split('\n').flatMap((raw, index) => {
    const cmd = raw.trim();
    if (cmd === '' || cmd.startsWith('#')) return [];
    const [verb = '', ...words] = cmd.split(/\s+/);
    return [{ line: index + 1, cmd, verb, words }];
  });

/** `key=value` words by key; a bare word has an empty value. */
export const keyed = (words: readonly string[]): ReadonlyMap<string, string> =>
  new Map(
    words.map((word) => {
      const at = word.indexOf('=');
      return at < 0 ? [word, ''] : [word.slice(0, at), word.slice(at + 1)];
    }),
  );

interface Reg {
  readonly name: string | undefined;
  readonly address: string;
  readonly size: string;
}

const hexText = (value: string | bigint): string => `0x${BigInt(value).toString(16)}`;

const region = (name: string | undefined, text: string): Reg => {
  const [address = '0', size = '0'] = text.split(':');
  return { name, address: hexText(address), size: hexText(size) };
};

const isRcar = (compatible: string): boolean => compatible.startsWith('renesas,');

const nameOfConfig = (compatible: string): string => (isRcar(compatible) ? 'dbi' : 'cfg');

/** Where an R-Car bridge has its translation unit and its application registers unless the line says otherwise. */
const RCAR_DEFAULTS = { atu: [0x8000000n, 0x2000n], app: [0x8100000n, 0x2000n] } as const;

const readRegs = (words: readonly string[], compatible: string): readonly Reg[] => {
  const regs: Reg[] = [];
  for (const word of words) {
    const [key = '', text = ''] = word.split('=');
    if (key === 'cfg') regs.push(region(nameOfConfig(compatible), text));
    if (key === 'child') regs.push(region('config', text));
    if (key === 'reg') {
      const at = text.indexOf(':');
      regs.push(region(text.slice(0, at), text.slice(at + 1)));
    }
  }
  if (isRcar(compatible)) {
    const base = BigInt(regs.find(({ name }) => name === 'dbi')?.address ?? '0');
    for (const name of ['atu', 'app'] as const) {
      if (words.includes(`no${name}`) || regs.some((reg) => reg.name === name)) continue;
      const [offset, size] = RCAR_DEFAULTS[name];
      regs.push({ name, address: hexText(base + offset), size: hexText(size) });
    }
  }
  return words.includes('noregnames') ? regs.map((reg) => ({ ...reg, name: undefined })) : regs;
};

const readRanges = (text: string): readonly unknown[] =>
  text === 'empty'
    ? []
    : text.split(';').map((entry) => {
        const parts = entry.split(':');
        const [flags, pci, cpu, size] = parts.length === 3 ? [parts[0], parts[1], parts[1], parts[2]] : parts;
        return {
          flags: Number(flags),
          pci: hexText(pci ?? '0'),
          cpu: hexText(cpu ?? '0'),
          size: hexText(size ?? '0'),
        };
      });

const present = (value: string | undefined): value is string => value !== undefined && value !== 'none';

/** A `bridge` line in the form of a machine file. */
const readBridge = (words: readonly string[]): unknown => {
  const keys = keyed(words);
  const compatible = keys.get('compatible') ?? 'pci-host-ecam-generic';
  const regs = readRegs(words, compatible);
  const [bus, seg, ranges] = [keys.get('bus'), keys.get('seg'), keys.get('ranges')];
  const cfg = keys.get('cfg')?.split(':')[0];
  return {
    path: `/pcie@${BigInt(cfg ?? '0').toString(16)}`,
    compatible,
    ...(keys.get('type') === 'none' ? { deviceType: null } : {}),
    ...(keys.has('name') ? { name: keys.get('name') } : {}),
    ...(keys.get('status') === 'disabled' ? { status: 'disabled' } : {}),
    passthrough: keys.has('passthrough'),
    regs: regs.map(({ name, ...rest }) => (name === undefined ? rest : { name, ...rest })),
    ...(present(bus) ? { busRange: bus } : {}),
    ...(present(seg) ? { pciDomain: Number(seg) } : {}),
    ...(ranges === undefined ? {} : { ranges: readRanges(ranges) }),
    ...(keys.has('num-viewport') ? { numViewport: Number(keys.get('num-viewport')) } : {}),
  };
};

/** The machine that a scenario's `bridge` lines describe, by way of the machine file's schema. */
export const readMachine = (lines: readonly ScenarioLine[]): ArmMachine => {
  const hostBridges = lines.filter(({ verb }) => verb === 'bridge').map(({ words }) => readBridge(words));
  const machine = parseArmMachine({ options: { hasVpci: true, iommu: true }, hostBridges });
  if (!machine.ok) throw new Error(machine.problems.map(({ message }) => message).join('\n'));
  return machine.value;
};
