// SPDX-License-Identifier: GPL-2.0-only
import type { Sbdf } from '../num/sbdf.ts';
import type { ArmBehaviours } from '../semantics/arm.ts';
import type { RuleId } from '../semantics/rules.ts';
import type { Trail } from '../xen/state.ts';
import type { ArmMachine, ArmOptions, GuestLayout, HostBridgeNode, ItsNode } from './description.ts';
import type { ArmEvent } from './events.ts';
import type { ArmDomain, FrameRange, HostBridge } from './host-bridge.ts';
import type { ArmPorts, FixedAnswers, HostBus } from './ports.ts';
import { fixedPorts } from './ports.ts';

/** All state of PCI on Arm; one replay owns one. */
export interface ArmWorld {
  readonly behaviours: ArmBehaviours;
  /** The host's device tree. */
  readonly nodes: readonly HostBridgeNode[];
  readonly its: readonly ItsNode[];
  readonly guest: GuestLayout;
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
  /** Proposal: what guests call devices, by the host's name, in the order in which it was said. */
  readonly guestSbdfs: Map<Sbdf, Sbdf>;
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
  /** Made from ports without devices; absent: those. */
  readonly bus?: (otherwise: ArmPorts) => HostBus;
  readonly trail?: Trail | undefined;
}

/**
 * A machine before boot. Nothing is behind the bus, but for `bus`, and vPCI: reads answer `answers`, default all ones.
 */
export const createArmWorld = (
  machine: ArmMachine,
  behaviours: ArmBehaviours,
  { answers = SILENT, bus, trail }: ArmSurroundings = {},
): ArmWorld => {
  const own = { ...answers };
  const ports = fixedPorts(own);
  return {
    behaviours,
    nodes: machine.hostBridges,
    its: machine.its,
    guest: machine.guest,
    options: machine.options,
    answers: own,
    ports: { ...ports, ...bus?.(ports) },
    bridges: [],
    segments: { source: 'undecided', last: -1 },
    domains: new Map(),
    permitted: [],
    mapped: [],
    guestSbdfs: new Map(),
    events: [],
    trail,
    undefinedRule: undefined,
  };
};

/** Whether Xen's PCI subsystem is in use (xen/arch/arm/pci/pci.c, pci_init and xen/drivers/pci/physdev.c). */
export const isPciEnabled = ({ behaviours, options }: ArmWorld): boolean =>
  options.pciPassthrough || (behaviours.pciEnabledBy === 'pci-passthrough-or-iommu' && options.iommu);
