// SPDX-License-Identifier: GPL-2.0-only
import { type Args, textOf } from '../args.ts';
import type { Command } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import type { Io } from '../io.ts';

/** Writes the machine file of a .dtb, with what it leaves open as notes. */
const printDeviceTree = async (path: string, bytes: Uint8Array, io: Io): Promise<ExitCode> => {
  const { importDeviceTree } = await import('../../engine/import/device-tree.ts');
  const imported = importDeviceTree(bytes);
  if (!imported.ok) {
    for (const { message } of imported.problems) io.note(`${path}: ${message}\n`);
    return EXIT.wrongInput;
  }
  for (const note of imported.value.notes) io.note(`${path}: ${note}\n`);
  await io.out(imported.value.machine);
  return EXIT.ok;
};

const run = async (args: Args, io: Io): Promise<ExitCode> => {
  const path = textOf(args, 'file') ?? '-';
  if (path !== '-') {
    const [{ readBytes }, { isFlatTree, MAX_TREE_BYTES }] = await Promise.all([
      import('../files.ts'),
      import('../../engine/import/flat-tree.ts'),
    ]);
    const bytes = readBytes(path, MAX_TREE_BYTES);
    if (bytes.ok && isFlatTree(bytes.value)) return printDeviceTree(path, bytes.value, io);
  }
  const [{ formatProblem, makeSession }, { model }, { formatMachine }] = await Promise.all([
    import('../session.ts'),
    import('../model.ts'),
    import('../../engine/machine/write.ts'),
  ]);
  const loaded = makeSession(model).loadMachine(path);
  if (!loaded.ok) {
    for (const problem of loaded.problems) io.note(formatProblem(problem));
    return EXIT.wrongInput;
  }
  await io.out(formatMachine(loaded.value));
  return EXIT.ok;
};

export const machineCommand: Command = {
  positionals: [
    {
      name: 'file',
      describe: 'machine description (YAML) or flattened device tree (.dtb), or - for a description from stdin',
      required: true,
      completes: 'file',
    },
  ],
  options: {},
  details:
    'Prints the machine that a description compiles to: each device as the dwords of its config space with their write masks. The output is a machine file too.\n\n' +
    'Of a flattened device tree it prints the machine file for grant operations: host bridges with iommu-map and iommus, the nodes that they refer to, and the virtio devices that have nodes. Of a guest that is /sys/firmware/fdt; dtc -O dtb makes one of a .dts.',
  examples: [
    ['hvreplay machine traces/machines/sriov-nic.yaml', 'the registers behind a description'],
    ['dtc -O dtb -o guest.dtb guest.dts && hvreplay machine guest.dtb >guest.yaml', 'a machine file of a device tree'],
  ],
  run,
};
