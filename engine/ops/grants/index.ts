// SPDX-License-Identifier: GPL-2.0-only
import { dmaAlloc } from './dma-alloc.ts';
import { dmaFree } from './dma-free.ts';
import { dmaMap } from './dma-map.ts';
import { dmaMapSg } from './dma-map-sg.ts';
import { dmaSupported } from './dma-supported.ts';
import { dmaUnmap } from './dma-unmap.ts';
import { dmaUnmapSg } from './dma-unmap-sg.ts';
import { mapGrantRef } from './map-grant-ref.ts';
import type { GrantOperation } from './operation.ts';
import { unmapGrantRef } from './unmap-grant-ref.ts';
import { virtioBackend } from './virtio-backend.ts';
import { virtioElapse } from './virtio-elapse.ts';
import { virtioProbe } from './virtio-probe.ts';

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
