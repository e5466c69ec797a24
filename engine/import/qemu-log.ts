// SPDX-License-Identifier: GPL-2.0-only
import { parseSbdf, type Sbdf } from '../num/sbdf.ts';
import type { Parsed, Problem } from '../trace/problem.ts';
import { cutOff, linesOf, problemAt } from './problems.ts';
import type { HardwareAccess } from './record.ts';

/** What QEMU's trace of config accesses says about the emulated machine. */
export interface QemuLog {
  /** From power-on: firmware, hypervisor, domains. */
  readonly accesses: readonly HardwareAccess[];
  /** Sizes of BARs and ROM (6) in bytes, by device, as far as they were ever mapped. */
  readonly barSizes: ReadonlyMap<Sbdf, ReadonlyMap<number, number>>;
  /** Lines of these events that are cut or garbled. */
  readonly broken: readonly Problem[];
  /** Lines of other events. */
  readonly others: number;
}

/** `pid@seconds.micros:` in front of each event, as QEMU's log backend writes it with -msg timestamp=on. */
const EVENT = /^\d+@(\d{1,10})\.(\d{6}):(\w+) (.*)$/;
const ACCESS = /^\S+ ([0-9a-f]{2}:[0-9a-f]{2}\.[0-7]) @0x([0-9a-f]{1,3}) (?:->|<-) 0x([0-9a-f]{1,8})$/;
const MAPPING = /^\S+ ([0-9a-f]{2}:[0-9a-f]{2}\.[0-7]) (\d),0x[0-9a-f]+\+0x([0-9a-f]{1,16})$/;

class Reader {
  readonly accesses: HardwareAccess[] = [];
  readonly barSizes = new Map<Sbdf, Map<number, number>>();
  readonly broken: Problem[] = [];
  others = 0;

  take(line: number, time: bigint, name: string, said: string): void {
    const read =
      name === 'pci_cfg_read' || name === 'pci_cfg_write'
        ? this.#access(line, time, name === 'pci_cfg_write', said)
        : name.startsWith('pci_update_mappings_')
          ? this.#mapping(said)
          : undefined;
    if (read === undefined) this.others += 1;
    else if (!read) this.broken.push(problemAt(line, `an event ${name} that is cut or garbled`));
  }

  #access(line: number, time: bigint, write: boolean, said: string): boolean {
    const [, address = '', reg = '', value = ''] = ACCESS.exec(said) ?? [];
    const sbdf = parseSbdf(address);
    if (sbdf === undefined) return false;
    this.accesses.push({ line, time, write, sbdf, reg: Number.parseInt(reg, 16), value: Number.parseInt(value, 16) });
    return true;
  }

  #mapping(said: string): boolean {
    const [, address = '', bar = '', size = ''] = MAPPING.exec(said) ?? [];
    const sbdf = parseSbdf(address);
    if (sbdf === undefined) return false;
    const sizes = this.barSizes.get(sbdf) ?? new Map<number, number>();
    sizes.set(Number(bar), Number.parseInt(size, 16));
    this.barSizes.set(sbdf, sizes);
    return true;
  }
}

/** QEMU's log of the trace events `pci_cfg_read`, `pci_cfg_write` and `pci_update_mappings_*`; others are counted. */
export const importQemuLog = (text: string): Parsed<QemuLog> => {
  const reader = new Reader();
  const strange: Problem[] = [];
  let seen = 0;
  for (const [index, content] of linesOf(text).entries()) {
    const event = EVENT.exec(content);
    if (event === null) {
      if (content.trim() !== '') strange.push(problemAt(index + 1, 'expected "pid@seconds.micros:event …"'));
      continue;
    }
    seen += 1;
    const [, seconds = '', micros = '', name = '', said = ''] = event;
    reader.take(index + 1, (BigInt(seconds) * 1_000_000n + BigInt(micros)) * 1000n, name, said);
  }
  const { accesses, barSizes, others } = reader;
  const cut = cutOff(text);
  if (cut !== undefined) return { ok: false, problems: [cut] };
  if (accesses.length === 0) {
    const message = `no pci_cfg_read and no pci_cfg_write in ${seen} events; run QEMU with -trace 'pci_cfg_*'`;
    return { ok: false, problems: [problemAt(undefined, message)] };
  }
  return { ok: true, value: { accesses, barSizes, others, broken: [...reader.broken, ...strange] } };
};
