/** Log lines that thin out as a count grows: a flood of forgeries must not fill the disk. Pure. */

/** 1, 2, 4, 8… */
export const powerOfTwo = (count: number): boolean => (count & (count - 1)) === 0;
