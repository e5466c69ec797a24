// SPDX-License-Identifier: GPL-2.0-only
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { formatDescription, readDescription } from '../../engine/machine/description.ts';
import { loadMachine, modelMachineCompiler } from '../../engine/state/load-machine.ts';

const FOLDER = 'traces/machines';
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'));

const described = (text: string): unknown => {
  const read = readDescription(text);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.value;
};

const loaded = (text: string): unknown => {
  const machine = loadMachine(text);
  if (!machine.ok) throw new Error(JSON.stringify(machine.problems));
  return machine.value;
};

describe.each(FILES)('%s', (name) => {
  const text = readFileSync(`${FOLDER}/${name}`, 'utf8');

  test('says the same when it is written again', () => {
    expect(described(formatDescription(described(text)))).toEqual(described(text));
  });

  test('compiles to the same machine from its plain value', () => {
    const compile = modelMachineCompiler();
    const description = described(text);
    expect(compile(description)).toEqual(loaded(text));
    expect(compile(description), 'again').toEqual(loaded(text));
  });
});

test('a description that was compiled with a fault is wrong again the second time', () => {
  const compile = modelMachineCompiler();
  const faulty = described('machine: 1\narch: x86\ndevices: { "0000:00:01.0": { registers: { 2: 1 } } }\n');
  expect(compile(faulty)).toBeUndefined();
  expect(compile(faulty)).toBeUndefined();
});

test('text that YAML would take for something else keeps its quotes', () => {
  const odd = {
    a: 'true',
    b: '12',
    c: '0x10',
    d: 'a: b',
    e: '',
    f: '1e3',
    g: '# no',
    h: null,
    i: -1,
    j: 2.5,
    k: '1:20',
  };
  expect(described(formatDescription(odd))).toEqual(odd);
});

test('lines fit where they can be broken', () => {
  const text = readFileSync(`${FOLDER}/sriov-nic.yaml`, 'utf8');
  expect(
    formatDescription(described(text))
      .split('\n')
      .filter((line) => line.length > 72),
  ).toEqual([]);
});
