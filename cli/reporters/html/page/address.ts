// SPDX-License-Identifier: GPL-2.0-only

/** Frames as people read them: byte addresses and sizes. */

/** A frame has 4 KiB: three hexadecimal digits. Frames have up to 52 bits, addresses more than a number holds. */
const PAGE_DIGITS = '000';
const LAST_BYTE = 'fff';
const DIGITS = 8;

const address = (frame: number, inPage: string): string =>
  `0x${(frame.toString(16) + inPage).replace(/^0+(?=.)/, '').padStart(DIGITS, '0')}`;

export const firstAddress = (frame: number): string => address(frame, PAGE_DIGITS);

export const lastAddress = (frame: number): string => address(frame, LAST_BYTE);

const UNITS = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** `16 KiB`; rounded to one decimal where it does not come out even. */
export const sizeText = (frames: number): string => {
  let [size, unit] = [frames * 4, 0];
  while (size >= 1024 && unit < UNITS.length - 1) {
    size /= 1024;
    unit++;
  }
  return `${Number.isInteger(size) ? size : `≈ ${size.toFixed(1)}`} ${UNITS[unit]}`;
};

/** `0000:03:00.0` without the segment, where that is 0. */
export const shortDevice = (device: string): string => device.replace(/^0000:/, '');
