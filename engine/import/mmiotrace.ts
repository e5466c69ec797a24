// SPDX-License-Identifier: GPL-2.0-only
import type { Parsed, Problem } from '../trace/problem.ts';
import { linesOf, problemAt } from './problems.ts';
import type { MemoryAccess } from './record.ts';

/** Accesses of a driver to its device's memory. */
export interface MmioTrace {
  readonly events: readonly (MemoryAccess & { readonly line: number; readonly time: bigint })[];
  /** Events that the ring buffer lost, by its own count. */
  readonly lost: number;
  readonly notes: readonly Problem[];
}

/** `R width seconds map-id address value pc pid`, as Documentation/trace/mmiotrace.rst has it. */
const ACCESS = /^([RW]) ([1248]) (\d{1,10})\.(\d{6}) \d+ 0x([0-9a-f]{1,16}) 0x([0-9a-f]{1,16}) 0x[0-9a-f]+ \d+$/;
/** Lines that say nothing of accesses: version, devices, mappings, marks; an instruction that was not understood. */
const OTHER = /^(?:VERSION|PCIDEV|MAP|UNMAP|MARK|LSPCI) /;
const UNKNOWN = /^UNKNOWN /;
const LOST = /^MARK \d+\.\d{6} mmiotrace has lost (\d{1,15}) events/;

/** The text of Linux's mmiotrace: addresses are physical, of dom0 guest-physical. */
export const importMmiotrace = (text: string): Parsed<MmioTrace> => {
  const events: (MemoryAccess & { line: number; time: bigint })[] = [];
  const problems: Problem[] = [];
  const notes: Problem[] = [];
  let lost = 0;
  for (const [index, content] of linesOf(text).entries()) {
    const line = index + 1;
    const access = ACCESS.exec(content);
    lost += Number(LOST.exec(content)?.[1] ?? 0);
    if (access === null) {
      if (UNKNOWN.test(content)) notes.push(problemAt(line, 'an access that mmiotrace did not understand'));
      else if (!OTHER.test(content) && content.trim() !== '' && !content.startsWith('#'))
        problems.push(
          problemAt(line, 'expected "R|W width time map address value pc pid", or MAP, UNMAP, MARK, PCIDEV'),
        );
      continue;
    }
    const [, direction, width, seconds = '', micros = '', address, value] = access;
    events.push({
      ...{ kind: 'memory', line, time: (BigInt(seconds) * 1_000_000n + BigInt(micros)) * 1000n, dom: 'd0', vcpu: 0 },
      ...{ write: direction === 'W', gpa: BigInt(`0x${address}`), size: Number(width), value: BigInt(`0x${value}`) },
      ...{ via: undefined, inferred: false },
    });
  }
  if (events.length === 0 && problems.length === 0)
    problems.push(problemAt(undefined, 'no access: expected the text of an mmiotrace'));
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: { events, lost, notes } };
};
