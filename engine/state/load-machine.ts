// SPDX-License-Identifier: GPL-2.0-only
import { parseArmMachine } from '../arm/schema.ts';
import { parseGrantMachine } from '../guest/grants/schema.ts';
import { type LoadedMachine, machineCompiler, parseMachine } from '../machine/load.ts';
import { type ParsedPart, type PartProblem, placedIn } from '../machine/part.ts';
import type { Parsed } from '../trace/problem.ts';
import type { ModelMachine } from './model-world.ts';

/** Reads a machine file whole: devices, and what it says of grants (`deviceTree`, `grants`) and of Arm (`arm`). */
export const loadMachine = (text: string): Parsed<ModelMachine & LoadedMachine> => {
  const plain = parseMachine(text);
  if (!plain.ok) return plain;
  const whole = withFurther(plain.value);
  return whole.ok ? whole : { ok: false, problems: placedIn(text, whole.problems) };
};

/** Adds what a machine file says besides devices. */
const withFurther = (plain: LoadedMachine): ParsedPart<ModelMachine & LoadedMachine> => {
  const { further } = plain;
  const problems: PartProblem[] = [];
  const parsePart = <T>(isThere: boolean, parse: () => ParsedPart<T>): T | undefined => {
    if (!isThere) return undefined;
    const parsed = parse();
    if (parsed.ok) return parsed.value;
    problems.push(...parsed.problems);
    return undefined;
  };
  const { arm, ...grants } = further;
  const grantMachine = parsePart('deviceTree' in grants || 'grants' in grants, () => parseGrantMachine(grants));
  const armMachine = parsePart(arm !== undefined, () => parseArmMachine(arm));
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, value: { ...plain, grantMachine, armMachine } };
};

/** {@link machineCompiler} for whole machine files. */
export const modelMachineCompiler = (): ((description: unknown) => ModelMachine | undefined) => {
  const compile = machineCompiler();
  return (description) => {
    const plain = compile(description);
    const whole = plain && withFurther(plain);
    return whole?.ok === true ? whole.value : undefined;
  };
};
