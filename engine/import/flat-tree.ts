// SPDX-License-Identifier: GPL-2.0-only
import { hex } from '../num/u64.ts';
import type { Parsed } from '../trace/problem.ts';

/**
 * Flattened device trees (.dtb; Devicetree Specification 0.4, chapter 5), as `dtc -O dtb` writes them and as a guest has
 * them in /sys/firmware/fdt. Only the structure is read: memory reservations are of no interest here.
 */

/** A property's value: whole big-endian cells, texts if it is a list of them, and its length. */
export interface FlatProperty {
  readonly cells: readonly number[];
  readonly texts: readonly string[];
  readonly sizeBytes: number;
}

export interface FlatNode {
  /** With the unit address: `pcie@10000000`; empty for the root. */
  readonly name: string;
  readonly properties: ReadonlyMap<string, FlatProperty>;
  readonly children: readonly FlatNode[];
}

/** Larger trees are refused; those of real boards have some 100 KiB. */
export const MAX_TREE_BYTES = 4_194_304;
/** Nodes within nodes, and nodes in all. */
const MAX_DEPTH = 64;
const MAX_NODES = 65_536;
const MAX_NAME_BYTES = 256;

const MAGIC = 0xd00dfeed;
const HEADER_BYTES = 40;
/** Oldest version whose structure block is laid out like that, and the one that is read. */
const VERSION = 17;
const OLDEST_COMPATIBLE = 16;
const CELL_BYTES = 4;

const TOKEN = { beginNode: 1, endNode: 2, property: 3, nop: 4, end: 9 } as const;

/** What is wrong at a byte offset in the file. */
interface Fault {
  readonly at: number;
  readonly wrong: string;
}

interface Blocks {
  readonly view: DataView;
  /** Offset and end of the structure block, and of the strings block. */
  readonly structure: readonly [number, number];
  readonly strings: readonly [number, number];
}

const readBlocks = (bytes: Uint8Array): Blocks | Fault => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { length } = bytes;
  if (length > MAX_TREE_BYTES) return { at: 0, wrong: `${length} bytes; expected at most ${MAX_TREE_BYTES}` };
  if (length < HEADER_BYTES) return { at: length, wrong: `expected a header of ${HEADER_BYTES} bytes` };
  const word = (at: number): number => view.getUint32(at);
  if (word(0) !== MAGIC) return { at: 0, wrong: `expected ${hex(MAGIC)}, as at the start of a flattened device tree` };
  if (word(4) > length) return { at: 4, wrong: `says that ${word(4)} bytes follow; the file has ${length}` };
  if (word(20) < VERSION || word(24) > VERSION || word(24) < OLDEST_COMPATIBLE)
    return { at: 20, wrong: `version ${word(20)}, compatible with ${word(24)}; expected ${VERSION}` };
  const block = (at: number, sizeAt: number): readonly [number, number] => [word(at), word(at) + word(sizeAt)];
  const [structure, strings] = [block(8, 36), block(12, 32)];
  for (const [at, [start, end]] of [[8, structure] as const, [12, strings] as const])
    if (start < HEADER_BYTES || end > word(4)) return { at, wrong: 'a block that is not inside the file' };
  if (structure[0] % CELL_BYTES !== 0) return { at: 8, wrong: 'expected the structure block at a multiple of 4' };
  return { view, structure, strings };
};

const PRINTABLE = /^[\x20-\x7e]+$/;

/** The text that ends with a zero byte before `end`; undefined: it does not, or is too long for a name. */
const textAt = ({ view }: Blocks, at: number, end: number): string | undefined => {
  let text = '';
  for (let next = at; next < end && text.length <= MAX_NAME_BYTES; next += 1) {
    const byte = view.getUint8(next);
    if (byte === 0) return text;
    text += String.fromCharCode(byte);
  }
  return undefined;
};

/** Texts of a value that is a list of them: printable, each with a zero byte at its end. */
const textsOf = (bytes: Uint8Array): readonly string[] => {
  if (bytes.at(-1) !== 0) return [];
  const texts = new TextDecoder('latin1').decode(bytes.subarray(0, -1)).split('\0');
  return texts.every((text) => PRINTABLE.test(text)) ? texts : [];
};

const propertyAt = ({ view }: Blocks, at: number, sizeBytes: number): FlatProperty => {
  const count = Math.floor(sizeBytes / CELL_BYTES);
  return {
    cells: Array.from({ length: count }, (_, index) => view.getUint32(at + index * CELL_BYTES)),
    texts: textsOf(new Uint8Array(view.buffer, view.byteOffset + at, sizeBytes)),
    sizeBytes,
  };
};

const aligned = (at: number): number => Math.ceil(at / CELL_BYTES) * CELL_BYTES;

interface OpenNode {
  readonly name: string;
  readonly properties: Map<string, FlatProperty>;
  readonly children: OpenNode[];
}

/** Goes through the structure block token by token. */
class StructureWalk {
  readonly #blocks: Blocks;
  readonly #open: OpenNode[] = [];
  #root: OpenNode | undefined;
  #count = 0;
  #at: number;

  constructor(blocks: Blocks) {
    this.#blocks = blocks;
    this.#at = blocks.structure[0];
  }

  /** The root, or the first fault. */
  walk(): FlatNode | Fault {
    const end = this.#blocks.structure[1];
    while (this.#at + CELL_BYTES <= end) {
      const at = this.#at;
      const token = this.#take();
      if (token === TOKEN.end && this.#root !== undefined && this.#open.length === 0) return this.#root;
      const wrong = this.#step(token, end);
      if (wrong !== undefined) return { at, wrong };
    }
    return { at: this.#at, wrong: 'the structure block ends here; expected an end token' };
  }

  #take(): number {
    this.#at += CELL_BYTES;
    return this.#blocks.view.getUint32(this.#at - CELL_BYTES);
  }

  /** Answers what is wrong. */
  #step(token: number, end: number): string | undefined {
    switch (token) {
      case TOKEN.nop:
        return undefined;
      case TOKEN.beginNode:
        return this.#beginNode(end);
      case TOKEN.endNode:
        return this.#open.pop() === undefined ? 'a node ends that has not begun' : undefined;
      case TOKEN.property:
        return this.#property(end);
      default:
        return `token ${hex(token)} does not belong here`;
    }
  }

  #beginNode(end: number): string | undefined {
    const name = textAt(this.#blocks, this.#at, end);
    if (name === undefined) return `expected the node's name, at most ${MAX_NAME_BYTES} bytes, with a zero at its end`;
    const node: OpenNode = { name, properties: new Map(), children: [] };
    const parent = this.#open.at(-1);
    this.#at = aligned(this.#at + name.length + 1);
    this.#count += 1;
    if (this.#open.length >= MAX_DEPTH) return `more than ${MAX_DEPTH} nodes in each other`;
    if (this.#count > MAX_NODES) return `more than ${MAX_NODES} nodes`;
    if (parent === undefined && this.#root !== undefined) return 'a second root node';
    if (parent === undefined) this.#root = node;
    else parent.children.push(node);
    this.#open.push(node);
    return undefined;
  }

  #property(end: number): string | undefined {
    const node = this.#open.at(-1);
    if (node === undefined) return 'a property outside any node';
    if (this.#at + 2 * CELL_BYTES > end) return 'a property whose length and name are missing';
    const sizeBytes = this.#take();
    const nameAt = this.#take();
    const [start, stringsEnd] = this.#blocks.strings;
    const name = textAt(this.#blocks, start + nameAt, stringsEnd);
    if (name === undefined) return `a property whose name is not in the strings block at ${hex(nameAt)}`;
    if (this.#at + sizeBytes > end) return `property ${name}: ${sizeBytes} bytes, which are not there`;
    node.properties.set(name, propertyAt(this.#blocks, this.#at, sizeBytes));
    this.#at = aligned(this.#at + sizeBytes);
    return undefined;
  }
}

/** Whether bytes begin as a flattened device tree does. */
export const isFlatTree = (bytes: Uint8Array): boolean =>
  bytes.length >= CELL_BYTES && new DataView(bytes.buffer, bytes.byteOffset, CELL_BYTES).getUint32(0) === MAGIC;

/** The tree in a .dtb; the first fault ends it, with its byte offset. */
export const parseFlatTree = (bytes: Uint8Array): Parsed<FlatNode> => {
  const blocks = readBlocks(bytes);
  const tree = 'wrong' in blocks ? blocks : new StructureWalk(blocks).walk();
  if (!('wrong' in tree)) return { ok: true, value: tree };
  return {
    ok: false,
    problems: [{ line: undefined, column: undefined, message: `byte ${hex(tree.at)}: ${tree.wrong}` }],
  };
};
