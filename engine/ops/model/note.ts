// SPDX-License-Identifier: GPL-2.0-only
import { operation } from '../operation.ts';

export const note = operation({
  name: 'note',
  summary: 'a comment; does nothing',
  source: 'the model',
  fields: {},
  run: () => undefined,
});
