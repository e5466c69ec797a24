// SPDX-License-Identifier: GPL-2.0-only
// Writes the protobuf schema of traces to traces/hvtrace.proto. Run after `npm run build`.
import { writeFileSync } from 'node:fs';
import { OPERATIONS } from '../build/engine/ops/index.js';
import { protoFile } from '../build/engine/trace/protobuf/proto-file.js';
import { protobufSchema } from '../build/engine/trace/protobuf/schema.js';

writeFileSync(new URL('../traces/hvtrace.proto', import.meta.url), protoFile(protobufSchema(OPERATIONS)));
