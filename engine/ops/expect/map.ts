// SPDX-License-Identifier: GPL-2.0-only
import { operation } from '../operation.ts';
import { MAPPED_RANGE } from './fields.ts';

export const expectMap = operation({
  name: 'expect.map',
  summary: 'recorded: vPCI mapped a range in a p2m at this place of the record; changes nothing, conform compares it',
  source: 'xen/drivers/vpci/header.c: map_range',
  fields: MAPPED_RANGE,
  run: () => undefined,
});
