// SPDX-License-Identifier: GPL-2.0-only
import type { Timeline } from '../../../../engine/timeline/timeline.ts';

/** So many colours there are; further devices take them again, and are told apart by their labels. */
const COLOURS = 7;

/** The class that gives a device its colour, in all pictures of a case. */
export type ColourOf = (device: string | undefined) => string;

export const coloursOf = (timeline: Timeline): ColourOf => {
  const devices = [...new Set(timeline.places.flatMap(({ device }) => device ?? []))].sort();
  const classes = new Map(devices.map((device, index) => [device, `device-${index % COLOURS}`]));
  return (device) => (device === undefined ? 'device-none' : (classes.get(device) ?? 'device-none'));
};
