// SPDX-License-Identifier: GPL-2.0-only
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runCommand } from '../cli/run-command.ts';
import { scratch } from '../cli/scratch.ts';
import { requireProgram } from '../require-program.ts';

/** Debian's own, which has Debian's python3-protobuf. */
const PYTHON = '/usr/bin/python3';
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const EXPECTED = `# hvreplay-trace: 1
# title: Memory decoding goes on, and a device goes away
# source: an example
# tool: write-trace.py
# xen-version: 4.20.1
# complete: yes
# lost: 0
# recorded-on: xen-4.20
#| machine: 1
#| arch: x86
#| devices:
#|   "0000:00:03.0":
#|     id: 8086:10d3
#|     bars:
#|       0: { kind: mem32, address: 0xfebf0000, size: 0x1000 }
op,dom,vcpu,time,sbdf,reg,size,value,ret,note
boot.hwdom_setup,,,,,,,,,
cfg.write,d0,,0x17979cfe362a0001,0000:00:03.0,0x4,0x2,0x2,,
cfg.read,d0,0x1,,0000:00:03.0,0x10,0x4,0xfebf0000,,
physdev.pci_device_remove,d0,,,0000:00:03.0,,,,0,it was there
physdev.pci_device_remove,d0,,,0000:00:03.0,,,,-ENODEV,
`;

const run = (program: string, args: readonly string[], cwd: string): void => {
  const { status, stderr, error } = spawnSync(program, args, {
    ...{ cwd, encoding: 'utf8', env: { ...process.env, PYTHONPATH: cwd } },
  });
  expect({ status, stderr, error }).toEqual({ status: 0, stderr: '', error: undefined });
};

test("a trace that Python's own protobuf wrote converts, replays and conforms", async ({ skip }) => {
  requireProgram('protoc', 'protobuf-compiler', skip);
  requireProgram(PYTHON, 'python3', skip);
  requireProgram(PYTHON, 'python3-protobuf', skip, ['-c', 'import google.protobuf']);
  const here = scratch();
  run('protoc', [`--proto_path=${ROOT}/traces`, `--python_out=${here.root}`, 'hvtrace.proto'], here.root);
  run(PYTHON, [`${ROOT}/docs/examples/write-trace.py`, 'recorded.pb'], here.root);
  const trace = here.at('recorded.pb');
  expect(await runCommand(['convert', trace, '-', '--to', 'csv'])).toEqual({ exit: 0, out: EXPECTED, notes: '' });
  expect(await runCommand(['replay', trace])).toMatchObject({
    ...{ exit: 0, notes: '' },
    out: expect.stringContaining('event 5 physdev.pci_device_remove d0 0000:00:03.0: -ENODEV'),
  });
  expect(await runCommand(['conform', trace])).toMatchObject({ exit: 0, notes: '' });
});
