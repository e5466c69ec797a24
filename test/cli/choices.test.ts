// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { runCommand } from './run-command.ts';

const VF = 'traces/sriov/vf-without-pf.csv';

describe('RELEASE+PROPOSAL', () => {
  test('is what --with makes of the release', async () => {
    const named = await runCommand(['replay', VF, '--release', 'xen-4.18+pfvf-v6']);
    const added = await runCommand(['replay', VF, '--release', 'xen-4.18', '--with', 'pfvf-v6']);
    const plain = await runCommand(['replay', VF, '--release', 'xen-4.18']);
    expect(named).toEqual(added);
    expect(named.exit).toBe(0);
    expect(named.out).toContain('\nrelease: xen-4.18+pfvf-v6\n');
    expect(named.out.replace('+pfvf-v6', '')).not.toBe(plain.out);
  });

  test.each([
    ['xen-4.18+pfvf', "unknown proposal 'pfvf'"],
    ['xen-4+pfvf-v6', "unknown release 'xen-4'"],
    ['staging', "unknown release 'staging'; did you mean xen-unstable?"],
    ['xen-4.18+', "unknown proposal ''"],
  ])('%s is refused', async (name, message) => {
    const { exit, out, notes } = await runCommand(['replay', VF, '--release', name]);
    expect([exit, out]).toEqual([2, '']);
    expect(notes).toContain(message);
  });
});
