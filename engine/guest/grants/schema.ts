// SPDX-License-Identifier: GPL-2.0-only
import { z } from 'zod';
import { type ParsedPart, partProblems } from '../../machine/part.ts';
import { type DeviceTreeDescription, type GrantMachine, parseRequesterId } from './description.ts';

const MAX_U32 = 0xffffffff;
const MAX_FRAMES = 4096;
const MAX_PROPERTY_BYTES = 1_048_576;

const u32 = z.int().min(0).max(MAX_U32);
const cells = z.array(z.union([u32, z.string()]));
const bytes = z.int().min(0).max(MAX_PROPERTY_BYTES);

const properties = {
  node: z.boolean().optional(),
  iommus: cells.optional(),
  iommusBytes: bytes.optional(),
  iommuMap: cells.optional(),
  iommuMapBytes: bytes.optional(),
  iommuMapMask: z.array(u32).optional(),
  iommuMapMaskBytes: bytes.optional(),
};

const iommu = z.strictObject({
  compatible: z.array(z.string()).optional(),
  iommuCells: u32.nullable().optional(),
  phandle: u32.min(1).optional(),
});

const hostBridge = z.strictObject({
  ...properties,
  parent: z.boolean().optional(),
  backends: z.record(z.string(), z.int().min(0).max(0xffff)).optional(),
});

const pciDevice = z.strictObject({
  ...properties,
  host: z.string(),
  rid: z.int().min(0).max(0xffff),
  backendRegister: z.int().min(0).max(0xffff).optional(),
  parentBridges: z.int().min(0).max(255).optional(),
});

const platformDevice = z.strictObject(properties);

const unchecked = z.strictObject({
  iommus: z.record(z.string(), iommu).optional(),
  hostBridges: z.record(z.string(), hostBridge).optional(),
  pci: z.record(z.string(), pciDevice).optional(),
  platform: z.record(z.string(), platformDevice).optional(),
});

type Complain = (path: readonly (string | number)[], message: string) => void;

const checkNodeNames = (tree: DeviceTreeDescription, complain: Complain): void => {
  const known = Object.keys(tree.iommus ?? {});
  for (const part of ['hostBridges', 'pci', 'platform'] as const) {
    for (const [name, node] of Object.entries(tree[part] ?? {})) {
      for (const key of ['iommus', 'iommuMap'] as const) {
        for (const [index, cell] of (node[key] ?? []).entries()) {
          if (typeof cell === 'string' && !known.includes(cell))
            complain([part, name, key, index], `no node "${cell}" under iommus; known: ${known.join(', ') || 'none'}`);
        }
      }
    }
  }
};

const checkHosts = (tree: DeviceTreeDescription, complain: Complain): void => {
  const known = Object.keys(tree.hostBridges ?? {});
  for (const [name, device] of Object.entries(tree.pci ?? {})) {
    if (!known.includes(device.host))
      complain(
        ['pci', name, 'host'],
        `no host bridge "${device.host}" under hostBridges; known: ${known.join(', ') || 'none'}`,
      );
    if (tree.platform !== undefined && Object.hasOwn(tree.platform, name))
      complain(['platform', name], `"${name}" is a PCI device too; names of devices are unique`);
  }
};

const checkPhandles = (tree: DeviceTreeDescription, complain: Complain): void => {
  const seen = new Map<number, string>();
  for (const [name, node] of Object.entries(tree.iommus ?? {})) {
    if (node.phandle === undefined) continue;
    const other = seen.get(node.phandle);
    if (other !== undefined)
      complain(['iommus', name, 'phandle'], `node "${other}" has phandle ${node.phandle} already`);
    seen.set(node.phandle, name);
  }
};

const checkBackends = (tree: DeviceTreeDescription, complain: Complain): void => {
  for (const [name, bridge] of Object.entries(tree.hostBridges ?? {}))
    for (const rid of Object.keys(bridge.backends ?? {}))
      if (parseRequesterId(rid) === undefined)
        complain(['hostBridges', name, 'backends', rid], `expected a requester id from 0x0 to 0xffff`);
};

/** `deviceTree:`, with all names and phandles checked. */
const deviceTreeSchema = unchecked.superRefine((tree, context) => {
  const complain: Complain = (path, message) => context.addIssue({ code: 'custom', path: [...path], message });
  checkNodeNames(tree, complain);
  checkHosts(tree, complain);
  checkPhandles(tree, complain);
  checkBackends(tree, complain);
});

/** `grants:`, the guest whose grant table is modelled and how it was built. */
const grantsSchema = z.strictObject({
  guest: z
    .string()
    .regex(/^d(?:0|[1-9]\d{0,4})$/, 'expected a domain such as d1')
    .default('d1'),
  frames: z.int().min(1).max(MAX_FRAMES).default(64),
  maxVersion: z.union([z.literal(1), z.literal(2)]).default(2),
  tableGfn: z
    .int()
    .min(0)
    .max(2 ** 52 - 1 - MAX_FRAMES)
    .optional(),
  maptrackFrames: z.int().min(1).max(MAX_FRAMES).default(1024),
  maxGfn: z
    .int()
    .min(0)
    .max(2 ** 52 - 1)
    .optional(),
  firstAllocPfn: z
    .int()
    .min(0)
    .max(2 ** 52 - 1)
    .default(0x80000),
  forceGrant: z.boolean().default(false),
  pv: z.boolean().default(false),
  dom0: z.boolean().default(false),
  forcedBackend: z.int().min(0).max(0x7fef).default(0),
  linkWaitMs: z.int().min(0).max(3_600_000).default(1000),
});

const machineSchema = z.object({
  deviceTree: deviceTreeSchema.default({}),
  grants: grantsSchema.prefault({}),
});

/** Takes `deviceTree:` and `grants:` of a machine file; all that is wrong with them is reported at once. */
export const parseGrantMachine = (value: unknown): ParsedPart<GrantMachine> => {
  const result = machineSchema.safeParse(value);
  return result.success
    ? { ok: true, value: result.data }
    : { ok: false, problems: partProblems([], result.error.issues) };
};
