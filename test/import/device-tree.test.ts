// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { importDeviceTree } from '../../engine/import/device-tree.ts';
import { isFlatTree, parseFlatTree } from '../../engine/import/flat-tree.ts';
import { OPERATIONS } from '../../engine/ops/index.ts';
import { replayTrace } from '../../engine/replay/replay.ts';
import { findState } from '../../engine/semantics/states.ts';
import { loadMachine } from '../../engine/state/load-machine.ts';
import { decodeCsv } from '../../engine/trace/csv.ts';

/** `dtc -O dtb` made it of virtio.dts beside it. */
const bytes = new Uint8Array(readFileSync(new URL('data/virtio.dtb', import.meta.url)));

const imported = (): { readonly machine: string; readonly notes: readonly string[] } => {
  const result = importDeviceTree(bytes);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.value;
};

/** The file with a big-endian word at an offset, cut to a length. */
const changed = (at: number, word: number, length = bytes.length): Uint8Array => {
  const copy = bytes.slice(0, length);
  new DataView(copy.buffer).setUint32(at, word);
  return copy;
};

const faultOf = (tree: Uint8Array): string => {
  const result = parseFlatTree(tree);
  if (result.ok) throw new Error('no fault was found');
  return result.problems.map(({ message }) => message).join('\n');
};

describe('a flattened device tree', () => {
  test('is read with names, cells and texts', () => {
    const tree = parseFlatTree(bytes);
    if (!tree.ok) throw new Error('it is one');
    const root = tree.value;
    expect(root.properties.get('compatible')?.texts).toEqual(['xen,xenvm-4.23', 'xen,xenvm']);
    const gic = root.children.find(({ name }) => name.startsWith('interrupt-controller'));
    expect(gic?.properties.get('reg')?.cells).toEqual([0, 0x3001000, 0, 0x10000]);
    expect(gic?.properties.get('interrupt-controller')).toEqual({ cells: [], texts: [], sizeBytes: 0 });
  });

  test('is known by its first word', () => {
    expect(isFlatTree(bytes)).toBe(true);
    expect(isFlatTree(new TextEncoder().encode('machine: 1\n'))).toBe(false);
    expect(isFlatTree(new Uint8Array(3))).toBe(false);
  });

  test('is refused with the offset of what is wrong', () => {
    expect(faultOf(bytes.slice(0, 20))).toBe('byte 0x14: expected a header of 40 bytes');
    expect(faultOf(changed(4, 5000))).toContain('byte 0x4: says that 5000 bytes follow');
    expect(faultOf(changed(20, 3))).toContain('byte 0x14: version 3');
    expect(faultOf(changed(8, 0xfffffff0))).toContain('byte 0x8: a block that is not inside the file');
    const [structure = 0] = [new DataView(bytes.buffer).getUint32(8)];
    expect(faultOf(changed(structure, 2))).toContain('a node ends that has not begun');
    expect(faultOf(changed(structure, 7))).toContain('token 0x7 does not belong here');
  });

  test('never hangs or throws, wherever it is cut or damaged', () => {
    for (let at = 0; at < bytes.length; at += 1) {
      expect(parseFlatTree(bytes.subarray(0, at)).ok).toBe(false);
      for (const value of [0, 0x7f, 0xff]) {
        const copy = bytes.slice();
        copy[at] = value;
        expect(() => importDeviceTree(copy)).not.toThrow();
      }
    }
  });
});

describe('the machine file of a device tree', () => {
  test('has the nodes that say who serves a virtio device', () => {
    const { machine } = imported();
    expect(machine.slice(machine.indexOf('deviceTree:'))).toBe(`deviceTree:
  iommus:
    "xen_iommu": { compatible: ["xen,grant-dma"], iommuCells: 1, phandle: 2 }
  hostBridges:
    "pcie@10000000": { iommuMap: [0x8, 0x2, 0x1, 0x8, 0x10, 0x2, 0x5, 0x8], iommuMapMask: [0xfff8] }
  pci:
    "net@1,0": { host: "pcie@10000000", rid: 0x8 }
    "block@0,0": { host: "pcie@10000000", rid: 0x100, parentBridges: 1 }
  platform:
    "virtio@2000000": { iommus: [0x2, 0x2] }
    "virtio@2000200": {}
`);
  });

  test('tells which nodes are disabled, which the model does not look at', () => {
    expect(imported().notes).toEqual(['block@0,0 is disabled', 'virtio@2000200 is disabled']);
  });

  test('can be replayed', () => {
    const machine = loadMachine(imported().machine);
    const trace = decodeCsv(
      '# hvreplay-trace: 1\nop,device\nvirtio.probe,"net@1,0"\nvirtio.probe,virtio@2000000\nvirtio.probe,"block@0,0"\n',
      OPERATIONS,
    );
    const guest = findState('linux-7.2');
    if (!machine.ok || !trace.ok || guest === undefined) throw new Error(JSON.stringify([machine, trace]));
    const lines = [...replayTrace({ machine: machine.value, behaviours: guest.behaviours }, trace.value.events)];
    expect(lines.slice(0, 3)).toMatchObject([{ backend: 1 }, { backend: 2 }, { ret: -3, backend: null }]);
  });
});
