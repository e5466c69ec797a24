// SPDX-License-Identifier: GPL-2.0-only
import type { Parsed, Problem } from '../trace/problem.ts';
import { cutOff, linesOf, problemAt } from './problems.ts';

/** An access that a command made by itself, without the kernel's accessors. */
export interface CommandAccess {
  readonly line: number;
  readonly write: boolean;
  readonly address: bigint;
  /** Bytes. */
  readonly size: number;
  /** What was written; of a read what the command printed, if it did. */
  readonly value: bigint | undefined;
}

/** What was done in dom0, by a log of its steps. */
export interface StepsLog {
  readonly steps: readonly { readonly line: number; readonly number: number; readonly text: string }[];
  /** Accesses of busybox's devmem, in their order: the only source of their sizes. */
  readonly accesses: readonly CommandAccess[];
}

/** `### step 13 t=129.72 : devmem 0xb0100000 8`, what the command printed indented below. */
const STEP = /^### step (\d+) t=[\d.]+ : (.*)$/;
const DEVMEM = /^devmem 0x([0-9a-f]{1,16})(?: (8|16|32|64)(?: (?:0x([0-9a-f]{1,16})|(\d{1,20})))?)?$/i;
const PRINTED = /^ +0x([0-9a-f]{1,16})$/i;
const DEFAULT_BITS = 32;

const commandAccess = (line: number, text: string): CommandAccess | undefined => {
  const [, address, bits, hexValue, decimalValue] = DEVMEM.exec(text) ?? [];
  if (address === undefined) return undefined;
  const given = hexValue === undefined ? decimalValue : `0x${hexValue}`;
  return {
    ...{ line, write: given !== undefined, address: BigInt(`0x${address}`) },
    ...{ size: Number(bits ?? DEFAULT_BITS) / 8, value: given === undefined ? undefined : BigInt(given) },
  };
};

/** A log of steps as the lab's scripts write it, alone or between the lines of a console. */
export const importSteps = (text: string): Parsed<StepsLog> => {
  const steps: { line: number; number: number; text: string }[] = [];
  const accesses: CommandAccess[] = [];
  const problems: Problem[] = [];
  for (const [index, content] of linesOf(text).entries()) {
    const [, number, command = ''] = STEP.exec(content) ?? [];
    if (number !== undefined) {
      steps.push({ line: index + 1, number: Number(number), text: command });
      const access = commandAccess(index + 1, command);
      if (access !== undefined) accesses.push(access);
      continue;
    }
    const last = accesses.at(-1);
    const printed = PRINTED.exec(content)?.[1];
    if (printed !== undefined && last?.value === undefined && last?.line === steps.at(-1)?.line && last !== undefined)
      accesses[accesses.length - 1] = { ...last, value: BigInt(`0x${printed}`) };
  }
  const cut = cutOff(text);
  if (cut !== undefined) problems.push(cut);
  if (steps.length === 0) problems.push(problemAt(undefined, 'no step: expected lines "### step N t=… : command"'));
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: { steps, accesses } };
};
