// SPDX-License-Identifier: GPL-2.0-only
import type { ArmBehaviours } from '../semantics/arm.ts';
import type { RuleId } from '../semantics/rules.ts';
import type { Trail } from '../xen/state.ts';
import type { ArmMachine, ArmOptions, HostBridgeNode } from './description.ts';
import type { ArmEvent } from './events.ts';
import type { ArmDomain, FrameRange, HostBridge } from './host-bridge.ts';
import type { ArmPorts, FixedAnswers } from './ports.ts';
import { fixedPorts } from './ports.ts';

/** All state of PCI on Arm; one replay owns one. */
export interface ArmWorld {
  readonly behaviours: ArmBehaviours;
  /** The host's device tree. */
  readonly nodes: readonly HostBridgeNode[];
  options: ArmOptions;
  readonly answers: FixedAnswers;
  readonly ports: ArmPorts;
  /** In the order of probing. */
  readonly bridges: HostBridge[];
  /** Where segment numbers come from, and the last one that was allocated. */
  readonly segments: { source: 'undecided' | 'allocated' | 'device-tree'; last: number };
  readonly domains: Map<string, ArmDomain>;
  /** dom0's rights to I/O memory and its 1:1 mappings, in the order they came. */
  readonly permitted: FrameRange[];
  readonly mapped: FrameRange[];
  /** What the operation under way has made Xen do. */
  events: ArmEvent[];
  readonly trail: Trail | undefined;
  /** Set when Xen's own code crashes: nothing after it is known. */
  undefinedRule: RuleId | undefined;
}

export const HWDOM = 'd0';

const SILENT: FixedAnswers = { vpciValue: 2n ** 64n - 1n, busValue: 0xffffffff };

/** What an Arm machine is set in, and who is told of the rules that decide. */
export interface ArmSurroundings {
  readonly answers?: FixedAnswers;
  readonly ports?: ArmPorts;
  readonly trail?: Trail | undefined;
}

/**
 * A machine before boot. Without `ports` nothing is behind the bus and vPCI: reads answer `answers`, default all
 * ones.
 */
export const createArmWorld = (
  machine: ArmMachine,
  behaviours: ArmBehaviours,
  { answers = SILENT, ports, trail }: ArmSurroundings = {},
): ArmWorld => {
  const own = { ...answers };
  return {
    behaviours,
    nodes: machine.hostBridges,
    options: machine.options,
    answers: own,
    ports: ports ?? fixedPorts(own),
    bridges: [],
    segments: { source: 'undecided', last: -1 },
    domains: new Map(),
    permitted: [],
    mapped: [],
    events: [],
    trail,
    undefinedRule: undefined,
  };
};

/** Whether Xen's PCI subsystem is in use (xen/arch/arm/pci/pci.c, pci_init and xen/drivers/pci/physdev.c). */
export const isPciEnabled = ({ behaviours, options }: ArmWorld): boolean =>
  options.pciPassthrough || (behaviours.pciEnabledBy === 'pci-passthrough-or-iommu' && options.iommu);
