// SPDX-License-Identifier: GPL-2.0-only
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/**
 * Loaded before the program: ends it, as a kill would, at the call numbered HVREPLAY_KILL_AT of those that change the file
 * system; a write is half done then. Without a number it counts them, and says how many there were on descriptor 3.
 */

const { HVREPLAY_KILL_AT } = process.env;
const at = Number(HVREPLAY_KILL_AT);
let calls = 0;

const kill = () => process.kill(process.pid, 'SIGKILL');

/** Whether a call changes anything; opening a file to read it does not. */
const changes = (name, [, flags]) => name !== 'openSync' || !(flags === 'r' || flags % 4 === fs.constants.O_RDONLY);

const { writeSync } = fs;

for (const name of ['mkdirSync', 'openSync', 'writeSync', 'fsyncSync', 'renameSync', 'unlinkSync', 'rmdirSync']) {
  const original = fs[name];
  fs[name] = (...args) => {
    if (changes(name, args)) calls += 1;
    if (calls !== at || !changes(name, args)) return original(...args);
    if (name === 'writeSync') writeSync(args[0], args[1], 0, Math.floor(args[1].length / 2));
    return kill();
  };
}
syncBuiltinESMExports();

if (!HVREPLAY_KILL_AT) process.on('exit', () => writeSync(3, `${calls}\n`));
