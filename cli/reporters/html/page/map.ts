// SPDX-License-Identifier: GPL-2.0-only
import type { Frames } from '../../../../engine/timeline/frames.ts';
import type { Place } from '../../../../engine/timeline/places.ts';
import { firstAddress, lastAddress, shortDevice, sizeText } from './address.ts';
import { type Axis, columnsOf, type Stretch } from './axis.ts';
import type { ColourOf } from './colours.ts';
import { s } from './dom.ts';
import type { Frame } from './film.ts';
import type { MismatchPlace } from './mismatches.ts';

/** Geometry in pixels. */
const AXIS_WIDTH = 122;
const MEMORY_MAP_WIDTH = 10;
const P2M_WIDTH = 156;
const BARS_WIDTH = 176;
const LANE_GAP = 18;
const LANE_WIDTH = P2M_WIDTH + BARS_WIDTH + 6;
const HEAD_HEIGHT = 44;
const FOOT_HEIGHT = 14;
const CHARACTER_WIDTH = 6.3;
const TEXT_BELOW_TOP = 14;
const LINE_HEIGHT = 14;
/** What letters have below their line. */
const DESCENT = 4;
const INSET = 4;

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** What the map is drawn from; the same for all events of a timeline but for the frame. */
export interface MapScene {
  readonly axis: Axis;
  readonly domains: readonly string[];
  readonly memoryMap: readonly Frames[];
  readonly colourOf: ColourOf;
}

const verticalOf = (
  axis: Axis,
  { first, last }: Frames,
): { readonly y: number; readonly height: number } | undefined => {
  const [top, bottom] = [axis.at(first), axis.at(last + 1)];
  return top === undefined || bottom === undefined
    ? undefined
    : { y: HEAD_HEIGHT + top, height: Math.max(2, bottom - top) };
};

const fitted = (text: string, width: number): string => {
  const most = Math.floor((width - 2 * INSET) / CHARACTER_WIDTH);
  return text.length <= most ? text : most < 3 ? '' : `${text.slice(0, most - 1)}…`;
};

/** Lines of text from the top of a box, as many as there is room for; the first one may touch the edge. */
const label = (box: Box, lines: readonly string[]): readonly SVGElement[] =>
  lines
    .filter((_line, index) => TEXT_BELOW_TOP + index * LINE_HEIGHT + (index > 0 ? DESCENT : 0) <= box.height)
    .map((line, index) =>
      s(
        'text',
        { x: box.x + INSET + 2, y: box.y + TEXT_BELOW_TOP + index * LINE_HEIGHT, class: 'label' },
        fitted(line, box.width),
      ),
    );

const rect = (box: Box, classes: string): SVGRectElement =>
  s('rect', { x: box.x, y: box.y + 0.5, width: box.width, height: Math.max(1, box.height - 1), class: classes });

const rangeText = ({ first, last }: Frames): string =>
  `${firstAddress(first)} to ${lastAddress(last)}, ${sizeText(last - first + 1)}`;

const ownerText = ({ device, bar }: Place): string =>
  device === undefined ? '' : `${shortDevice(device)}${bar === undefined ? '' : ` ${bar}`}`;

const WHAT: Readonly<Record<Place['kind'], string>> = {
  mapped: 'mapped',
  bar: 'BAR',
  msix: 'MSI-X tables, not mapped: accesses trap',
  hole: 'hole: of the BAR, and not mapped',
  pending: 'deferred, not carried out yet',
};

const kindText = (place: Place): string =>
  place.kind === 'mapped'
    ? `mapped, ${place.type}${place.mfn === undefined ? '' : `, to machine frame 0x${place.mfn.toString(16)}`}`
    : place.kind === 'bar'
      ? `${place.enabled ? 'enabled' : 'disabled'}`
      : WHAT[place.kind];

/** A place in words: what the picture shows, for lists and for those who do not see it. */
export const describePlace = (place: Place): string =>
  [place.domain, rangeText(place), ownerText(place), kindText(place)].filter((part) => part !== '').join(' · ');

const SHORT: Readonly<Partial<Record<Place['kind'], string>>> = { msix: 'MSI-X', hole: 'hole', pending: 'deferred' };

const mappedLines = (place: Place): readonly string[] => [
  ownerText(place) || (place.type ?? ''),
  ...(place.mfn === undefined ? [] : [`→ ${firstAddress(place.mfn)}`]),
  ...(place.device === undefined ? [] : [place.type ?? '']),
];

type Change = 'come' | 'gone' | 'stays';

const withTitle = (group: SVGGElement, text: string): SVGGElement => {
  group.prepend(s('title', {}, text));
  return group;
};

/** An entry of the p2m, in the left column of its lane. */
const mappedShape = (scene: MapScene, place: Place, x: number, change: Change): SVGGElement | undefined => {
  const vertical = verticalOf(scene.axis, place);
  if (vertical === undefined) return undefined;
  const box = { x, width: P2M_WIDTH, ...vertical };
  const strip = { ...box, width: 4 };
  return withTitle(
    s(
      'g',
      { class: `place mapped ${change} ${scene.colourOf(place.device)}`, 'data-kind': 'mapped' },
      rect(box, 'fill'),
      change === 'gone' ? undefined : rect(strip, 'strip'),
      ...label({ ...box, x: box.x + INSET }, mappedLines(place)),
    ),
    `${change === 'gone' ? 'no more: ' : ''}${describePlace(place)}`,
  );
};

/** A BAR, or a part of one, in the right column of its lane; `textWidth` is free for its label. */
const barShape = (scene: MapScene, place: Place, box: Box, change: Change, textWidth = box.width): SVGGElement => {
  const size = sizeText(place.last - place.first + 1);
  const isWhole = place.kind === 'bar';
  const text = [SHORT[place.kind] ?? ownerText(place), ...(isWhole ? [size, place.enabled ? '' : 'disabled'] : [])];
  return withTitle(
    s(
      'g',
      {
        class: `place ${place.kind} ${place.enabled === false ? 'disabled' : ''} ${change} ${scene.colourOf(place.device)}`,
        'data-kind': place.kind,
      },
      rect(box, 'fill'),
      ...(isWhole || box.width >= LABELLED_PART_WIDTH ? label({ ...box, width: textWidth }, text) : []),
    ),
    `${change === 'gone' ? 'no more: ' : ''}${describePlace(place)}`,
  );
};

/** Parts of BARs lie in the right of their BAR, so that its label stays free. */
const PART_SHARE = 0.36;
/** Narrower parts have no label; their pattern says what they are. */
const LABELLED_PART_WIDTH = 50;

const isPartOf = ({ kind, device, bar: ofBar, first, last }: Place, bar: Place): boolean =>
  kind !== 'bar' &&
  device === bar.device &&
  first <= bar.last &&
  last >= bar.first &&
  (ofBar === undefined || ofBar === bar.bar);

const barShapes = (scene: MapScene, frame: Frame, domain: string, x: number): readonly SVGGElement[] => {
  const isHere = (place: Place): boolean => place.domain === domain && place.kind !== 'mapped';
  const gone = frame.gone.filter((place) => isHere(place) && place.kind === 'bar');
  const bars = [...frame.places.filter((place) => isHere(place) && place.kind === 'bar'), ...gone];
  const drawn = bars.filter((bar) => verticalOf(scene.axis, bar) !== undefined);
  const columns = columnsOf(drawn);
  const changeOf = (place: Place): Change =>
    gone.includes(place) ? 'gone' : frame.come.includes(place) ? 'come' : 'stays';
  const shapes: SVGGElement[] = [];
  drawn.forEach((bar, index) => {
    const vertical = verticalOf(scene.axis, bar);
    if (vertical === undefined) return;
    const { column, count } = columns[index] ?? { column: 0, count: 1 };
    const width = BARS_WIDTH / count;
    const left = x + column * width;
    const share = width * PART_SHARE;
    const parts = gone.includes(bar) ? [] : frame.places.filter((place) => isHere(place) && isPartOf(place, bar));
    const textWidth = parts.length === 0 ? width : width - share;
    shapes.push(barShape(scene, bar, { x: left, width: width - 2, ...vertical }, changeOf(bar), textWidth));
    for (const part of parts) {
      const place = verticalOf(scene.axis, part);
      if (place !== undefined)
        shapes.push(barShape(scene, part, { x: left + width - share, width: share - 4, ...place }, changeOf(part)));
    }
  });
  return shapes;
};

const laneX = (index: number): number => AXIS_WIDTH + MEMORY_MAP_WIDTH + LANE_GAP + index * (LANE_WIDTH + LANE_GAP);

const laneShapes = (
  scene: MapScene,
  frame: Frame,
  mismatches: readonly MismatchPlace[],
  domain: string,
  index: number,
): readonly SVGElement[] => {
  const x = laneX(index);
  const barsX = x + P2M_WIDTH + 6;
  const mapped = (places: readonly Place[], change: (place: Place) => Change): readonly SVGElement[] =>
    places
      .filter((place) => place.kind === 'mapped' && place.domain === domain)
      .flatMap((place) => mappedShape(scene, place, x, change(place)) ?? []);
  return [
    s('text', { x, y: 16, class: 'lane' }, domain),
    s('text', { x, y: 34, class: 'head' }, 'p2m'),
    s('text', { x: barsX, y: 34, class: 'head' }, 'BARs'),
    s('rect', { x, y: HEAD_HEIGHT, width: P2M_WIDTH, height: scene.axis.height, class: 'ground' }),
    s('rect', { x: barsX, y: HEAD_HEIGHT, width: BARS_WIDTH, height: scene.axis.height, class: 'ground' }),
    ...mapped(frame.gone, () => 'gone'),
    ...mapped(frame.places, (place) => (frame.come.includes(place) ? 'come' : 'stays')),
    ...barShapes(scene, frame, domain, barsX),
    ...mismatches.flatMap((mismatch) => {
      const vertical = mismatch.domain === domain ? verticalOf(scene.axis, mismatch) : undefined;
      if (vertical === undefined) return [];
      const box = { x: x - 3, width: P2M_WIDTH + 6, ...vertical };
      // At the right, since what is mapped there has its label at the left.
      const place = { x: x + P2M_WIDTH - INSET, y: box.y + TEXT_BELOW_TOP, class: 'label wrong right' };
      const text = mismatch.kind === 'missing' ? 'missing' : 'not golden';
      const group = s(
        'g',
        { class: `mismatch ${mismatch.kind}` },
        rect(box, 'fill'),
        box.height < TEXT_BELOW_TOP ? undefined : s('text', place, text),
      );
      return [withTitle(group, mismatch.text)];
    }),
  ];
};

const axisShapes = ({ stretches, height }: Axis, right: number): readonly SVGElement[] => {
  const line = (y: number): SVGElement =>
    s('line', { x1: AXIS_WIDTH - 4, x2: right, y1: HEAD_HEIGHT + y, y2: HEAD_HEIGHT + y, class: 'rule' });
  const tick = (frame: number, y: number): SVGElement =>
    s('text', { x: AXIS_WIDTH - 8, y: HEAD_HEIGHT + y + 4, class: 'address' }, firstAddress(frame));
  const gap = ({ first, end, y, height: tall }: Stretch): SVGElement[] => [
    s('rect', { x: AXIS_WIDTH - 4, y: HEAD_HEIGHT + y, width: right - AXIS_WIDTH + 4, height: tall, class: 'gap' }),
    s(
      'text',
      { x: right - 6, y: HEAD_HEIGHT + y + tall / 2 + 4, class: 'size' },
      `${sizeText(end - first)} without anything`,
    ),
  ];
  const end = stretches.at(-1);
  return [
    ...stretches.filter(({ isGap }) => isGap).flatMap(gap),
    ...stretches.flatMap(({ first, y }) => [line(y), tick(first, y)]),
    ...(end === undefined ? [] : [line(height), tick(end.end, height)]),
  ];
};

/** What the memory map lists, beside the axis, cut to the stretches that the axis has. */
const memoryMapShapes = ({ axis, memoryMap }: MapScene): readonly SVGElement[] => {
  const listed = axis.stretches.filter(({ first, end }) =>
    memoryMap.some((range) => range.first < end && range.last >= first),
  );
  const x = AXIS_WIDTH + 2;
  return listed.map(({ first, end, y, height }) =>
    s(
      'rect',
      { x, y: HEAD_HEIGHT + y, width: MEMORY_MAP_WIDTH, height, class: 'memory-map' },
      s('title', {}, `the machine's memory map lists something in ${rangeText({ first, last: end - 1 })}`),
    ),
  );
};

const pattern = (id: string, size: number, ...marks: readonly SVGElement[]): SVGPatternElement =>
  s('pattern', { id, width: size, height: size, patternUnits: 'userSpaceOnUse' }, ...marks);

const patterns = (): SVGDefsElement =>
  s(
    'defs',
    {},
    pattern('hatch', 7, s('path', { d: 'M-1,8 L8,-1', class: 'ink' })),
    pattern('stripes', 6, s('path', { d: 'M0,3 H6', class: 'ink' })),
    pattern('dots', 6, s('circle', { cx: 2, cy: 2, r: 1.2, class: 'ink-fill' })),
    pattern('break', 8, s('path', { d: 'M0,6 L4,2 L8,6', class: 'faint' })),
  );

/** The guest-physical address spaces at one event, a lane for each domain. */
export const drawMap = (scene: MapScene, frame: Frame, mismatches: readonly MismatchPlace[]): SVGSVGElement => {
  const width = laneX(scene.domains.length) - LANE_GAP + 4;
  const height = HEAD_HEIGHT + scene.axis.height + FOOT_HEIGHT;
  return s(
    'svg',
    {
      class: 'map',
      ...{ width, height, viewBox: `0 0 ${width} ${height}` },
      role: 'img',
      'aria-label': `Guest-physical addresses ${frame.step === undefined ? 'before the first event' : `after event ${frame.step.seq}`}`,
    },
    patterns(),
    s('text', { x: AXIS_WIDTH - 8, y: 34, class: 'head right' }, 'guest address'),
    ...axisShapes(scene.axis, width - 4),
    ...memoryMapShapes(scene),
    ...scene.domains.flatMap((domain, index) => laneShapes(scene, frame, mismatches, domain, index)),
  );
};
