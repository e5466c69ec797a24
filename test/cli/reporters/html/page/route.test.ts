// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { firstAddress, lastAddress, sizeText } from '../../../../../cli/reporters/html/page/address.ts';
import { formatRoute, parseRoute } from '../../../../../cli/reporters/html/page/route.ts';

test.each([
  { name: 'sriov/vf-before-pf', release: undefined, event: undefined },
  { name: 'sriov/vf-before-pf', release: 'xen-4.20', event: 4 },
  { name: 'a b/c%#?d', release: 'a/b', event: 'end' as const },
])('an address leads back to where it was made: $name $release $event', (route) => {
  expect(parseRoute(formatRoute(route))).toEqual(route);
});

test.each(['', '#', '#case/', '#case/a', '#case/%/b', '#case/a/b/event/x'])(
  'any other address is the list: %s',
  (hash) => {
    expect(parseRoute(hash).name).toBeUndefined();
  },
);

test('addresses are exact up to the last frame, and sizes say where they are rounded', () => {
  expect([firstAddress(0), lastAddress(0)]).toEqual(['0x00000000', '0x00000fff']);
  expect(lastAddress(2 ** 52 - 1)).toBe('0xffffffffffffffff');
  expect([1, 4, 2 ** 18, 257].map(sizeText)).toEqual(['4 KiB', '16 KiB', '1 GiB', '≈ 1.0 MiB']);
});
