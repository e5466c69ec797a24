// SPDX-License-Identifier: GPL-2.0-only
import { modelStateJson } from '../../state/model-world.ts';
import { operation } from '../operation.ts';

export const checkpoint = operation({
  name: 'checkpoint',
  summary: 'the state at this point goes into the results',
  source: 'the model',
  fields: {},
  run: (world) => ({ state: modelStateJson(world) }),
});
