// SPDX-License-Identifier: GPL-2.0-only
import { formatFact } from '../../engine/golden/fact.ts';
import { stateFacts } from '../../engine/golden/state-facts.ts';
import type { BarJson, DeviceJson, P2mRangeJson, StateJson, VpciJson } from '../../engine/state/result.ts';

/** The state beside the events, in lines short enough for half of a small terminal. */

/** Which domain's p2m and which device are shown. */
export interface Focus {
  readonly domain: string;
  /** undefined: none is shown. */
  readonly device: string | undefined;
}

const bare = (hex: string): string => hex.replace(/^0x/, '');

const UNITS = ['', 'K', 'M', 'G', 'T', 'P'];

/** `16K`: sizes of BARs are powers of two. */
const sizeText = (hex: string): string => {
  let size = BigInt(hex);
  let unit = 0;
  for (; size >= 1024n && size % 1024n === 0n && unit < UNITS.length - 1; unit++) size /= 1024n;
  return `${size}${UNITS[unit]}`;
};

const runText = ({ gfn, lastGfn, mfn, type }: P2mRangeJson): string =>
  `  ${bare(gfn)}-${bare(lastGfn)}${mfn === gfn ? '' : ` at ${bare(mfn)}`} ${type}`;

const barText = (name: string, bar: BarJson): string => {
  const words = [bar.type === 'rom' ? '' : `${bar.type} `, `${bare(bar.address)} ${sizeText(bar.size)}`];
  const guest = bar.guestAddress === bar.address ? '' : ` guest ${bare(bar.guestAddress)}`;
  return `  ${name} ${words.join('')}${guest} ${bar.enabled ? 'on' : 'off'}${bar.pending === undefined ? '' : ' pending'}`;
};

const vpciLines = ({ bars, barsMapped, msi, msix }: VpciJson): readonly string[] => [
  `  BARs ${barsMapped ? 'mapped' : 'not mapped'}`,
  ...bars.flatMap((bar, index) =>
    bar.type === 'empty' || bar.type === 'mem64hi' || bar.size === '0x0'
      ? []
      : [barText(bar.type === 'rom' ? 'rom' : `${index}`, bar)],
  ),
  ...(msi === undefined ? [] : [`  msi ${msi.enabled ? 'on' : 'off'}, vectors ${msi.vectors}`]),
  ...(msix === undefined
    ? []
    : [`  msix ${msix.enabled ? 'on' : 'off'}${msix.masked ? ' masked' : ''}, entries ${msix.entries}`]),
];

const FLAGS = ['readOnly', 'broken', 'quarantine', 'ignoreBars', 'virtfn', 'extfn'] as const;

const deviceLines = (name: string, device: DeviceJson | undefined): readonly string[] => {
  const { hardware } = device ?? {};
  const flags = FLAGS.filter((flag) => device?.[flag] === true).join(' ');
  return [
    `${name} ${device?.known === true ? `owner ${device.owner}` : 'not known to Xen'}`,
    ...(flags === '' ? [] : [`  ${flags}`]),
    ...(hardware === undefined ? ['  no hardware there'] : [`  command ${bare(hardware.command)}`]),
    ...(device?.pf === undefined ? [] : [`  pf ${device.pf}`]),
    ...(device?.vfs ?? []).map((vf) => `  vf ${vf}`),
    ...(device?.vpci ? vpciLines(device.vpci) : device?.known === true ? ['  no vPCI'] : []),
  ];
};

/** What the state has besides domains and devices: host bridges of Arm, grants. */
const furtherLines = (state: StateJson): readonly string[] =>
  stateFacts('', { ...state, domains: {}, devices: {} }).map((fact) => formatFact(fact).trim());

const NOTHING_KNOWN = ['nothing is known here'];

/** undefined: nothing is known of the state. */
export const panelLines = (state: StateJson | undefined, { domain, device }: Focus): readonly string[] => {
  if (state === undefined) return NOTHING_KNOWN;
  const runs = state.domains[domain]?.p2m ?? [];
  return [
    ...(device === undefined ? [] : deviceLines(device, state.devices[device])),
    `p2m ${domain}${state.domains[domain]?.crashed === true ? ', crashed' : ''}${runs.length === 0 ? ' empty' : ''}`,
    ...runs.map(runText),
    ...furtherLines(state),
  ];
};
