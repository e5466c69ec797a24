// SPDX-License-Identifier: GPL-2.0-only
import { z } from 'zod';
import { machineSchema } from './schema.ts';

/** The JSON Schema (draft 2020-12) of machine files. Apart, so that the library's types need not know the schemas. */
export const machineJsonSchema = (): object => ({
  title: 'hvreplay machine',
  ...z.toJSONSchema(machineSchema, { io: 'input' }),
});
