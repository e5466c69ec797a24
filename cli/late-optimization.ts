// SPDX-License-Identifier: GPL-2.0-only
import { setFlagsFromString } from 'node:v8';

/** Bytes of bytecode that a function runs between two looks at whether to optimize it; V8 takes 67,584 (Node 20). */
const BUDGET_BYTES = 250_000;

/**
 * Makes V8 wait longer before it optimizes a function. A run over many small traces spends a quarter of its processor
 * time on optimizing what is over soon (measured with 1000 traces, Node 20; from some thousand on it makes no
 * difference, nor does it in Node 22 and 24). V8 warns of flags that change while it runs; this one is read whenever
 * a function's count begins anew, and nowhere else (TieringManager::InterruptBudgetFor).
 */
export const optimizeLate = (): void => setFlagsFromString(`--interrupt-budget=${BUDGET_BYTES}`);
