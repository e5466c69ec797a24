// SPDX-License-Identifier: GPL-2.0-only
import { GNTMAP } from '../../guest/grants/constants.ts';
import { field } from '../../trace/field.ts';

/** Part of a scatter-gather list: `offset` bytes into frame `pfn`. */
export interface Segment {
  readonly pfn: number;
  readonly offset: number;
  readonly sizeBytes: number;
}

const size = field.unsigned('size', Number.MAX_SAFE_INTEGER);

const parseSegment = (text: string): Segment | undefined => {
  const parts = text.split(':');
  const [pfnText = '', offsetText = '', sizeText = ''] = parts;
  const pfn = field.frame.parse(pfnText);
  const offset = size.parse(offsetText);
  const sizeBytes = size.parse(sizeText);
  if (parts.length !== 3 || pfn === undefined || offset === undefined || sizeBytes === undefined) return undefined;
  return { pfn, offset, sizeBytes };
};

const parseSegments = (text: string): readonly Segment[] | undefined => {
  const parsed = text.split(';').map(parseSegment);
  const whole = parsed.filter((segment) => segment !== undefined);
  return whole.length === parsed.length ? whole : undefined;
};

const formatSegments = (segments: readonly Segment[]): string =>
  segments
    .map(({ pfn, offset, sizeBytes }) =>
      [field.frame.format(pfn), size.format(offset), size.format(sizeBytes)].join(':'),
    )
    .join(';');

const segments = field.written(
  'segments',
  'pfn:offset:length for each entry, joined by ;',
  parseSegments,
  formatSegments,
);

/** Kinds of field that only grants operations have. */
export const grantField = {
  /** A device under `pci:` or `platform:` of the machine's device tree. */
  device: field.text,
  /** Bytes. */
  size,
  segments,
  direction: field.oneOf('bidir', 'to_device', 'from_device', 'none'),
  attributes: field.optional(field.oneOf('mmio')),
  mapFlags: field.flags({
    device_map: GNTMAP.deviceMap,
    host_map: GNTMAP.hostMap,
    readonly: GNTMAP.readonly,
    application_map: GNTMAP.applicationMap,
    contains_pte: GNTMAP.containsPte,
    can_fail: GNTMAP.canFail,
  }),
};
