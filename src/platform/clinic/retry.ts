/** Steps at the hospital that somebody else may cross: read again, and try again, a few times. */
import { FhirError, isFault } from '../fhir/error.js';

const TIMES = 4;

/** `step` reads what it changes; undefined from it: nothing is left to do. A conflict is tried again. @throws FhirError when it never ends */
export async function tried<T>(step: () => Promise<T>): Promise<T> {
  for (let left = TIMES; ; left--) {
    try {
      return await step();
    } catch (error) {
      if (left <= 1 || !isFault(error, 'conflict')) throw error;
    }
  }
}

/** undefined: it is not there. */
export async function ifThere<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof FhirError && error.fault === 'gone') return undefined;
    throw error;
  }
}
