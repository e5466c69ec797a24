// SPDX-License-Identifier: GPL-2.0-only
import { and } from '../num/bits.ts';
import { ERRNO } from '../num/errno.ts';
import { MAX_BUS } from '../num/sbdf.ts';
import { applyRule, leaveDefinedBehaviour } from '../xen/trail.ts';
import type { HostBridgeNode } from './description.ts';
import { findRegName, regAt } from './device-tree.ts';
import type { HostBridgeDriver } from './drivers.ts';
import { driverOf } from './drivers.ts';
import { bridgeEvent, ioremapEvent } from './events.ts';
import type { ConfigWindow, DesignwareState, HostBridge } from './host-bridge.ts';
import { segmentFor } from './segments.ts';
import type { ArmWorld } from './world.ts';
import { isPciEnabled } from './world.ts';

type Buses = Pick<ConfigWindow, 'firstBus' | 'lastBus'>;

/**
 * Both cells are kept in 8 bits, so a range of more than 256 buses is cut, not clamped (pci_generic_init_bus_range).
 */
const busesOf = ({ busRange }: HostBridgeNode): Buses =>
  busRange === undefined
    ? { firstBus: 0, lastBus: MAX_BUS }
    : { firstBus: and(busRange[0], MAX_BUS), lastBus: and(busRange[1], MAX_BUS) };

/** Maps I/O memory into Xen; a size of 0 cannot be. */
const ioremap = (world: ArmWorld, address: bigint, size: bigint): boolean => {
  world.events.push(ioremapEvent(address, size));
  return size > 0n;
};

/** A config window, or undefined when it is missing or cannot be mapped (gen_pci_init). */
const mapWindow = (
  world: ArmWorld,
  node: HostBridgeNode,
  name: string | undefined,
  buses: Buses,
): ConfigWindow | undefined => {
  const index = name === undefined ? { ok: true as const, value: 0 } : findRegName(node, name);
  if (!index.ok) return undefined;
  const reg = regAt(world, node, index.value);
  if (!reg.ok) return undefined;
  const { address, size } = reg.value;
  return ioremap(world, address, size) ? { address, size, ...buses } : undefined;
};

const MIXED_SEGMENT = 0xffff;

type Probed = { readonly bridge: HostBridge } | { readonly error: number };

/** xen/arch/arm/pci/pci-host-common.c, pci_host_common_probe */
const probeWindows = (world: ArmWorld, node: HostBridgeNode, driver: HostBridgeDriver): Probed => {
  const buses = busesOf(node);
  const root = mapWindow(world, node, driver.rootReg, buses);
  if (root === undefined) return { error: -ERRNO.ENOMEM };

  const isBoundLater = world.behaviours.bridgeSegment === 'bound-by-dom0';
  let segment = isBoundLater ? undefined : segmentFor(world, node);
  if (segment === undefined && !isBoundLater) {
    if (world.behaviours.mixedSegments === 'bug') {
      leaveDefinedBehaviour(world, 'undefined.mixed-pci-domains', { name: node.path });
      return { error: -ERRNO.EINVAL };
    }
    applyRule(world, 'arm.mixed-segments', { name: node.path });
    segment = MIXED_SEGMENT;
  }

  let bridge: HostBridge = { node, segment, root, child: undefined, designware: undefined };
  if (driver.childReg !== undefined) {
    const child = mapWindow(world, node, driver.childReg, {
      firstBus: and(root.firstBus + 1, MAX_BUS),
      lastBus: root.lastBus,
    });
    if (child === undefined) return { error: -ERRNO.ENOMEM };
    bridge = { ...bridge, root: { ...root, lastBus: root.firstBus }, child };
  }
  world.bridges.push(bridge);
  return { bridge };
};

const DEFAULT_VIEWPORTS = 2;
const RCAR_GEN4_VERSION = 0x520a;

/**
 * Whether the unit was found; the bridge stays registered without it (xen/arch/arm/pci/pci-designware.c,
 * dw_pcie_host_probe).
 */
const probeTranslationUnit = (world: ArmWorld, node: HostBridgeNode, state: DesignwareState): boolean => {
  const index = findRegName(node, 'atu');
  if (!index.ok) return false;
  const atu = regAt(world, node, index.value);
  if (!atu.ok || !ioremap(world, atu.value.address, atu.value.size)) return false;
  state.atu = atu.value;
  state.viewports = node.numViewport ?? DEFAULT_VIEWPORTS;
  return true;
};

/** The rest of an R-Car Gen4 probe (xen/arch/arm/pci/pci-host-rcar4.c, pci_host_rcar4_probe). */
const probeDesignware = (world: ArmWorld, node: HostBridgeNode, probed: Probed): number => {
  if (world.undefinedRule !== undefined) return 0;
  let state: DesignwareState | undefined;
  let complete = false;
  if ('bridge' in probed) {
    state = { atu: undefined, viewports: 0, version: 0, unrollKnown: false, unroll: false };
    probed.bridge.designware = state;
    complete = probeTranslationUnit(world, node, state);
  }
  const index = findRegName(node, 'app');
  if (!index.ok) return index.error;
  const app = regAt(world, node, index.value);
  if (!app.ok) return app.error;
  if (!ioremap(world, app.value.address, app.value.size)) return -ERRNO.ENXIO;
  if (state === undefined || !complete) {
    // What the failed step answered is an error in the shape of a pointer, and nobody looks before using it.
    leaveDefinedBehaviour(world, 'undefined.rcar-error-pointer', { name: node.path });
    return 0;
  }
  state.version = RCAR_GEN4_VERSION;
  return 0;
};

/** Probes all nodes in device tree order up to the first failure (xen/arch/arm/pci/pci.c, dt_pci_init). */
const probeTree = (world: ArmWorld): number => {
  for (const node of world.nodes) {
    if (node.status === 'disabled' || node.passthrough) continue;
    const driver = driverOf(node, world.behaviours);
    if (driver === undefined) continue;
    const probed = probeWindows(world, node, driver);
    let result = 'error' in probed ? probed.error : 0;
    if (driver.designware) result = probeDesignware(world, node, probed);
    if (world.undefinedRule !== undefined) return 0;
    if (result !== 0) {
      applyRule(world, 'arm.config-window-missing', { name: node.path });
      return result;
    }
  }
  return 0;
};

/**
 * The PCI part of boot: 0, -ENOMEM and others of a bridge, -EOPNOTSUPP with ACPI (xen/arch/arm/pci/pci.c, pci_init).
 */
export const bootPci = (world: ArmWorld): number => {
  if (!isPciEnabled(world)) return 0;
  world.events.push(
    world.behaviours.firstSegment === 'pci_segments_init' ? { pci_segments_init: 1 } : { pci_add_segment: 0 },
  );
  if (world.options.acpi) {
    applyRule(world, 'arm.booted-with-acpi', {});
    return -ERRNO.EOPNOTSUPP;
  }
  const result = probeTree(world);
  if (world.undefinedRule === undefined) world.events.push(...world.bridges.map(bridgeEvent));
  return result;
};
