// SPDX-License-Identifier: GPL-2.0-only
import type { BarJson, DeviceJson, MsiJson, MsixJson, VpciJson } from '../state/result.ts';
import { type Fact, FRAME_DIGITS, furtherFacts, padHex } from './fact.ts';

const DWORD_DIGITS = 8;
const WORD_DIGITS = 4;
const QWORD_DIGITS = 16;
const ZERO = /^0x0+$/;

const isZero = (text: string): boolean => ZERO.test(text);

/** Only a guest's view of the command register is its own. */
const isGuest = (owner: string | undefined): boolean => owner !== undefined && /^d[1-9]/.test(owner);

const yesNo = (value: boolean): string => (value ? 'yes' : 'no');

const FLAGS = [
  ['readOnly', 'read-only'],
  ['broken', 'broken'],
  ['goesWithLastVf', 'removed'],
  ['quarantine', 'quarantine'],
  ['ignoreBars', 'ignore-bars'],
  ['virtfn', 'virtfn'],
  ['extfn', 'extfn'],
] as const;

const flagsOf = (device: DeviceJson): string => {
  const set = FLAGS.filter(([member]) => device[member] === true).map(([, name]) => name);
  return set.length === 0 ? 'none' : set.join(' ');
};

/** Digits of a BAR's address and size: the register's width, so that columns line up within a kind of BAR. */
const barDigits = (bar: BarJson): number => (bar.type.startsWith('mem64') ? QWORD_DIGITS : DWORD_DIGITS);

const KNOWN_BAR = new Set([
  'type',
  'address',
  'guestAddress',
  'size',
  'prefetchable',
  'enabled',
  'resizable',
  'pending',
]);

/** A BAR that is not there, or the upper half of a 64-bit one, has nothing to say unless something is odd about it. */
const saysNothing = (bar: BarJson): boolean =>
  (bar.type === 'empty' || bar.type === 'mem64hi') &&
  isZero(bar.address) &&
  isZero(bar.guestAddress) &&
  isZero(bar.size) &&
  !bar.enabled &&
  bar.pending === undefined;

const addBar = (facts: Fact[], key: string, bar: BarJson): void => {
  if (saysNothing(bar)) return;
  const digits = barDigits(bar);
  const words = [padHex(bar.address, digits), 'size', padHex(bar.size, digits)];
  if (bar.type !== 'rom') words.unshift(bar.type);
  if (bar.guestAddress !== bar.address) words.push('guest', padHex(bar.guestAddress, digits));
  if (bar.prefetchable) words.push('prefetchable');
  if (bar.resizable !== undefined) words.push('resizable', bar.resizable);
  words.push(bar.enabled ? 'enabled' : 'disabled');
  facts.push({ key, value: words.join(' ') });
  for (const [first, last] of bar.pending ?? [])
    facts.push({ key: `${key} pending`, value: `gfn ${padHex(first, FRAME_DIGITS)}-${padHex(last, FRAME_DIGITS)}` });
  facts.push(...furtherFacts(key, bar, KNOWN_BAR));
};

const KNOWN_MSI = new Set(['enabled', 'vectors', 'address', 'data', 'mask', 'address64', 'maskable']);

const msiFacts = (key: string, msi: MsiJson): readonly Fact[] => [
  { key, value: msi.enabled ? 'enabled' : 'disabled' },
  {
    key: `${key} kind`,
    value: `${msi.address64 ? '64-bit' : '32-bit'} address, ${msi.maskable ? 'maskable' : 'not maskable'}`,
  },
  { key: `${key} vectors`, value: String(msi.vectors) },
  {
    key: `${key} message`,
    value: `address ${padHex(msi.address, QWORD_DIGITS)} data ${padHex(msi.data, DWORD_DIGITS)}`,
  },
  { key: `${key} mask`, value: padHex(msi.mask, DWORD_DIGITS) },
  ...furtherFacts(key, msi, KNOWN_MSI),
];

const KNOWN_MSIX = new Set(['enabled', 'masked', 'entries', 'table', 'pba', 'changed']);

const msixFacts = (key: string, msix: MsixJson): readonly Fact[] => [
  { key, value: `${msix.enabled ? 'enabled' : 'disabled'}, ${msix.masked ? 'masked' : 'not masked'}` },
  { key: `${key} entries`, value: String(msix.entries) },
  { key: `${key} table`, value: padHex(msix.table, DWORD_DIGITS) },
  { key: `${key} pba`, value: padHex(msix.pba, DWORD_DIGITS) },
  ...msix.changed.map((entry) => ({
    key: `${key} entry ${entry.n}`,
    value: [
      `address ${padHex(entry.address, QWORD_DIGITS)} data ${padHex(entry.data, DWORD_DIGITS)}`,
      entry.masked ? 'masked' : 'not masked',
      ...(entry.updated ? ['updated'] : []),
      entry.bound ? 'bound' : 'not bound',
    ].join(' '),
  })),
  ...furtherFacts(key, msix, KNOWN_MSIX),
];

const KNOWN_VPCI = new Set(['guestSbdf', 'bars', 'romEnabled', 'barsMapped', 'guestCommand', 'msi', 'msix', 'rebar']);

/**
 * What only newer releases keep is left out while it says nothing: a new golden file is to show a new behaviour, not
 * a new member of a structure.
 */
const addVpci = (facts: Fact[], key: string, vpci: VpciJson, owner: string | undefined): void => {
  facts.push({ key: `${key} vpci`, value: 'yes' });
  if (vpci.guestSbdf) facts.push({ key: `${key} guest sbdf`, value: vpci.guestSbdf });
  if (vpci.guestCommand !== undefined && isGuest(owner))
    facts.push({ key: `${key} guest command`, value: padHex(vpci.guestCommand, WORD_DIGITS) });
  facts.push({ key: `${key} bars mapped`, value: yesNo(vpci.barsMapped) });
  vpci.bars.forEach((bar, index) => {
    addBar(facts, `${key} ${bar.type === 'rom' ? 'rom' : `bar ${index}`}`, bar);
  });
  if (vpci.romEnabled || vpci.bars.some(({ type }) => type === 'rom'))
    facts.push({ key: `${key} rom enable bit`, value: vpci.romEnabled ? 'set' : 'clear' });
  if (vpci.msi !== undefined) facts.push(...msiFacts(`${key} msi`, vpci.msi));
  if (vpci.msix !== undefined) facts.push(...msixFacts(`${key} msix`, vpci.msix));
  if (vpci.rebar !== undefined)
    facts.push({ key: `${key} rebar`, value: `at ${padHex(vpci.rebar.offset, 3)} bars ${vpci.rebar.bars}` });
  facts.push(...furtherFacts(`${key} vpci`, vpci, KNOWN_VPCI));
};

const KNOWN_HARDWARE = new Set(['command', 'bars', 'rom']);

const addHardware = (facts: Fact[], key: string, hardware: NonNullable<DeviceJson['hardware']>): void => {
  facts.push({ key: `${key} command`, value: padHex(hardware.command, WORD_DIGITS) });
  hardware.bars.forEach((bar, index) => {
    if (!isZero(bar)) facts.push({ key: `${key} bar ${index}`, value: padHex(bar, DWORD_DIGITS) });
  });
  if (!isZero(hardware.rom)) facts.push({ key: `${key} rom`, value: padHex(hardware.rom, DWORD_DIGITS) });
  facts.push(...furtherFacts(key, hardware, KNOWN_HARDWARE));
};

const KNOWN_DEVICE = new Set([
  ...['known', 'owner', 'extendedConfig', 'phantomStride', 'pf', 'vfs', 'vfBarSizes', 'msiMaxVectors', 'msixEntries'],
  ...['vpci', 'hardware', ...FLAGS.map(([member]) => member)],
]);

const addRecord = (facts: Fact[], key: string, device: DeviceJson): void => {
  const add = (field: string, value: string): void => {
    facts.push({ key: `${key} ${field}`, value });
  };
  add('owner', device.owner ?? 'none');
  add('flags', flagsOf(device));
  if (device.extendedConfig === false) add('extended config', 'out of reach');
  if (device.phantomStride) add('phantom stride', String(device.phantomStride));
  if (device.pf !== undefined) add('pf', device.pf);
  if (device.vfs !== undefined && device.vfs.length > 0) add('vfs', device.vfs.join(' '));
  if (device.vfBarSizes?.some((size) => !isZero(size)))
    add('vf bar sizes', device.vfBarSizes.map((size) => padHex(size, DWORD_DIGITS)).join(' '));
  if (device.msiMaxVectors) add('msi vectors at most', String(device.msiMaxVectors));
  if (device.msixEntries) add('msix entries at most', String(device.msixEntries));
  if (device.vpci === null) add('vpci', 'none');
};

/** What to say of a place that Xen knows no device at: nothing if there is none either. */
const addUnknown = (facts: Fact[], key: string, { hardware, readOnly }: DeviceJson): void => {
  if (hardware !== undefined || readOnly)
    facts.push({ key: `${key} owner`, value: `not known to Xen${readOnly ? ', read-only' : ''}` });
};

/** Everything that a golden file says about one device; `prefix` is in front of each key. */
export const deviceFacts = (prefix: string, sbdf: string, device: DeviceJson): readonly Fact[] => {
  const facts: Fact[] = [];
  const key = `${prefix} device ${sbdf}`;
  if (device.known) addRecord(facts, key, device);
  else addUnknown(facts, key, device);
  if (device.vpci) addVpci(facts, key, device.vpci, device.owner);
  if (device.hardware !== undefined) addHardware(facts, `${key} hardware`, device.hardware);
  facts.push(...furtherFacts(key, device, KNOWN_DEVICE));
  return facts;
};
