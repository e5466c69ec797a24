// SPDX-License-Identifier: GPL-2.0-only

/** What is wrong with an authored trace is thrown, so that the stack shows the line of the program that wrote it. */
export const refuse = (message: string): never => {
  throw new TypeError(message);
};
