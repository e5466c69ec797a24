// SPDX-License-Identifier: GPL-2.0-only
import { type EventField, protoNameOf, type Schema } from './schema.ts';

/** `cfg.read` as protobuf's style has it: `OP_CFG_READ`. */
const enumName = (op: string): string => `OP_${op.replaceAll('.', '_').toUpperCase()}`;

const WIDTH = 116;

/** Lines of a comment, each at most {@link WIDTH} wide if its words are. */
const comment = (indent: string, text: string): string[] => {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && `${indent}// ${line} ${word}`.length > WIDTH) {
      lines.push(`${indent}// ${line}`);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, `${indent}// ${line}`];
};

/** What values a field takes, where the type does not say all. */
const meaningsOf = ({ uses }: EventField): readonly string[] => [
  ...new Set(uses.flatMap(({ field: { wire } }) => wire.meaning ?? [])),
];

const eventField = (field: EventField): string[] => [
  ...meaningsOf(field).flatMap((meaning) => comment('  ', meaning)),
  `  optional ${field.type} ${field.protoName} = ${field.number};`,
];

const opLines = ({ registry, opNumber }: Schema): string[] =>
  [...registry.values()]
    .map((declaration) => ({ declaration, number: opNumber.get(declaration.name) ?? 0 }))
    .sort((a, b) => a.number - b.number)
    .flatMap(({ declaration: { name, summary, fields }, number }) => {
      const names = Object.entries(fields).map(([given, field]) => {
        const proto = protoNameOf(given, field);
        return field.optional ? `[${proto}]` : proto;
      });
      return [
        ...comment('  ', summary),
        ...(names.length === 0 ? [] : comment('  ', `Fields: ${names.join(' ')}`)),
        `  ${enumName(name)} = ${number};`,
      ];
    });

const HEAD = `// SPDX-License-Identifier: GPL-2.0-only
//
// Recorded traces of hvreplay (.pb). This file is made from the declarations of the operations; numbers never change.
//
// A trace is one message Trace. A recorder writes it as it goes: since messages that follow each other are one message, it
// writes a Trace with nothing but the header, then one with an event (or some) again and again, then one with the end,
// if it has something to say there, and at last one with nothing but the checksum. Within an event, op comes first.

syntax = "proto3";

package hvtrace;

message Trace {
  Header header = 1;
  repeated Event events = 2;
  End end = 3;
  // CRC-32 (zlib's) of all bytes before this field, which are all of the file but the last five. Without it a trace
  // counts as cut off.
  optional fixed32 crc32 = 4;
}

message Header {
  // Version of the format: 1.
  uint32 version = 1;
  // One line of text, as the others are.
  optional string title = 2;
  // A machine file, relative to the trace; or the text of one.
  optional string machine = 3;
  optional string machine_text = 4;
  // What was recorded, with which tool, on which Xen (its own version string).
  optional string source = 5;
  optional string tool = 6;
  optional string xen_version = 7;
  // What else CSV has as "# key: value", such as recorded-on.
  repeated Directive directives = 8;
}

message Directive {
  string key = 1;
  string value = 2;
}

message End {
  // Whether the recording is all that was to be recorded.
  optional bool complete = 1;
  // Events that the recorder saw and could not write.
  optional uint64 lost = 2;
}
`;

/** The text of `hvtrace.proto`, from the operations' declarations. */
export const protoFile = (schema: Schema): string =>
  [
    HEAD,
    ...['enum Op {', '  OP_NONE = 0;', ...opLines(schema), '}', ''],
    'message Event {',
    ...['  // Always there, and first.', '  Op op = 1;'],
    ...schema.fields.flatMap(eventField),
    '}',
    '',
  ].join('\n');
