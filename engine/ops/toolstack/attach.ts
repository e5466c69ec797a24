// SPDX-License-Identifier: GPL-2.0-only
import { framesOf, placeBars, type Refusal } from '../../guest/passthrough/place-bars.ts';
import type { VirtualBar } from '../../guest/passthrough/world.ts';
import { writeNodes } from '../../guest/passthrough/xenstore.ts';
import type { Sbdf } from '../../num/sbdf.ts';
import { hex } from '../../num/u64.ts';
import type { Answer } from '../../state/result.ts';
import { type ArgsOf, field } from '../../trace/field.ts';
import { domainNamed } from '../../xen/domains.ts';
import type { Domain } from '../../xen/state.ts';
import { applyRule, leaveDefinedBehaviour } from '../../xen/trail.ts';
import { domctlIomemPermission } from '../domctl/iomem-permission.ts';
import { changeMapping } from '../domctl/memory-mapping.ts';
import { memoryOf } from '../draft/guest-memory.ts';
import { sysfsBars } from '../draft/sysfs-bars.ts';
import { type DraftWorld, draftWorld, hasDraftBars } from '../draft/world.ts';
import { operation } from '../operation.ts';

type Addresses = ReadonlyMap<number, bigint>;

const bar = field.unsigned('bar', 5);

const parseAddresses = (text: string): Addresses | undefined => {
  const wanted = new Map<number, bigint>();
  for (const part of text.split(';')) {
    const [index = '', address = '', ...rest] = part.split('=');
    const [number, at] = [bar.parse(index), field.u64.parse(address)];
    if (number === undefined || at === undefined || rest.length > 0) return undefined;
    wanted.set(number, at);
  }
  return wanted;
};

/** `0=0x23000000;2=0x24000000` */
const addresses = field.written(
  'addresses',
  'bar=address for each BAR that has to be somewhere, joined by ;',
  parseAddresses,
  (value) => [...value].map(([index, at]) => `${index}=${hex(at)}`).join(';'),
);

const fields = {
  domid: field.domain,
  sbdf: field.sbdf,
  gsbdf: field.sbdf,
  area: field.optional(field.oneOf('low', 'high')),
  at: field.optional(addresses),
} as const;

const place = (
  { arm, passthrough, world }: DraftWorld,
  domain: Domain,
  { sbdf, area, at }: ArgsOf<typeof fields>,
): readonly VirtualBar[] | Refusal => {
  const bars = sysfsBars(world.hw, sbdf);
  const { guestBars, virtualBars } = arm.behaviours;
  if (virtualBars === 'xen-answers') return bars.map((one) => ({ ...one, virtual: undefined }));
  return placeBars(passthrough, {
    ...{ domain: domain.name, bars, memory: memoryOf(domain), area, wanted: at ?? new Map() },
    isOneToOne: virtualBars === 'one-to-one',
    checksMemory: guestBars === 'toolstack' || virtualBars === 'in-areas',
  });
};

/** Rights to the physical BARs and, where it is for the toolstack to do, their mappings: what the hypercalls answered. */
const giveBars = ({ world, arm }: DraftWorld, domid: string, bars: readonly VirtualBar[]): readonly object[] =>
  bars.map(({ index, virtual, physical, sizeBytes }) => {
    const { first, last } = framesOf(physical, sizeBytes);
    const frames = { domid, mfn: first, nr: last - first + 1 };
    const caller = { dom: world.hwdom.name, vcpu: undefined };
    const permission = domctlIomemPermission.run(world, { ...caller, ...frames, allow: 1 })?.ret;
    const shown = virtual === undefined ? null : hex(virtual);
    if (arm.behaviours.guestBars !== 'toolstack' || virtual === undefined)
      return { bar: index, virtual: shown, permission };
    const request = { ...frames, gfn: framesOf(virtual, sizeBytes).first, add: 1 };
    const mapping = changeMapping(world, request, 'as-needed');
    return { bar: index, virtual: shown, permission, mapping };
  });

const refuse = ({ world }: DraftWorld, { rule, bar: index }: Refusal, domid: string, sbdf: Sbdf): Answer => {
  if (rule.startsWith('undefined.')) leaveDefinedBehaviour(world, rule, { sbdf, bar: index, domain: domid });
  return { refused: rule, bar: index };
};

/**
 * Answers `bars`, with what the hypercalls answered, or `refused`, a rule, and the BAR that it refused; then nothing was
 * done.
 */
export const toolstackAttach = operation({
  name: 'toolstack.attach',
  summary: 'proposal: the toolstack lays out the BARs of a device in a guest, gives rights, maps, tells xenstore',
  source: 'PCI passthrough on Arm, draft 1, replies of 17 to 26 June',
  fields,
  run: (model, args) => {
    const draft = draftWorld(model);
    const { domid, sbdf, gsbdf } = args;
    const domain = domainNamed(model, domid);
    if (!hasDraftBars(draft)) {
      applyRule(model, 'toolstack.not-its-business', { domain: domid, sbdf });
      return { refused: 'toolstack.not-its-business' };
    }
    const placed = place(draft, domain, args);
    if ('rule' in placed) return refuse(draft, placed, domid, sbdf);
    const { guestBars, virtualBars } = draft.arm.behaviours;
    const device = { domain: domid, host: sbdf, guest: gsbdf, bars: placed };
    const bars = giveBars(draft, domid, placed);
    draft.passthrough.passed.push(device);
    writeNodes(draft.passthrough, device, guestBars === 'toolstack' || virtualBars === 'in-areas');
    return { bars };
  },
});
