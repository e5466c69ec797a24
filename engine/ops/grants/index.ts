// SPDX-License-Identifier: GPL-2.0-only

import * as dmaAlloc from './dma-alloc.ts';
import * as dmaFree from './dma-free.ts';
import * as dmaMap from './dma-map.ts';
import * as dmaMapSg from './dma-map-sg.ts';
import * as dmaSupported from './dma-supported.ts';
import * as dmaUnmap from './dma-unmap.ts';
import * as dmaUnmapSg from './dma-unmap-sg.ts';
import * as mapGrantRef from './map-grant-ref.ts';
import type { GrantOperation } from './outcome.ts';
import * as unmapGrantRef from './unmap-grant-ref.ts';
import * as virtioBackend from './virtio-backend.ts';
import * as virtioElapse from './virtio-elapse.ts';
import * as virtioProbe from './virtio-probe.ts';

const ALL = [
  virtioProbe,
  virtioBackend,
  virtioElapse,
  dmaSupported,
  dmaAlloc,
  dmaFree,
  dmaMap,
  dmaUnmap,
  dmaMapSg,
  dmaUnmapSg,
  mapGrantRef,
  unmapGrantRef,
] as const;

/** What they are declared as: names and fields for the type checker. */
export type GrantDeclaration = (typeof ALL)[number]['declaration'];

/** The operations of virtio front ends that use grants, and of their backends. */
export const grantOperations: readonly GrantOperation[] = ALL;
