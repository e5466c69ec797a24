// SPDX-License-Identifier: GPL-2.0-only
import { parseSbdf, type Sbdf } from '../num/sbdf.ts';
import type { Parsed, Problem } from '../trace/problem.ts';
import { linesOf, problemAt } from './problems.ts';

/** What a line of Xen's console says. Addresses are bytes and inclusive, frames are 4 KiB, results are as printed. */
export type ConsoleFact = { readonly line: number } & (
  | { readonly kind: 'version'; readonly release: string; readonly debug: boolean | undefined }
  | { readonly kind: 'command-line'; readonly text: string }
  /** A row of the host's memory map (`of` host) or of the one that dom0 gets. */
  | {
      readonly kind: 'memory';
      readonly of: 'host' | 'dom0';
      readonly first: bigint;
      readonly last: bigint;
      readonly type: string;
    }
  | {
      readonly kind: 'ecam';
      readonly base: bigint;
      readonly segment: number;
      readonly firstBus: number;
      readonly lastBus: number;
    }
  /** Pages that Xen keeps from dom0. */
  | { readonly kind: 'local-apic' | 'io-apic' | 'iommu' | 'hpet'; readonly address: bigint }
  /** What the time stamp counter counts in a microsecond. */
  | { readonly kind: 'tsc'; readonly megahertz: number }
  /** dom0's Linux speaks on this console too. */
  | { readonly kind: 'dom0-log' }
  /** It says that Xen refused to add or remove a device. */
  | { readonly kind: 'dom0-refused'; readonly sbdf: Sbdf; readonly what: 'add' | 'remove' }
  | { readonly kind: 'add'; readonly sbdf: Sbdf; readonly as: 'device' | 'virtual function' | 'extended function' }
  | { readonly kind: 'remove' | 'pf-with-vfs'; readonly sbdf: Sbdf }
  | { readonly kind: 'iommu-map' | 'iommu-unmap'; readonly domain: string; readonly sbdf: Sbdf }
  | { readonly kind: 'vpci-failed'; readonly result: number }
  | { readonly kind: 'device-bug'; readonly sbdf: Sbdf; readonly text: string }
  /** A BAR (undefined: the ROM) that was written while mapped. */
  | { readonly kind: 'bar-write-ignored'; readonly sbdf: Sbdf; readonly bar: number | undefined }
  | { readonly kind: 'mmio-denied'; readonly domain: string; readonly firstMfn: bigint; readonly lastMfn: bigint }
  /** What a p2m holds where an MSI-X table came to be; `type` is Xen's number, 0 is memory. */
  | {
      readonly kind: 'msix-hole';
      readonly sbdf: Sbdf;
      readonly gfn: number;
      readonly mfn: number;
      readonly type: number;
    }
  | { readonly kind: 'msix-access-refused'; readonly sbdf: Sbdf; readonly text: string }
  /** Debug key Q: who owns a device; `NULL` nobody, `d[XEN]` Xen. */
  | { readonly kind: 'owner'; readonly sbdf: Sbdf; readonly owner: string }
  /** Debug key q: the frames that a domain may map. */
  | {
      readonly kind: 'iomem-rights';
      readonly domain: string;
      readonly ranges: readonly { readonly firstMfn: bigint; readonly lastMfn: bigint }[];
    }
  /** Anything else about a device, or that Xen calls a warning or an error. */
  | { readonly kind: 'other'; readonly text: string }
);

type Distribute<T> = T extends unknown ? Omit<T, 'line'> : never;
type Fact = Distribute<ConsoleFact>;
type SaidByDom0 = Extract<Fact, { kind: 'dom0-log' | 'dom0-refused' }>;

/** What earlier lines say about the ones that follow. */
interface Context {
  map: 'host' | 'dom0' | undefined;
  domain: string;
}

interface Rule {
  readonly pattern: RegExp;
  /** undefined: the line only looked like it. */
  read(groups: readonly string[], context: Context): Fact | undefined;
}

const number = (text: string | undefined): bigint => BigInt(`0x${text ?? '0'}`);

/** A fact about one device, unless the text is no SBDF. */
const about = (text: string | undefined, make: (sbdf: Sbdf) => Fact): Fact | undefined => {
  const sbdf = parseSbdf(text ?? '');
  return sbdf === undefined ? undefined : make(sbdf);
};

const PAGE = '0*([0-9a-f]{1,16})';
const SBDF = '([0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\\.[0-7])';
const ADDED_AS = ['device', 'virtual function', 'extended function'] as const;

const readRanges = (text: string): { firstMfn: bigint; lastMfn: bigint }[] =>
  text
    .split(',')
    .map((part) => /^\s*([0-9a-f]+)(?:-([0-9a-f]+))?\s*$/i.exec(part))
    .filter((match) => match !== null)
    .map(([, first, last]) => ({ firstMfn: number(first), lastMfn: number(last ?? first) }));

/** First match wins. */
const RULES: readonly Rule[] = [
  {
    pattern: /^Xen version (\S+)(?:.*\bdebug=([yn]))?/,
    read: ([, release = '', debug]) => ({
      kind: 'version',
      release,
      debug: debug === undefined ? undefined : debug === 'y',
    }),
  },
  { pattern: /^Command line: (.*)$/, read: ([, text = '']) => ({ kind: 'command-line', text: text.trim() }) },
  {
    pattern: new RegExp(`^ \\[${PAGE}, ${PAGE}\\] \\(([^)]*)\\)`, 'i'),
    read: ([, first, last, type = ''], { map }) =>
      map === undefined ? undefined : { kind: 'memory', of: map, first: number(first), last: number(last), type },
  },
  {
    pattern: /^PCI: MCFG configuration \d+: base ([0-9a-f]+) segment ([0-9a-f]+) buses ([0-9a-f]+) - ([0-9a-f]+)/i,
    read: ([, base, segment, firstBus, lastBus]) => ({
      kind: 'ecam',
      base: number(base),
      segment: Number(number(segment)),
      firstBus: Number(number(firstBus)),
      lastBus: Number(number(lastBus)),
    }),
  },
  {
    pattern: /^ACPI: Local APIC address 0x([0-9a-f]+)/i,
    read: ([, address]) => ({ kind: 'local-apic', address: number(address) }),
  },
  {
    pattern: /^IOAPIC\[\d+\]: .*\baddress 0x([0-9a-f]+)/i,
    read: ([, address]) => ({ kind: 'io-apic', address: number(address) }),
  },
  {
    pattern: /^ACPI: HPET id: 0x[0-9a-f]+ base: 0x([0-9a-f]+)/i,
    read: ([, address]) => ({ kind: 'hpet', address: number(address) }),
  },
  {
    pattern: /^Detected (\d+\.\d+) MHz processor/,
    read: ([, megahertz]) => ({ kind: 'tsc', megahertz: Number(megahertz) }),
  },
  {
    pattern: /^\[VT-D\]drhd->address = ([0-9a-f]+)/i,
    read: ([, address]) => ({ kind: 'iommu', address: number(address) }),
  },
  {
    pattern: new RegExp(`^PCI add (device|virtual function|extended function) ${SBDF}`, 'i'),
    read: ([, as, sbdf]) =>
      about(sbdf, (at) => ({ kind: 'add', sbdf: at, as: ADDED_AS.find((a) => a === as) ?? 'device' })),
  },
  {
    pattern: new RegExp(`^PCI remove device ${SBDF}`, 'i'),
    read: ([, sbdf]) => about(sbdf, (at) => ({ kind: 'remove', sbdf: at })),
  },
  {
    pattern: new RegExp(`^Attempted to remove PCI SR-IOV PF ${SBDF} with VFs still present`, 'i'),
    read: ([, sbdf]) => about(sbdf, (at) => ({ kind: 'pf-with-vfs', sbdf: at })),
  },
  {
    pattern: new RegExp(`^\\[VT-D\\](d\\d+|d\\[\\w+\\]):PCIe?: (map|unmap) ${SBDF}`, 'i'),
    read: ([, domain = '', what, sbdf]) =>
      about(sbdf, (at) => ({ kind: what === 'map' ? 'iommu-map' : 'iommu-unmap', domain, sbdf: at })),
  },
  {
    pattern: /^[Ss]etup of vPCI (?:for d\d+ )?failed: (-?\d+)/,
    read: ([, result]) => ({ kind: 'vpci-failed', result: Number(result) }),
  },
  {
    pattern: new RegExp(`^DEVICE BUG: ${SBDF}: (.*)$`, 'i'),
    read: ([, sbdf, text = '']) => about(sbdf, (at) => ({ kind: 'device-bug', sbdf: at, text })),
  },
  {
    pattern: new RegExp(`${SBDF}: ignored (?:guest )?(?:BAR (\\d)|ROM BAR) write while mapped`, 'i'),
    read: ([, sbdf, bar]) =>
      about(sbdf, (at) => ({ kind: 'bar-write-ignored', sbdf: at, bar: bar === undefined ? undefined : Number(bar) })),
  },
  {
    pattern: /^(d\d+)(?: XSM)? denied access to MMIO range \[0x([0-9a-f]+), 0x([0-9a-f]+)\]/i,
    read: ([, domain = '', first, last]) => ({
      kind: 'mmio-denied',
      domain,
      firstMfn: number(first),
      lastMfn: number(last),
    }),
  },
  {
    pattern: new RegExp(`${SBDF}: (unaligned .*MSI-X.*)$`, 'i'),
    read: ([, sbdf, text = '']) => about(sbdf, (at) => ({ kind: 'msix-access-refused', sbdf: at, text })),
  },
  {
    pattern: new RegExp(
      `${SBDF}: existing mapping \\(mfn: ([0-9a-f]+) ?type: (\\d+)\\) at (?:0x)?([0-9a-f]+) clobbers`,
      'i',
    ),
    read: ([, sbdf, mfn, type, gfn]) =>
      about(sbdf, (at) => ({
        ...{ kind: 'msix-hole', sbdf: at, type: Number(type) },
        ...{ gfn: Number(number(gfn)), mfn: Number(number(mfn)) },
      })),
  },
  {
    pattern: new RegExp(`^${SBDF} - (NULL|d\\d+|d\\[\\w+\\]) - node `, 'i'),
    read: ([, sbdf, owner = '']) => about(sbdf, (at) => ({ kind: 'owner', sbdf: at, owner })),
  },
  {
    pattern: /^ +I\/O Memory +\{(.*)\}/,
    read: ([, ranges = ''], { domain }) => ({ kind: 'iomem-rights', domain, ranges: readRanges(ranges) }),
  },
  {
    pattern: new RegExp(`^(.*${SBDF}.*|.*\\b(?:warning|error|failed)\\b.*)$`, 'i'),
    read: ([text = '']) => ({ kind: 'other', text }),
  },
];

/** `(XEN) `, maybe behind other text on a serial line, maybe with a time stamp after it. */
const PREFIX = /^.*?\(XEN\) ?(?:\[(?=[^\]]*\d[.:]\d)[^\]]*\] )?/;

/** What Linux says on the same line of a console (drivers/xen/pci.c: xen_pci_notifier). */
const REFUSED = /(?<!\S)(\S+): Failed to (add|delete) - passthrough or MSI\/MSI-X might fail!/;

/** What a line of dom0's own log says that Xen's console says where dom0 speaks on it. */
export const saidByDom0 = (content: string): SaidByDom0 | undefined => {
  if (content.includes('] Linux version ')) return { kind: 'dom0-log' };
  const [, address, what] = REFUSED.exec(content) ?? [];
  const sbdf = parseSbdf(address ?? '');
  return sbdf === undefined ? undefined : { kind: 'dom0-refused', sbdf, what: what === 'add' ? 'add' : 'remove' };
};

/** Follows the headings that decide what the next lines are about. */
const follow = (text: string, context: Context): void => {
  if (/^(?:Xen-e820 RAM|EFI RAM) map:/.test(text)) context.map = 'host';
  else if (/^Dom0 memory map:/i.test(text)) context.map = 'dom0';
  else if (!text.startsWith(' [')) context.map = undefined;
  const domain = /^(?:General information for|Rangesets belonging to) domain (\d+)/.exec(text)?.[1];
  if (domain !== undefined) context.domain = `d${domain}`;
};

/** Facts beyond this number are not kept: a console that says more is no boot log. */
export const MAX_CONSOLE_FACTS = 1_000_000;

/**
 * What a Xen console (`xl dmesg`, or a serial line that also carries dom0's messages) says about PCI: in order, with
 * line numbers. Lines without `(XEN)` and lines that say nothing of interest are left out. A text without a single
 * Xen line is refused.
 */
export const importConsole = (text: string): Parsed<readonly ConsoleFact[]> => {
  const facts: ConsoleFact[] = [];
  const problems: Problem[] = [];
  const context: Context = { map: undefined, domain: 'd0' };
  let xenLines = 0;
  for (const [index, content] of linesOf(text).entries()) {
    const prefix = PREFIX.exec(content);
    const byDom0 = prefix === null ? saidByDom0(content) : undefined;
    if (byDom0 !== undefined) facts.push({ line: index + 1, ...byDom0 });
    if (prefix === null) continue;
    xenLines += 1;
    const said = content.slice(prefix[0].length);
    follow(said, context);
    for (const rule of RULES) {
      const match = rule.pattern.exec(said);
      const fact = match === null ? undefined : rule.read(match, context);
      if (fact === undefined) continue;
      if (facts.length < MAX_CONSOLE_FACTS) facts.push({ line: index + 1, ...fact });
      else if (problems.length === 0) problems.push(problemAt(index + 1, `more than ${MAX_CONSOLE_FACTS} facts`));
      break;
    }
  }
  if (xenLines === 0) problems.push(problemAt(undefined, 'no line with (XEN): expected the output of xl dmesg'));
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: facts };
};
