// SPDX-License-Identifier: GPL-2.0-only

/** Xen's error numbers (xen/include/public/errno.h). A hypercall answers the negated value. */
export const ERRNO = {
  EPERM: 1,
  ENOENT: 2,
  ESRCH: 3,
  EIO: 5,
  ENXIO: 6,
  E2BIG: 7,
  ENOEXEC: 8,
  EBADF: 9,
  ECHILD: 10,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EFAULT: 14,
  EBUSY: 16,
  EEXIST: 17,
  EXDEV: 18,
  ENODEV: 19,
  ENOTDIR: 20,
  EISDIR: 21,
  EINVAL: 22,
  ENFILE: 23,
  EMFILE: 24,
  ENOSPC: 28,
  EROFS: 30,
  EMLINK: 31,
  EDOM: 33,
  ERANGE: 34,
  EDEADLK: 35,
  ENAMETOOLONG: 36,
  ENOLCK: 37,
  ENOSYS: 38,
  ENOTEMPTY: 39,
  ENODATA: 61,
  ETIME: 62,
  EBADMSG: 74,
  EOVERFLOW: 75,
  EILSEQ: 84,
  ERESTART: 85,
  ENOTSOCK: 88,
  EMSGSIZE: 90,
  EOPNOTSUPP: 95,
  EADDRINUSE: 98,
  EADDRNOTAVAIL: 99,
  ENOBUFS: 105,
  EISCONN: 106,
  ENOTCONN: 107,
  ETIMEDOUT: 110,
  ECONNREFUSED: 111,
} as const;

export type ErrnoName = keyof typeof ERRNO;

const nameOf: ReadonlyMap<number, string> = new Map(Object.entries(ERRNO).map(([name, value]) => [value, name]));

/** `-ENODEV` for -19, `0` for 0, the number itself for what has no name. */
export const formatErrno = (result: number): string => {
  const name = result < 0 ? nameOf.get(-result) : undefined;
  return name === undefined ? String(result) : `-${name}`;
};

/** The number for `-ENODEV`, `-19`, `0` or `3`; undefined for anything else. */
export const parseErrno = (text: string): number | undefined => {
  if (/^(?!-0+$)-?\d{1,9}$/.test(text)) return Number(text);
  if (!text.startsWith('-E')) return undefined;
  const value = (ERRNO as Readonly<Record<string, number>>)[text.slice(1)];
  return value === undefined ? undefined : -value;
};
