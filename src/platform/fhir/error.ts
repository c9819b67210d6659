/** What went wrong between us and a FHIR server, as one word that a caller can act on. Nothing of a person is in the message. */
import type { OperationOutcome } from 'fhir/r4.js';

/**
 * `away`: not reached, in trouble, or no answer in time: whether something was done is open; `refused`: asked wrongly or not allowed;
 * `conflict`: somebody else was first, or several things match; `gone`: not there; `unreadable`: the answer is not FHIR, or too much of it.
 */
export type FhirFault = 'away' | 'refused' | 'conflict' | 'gone' | 'unreadable';

export class FhirError extends Error {
  override readonly name = 'FhirError';
  readonly fault: FhirFault;
  /** What the server said, for whoever sets it up: never for a log, it may name somebody. */
  readonly said: readonly string[];

  constructor(fault: FhirFault, what: string, more: { readonly said?: readonly string[]; readonly cause?: unknown } = {}) {
    super(`${fault}: ${what}`, more.cause === undefined ? undefined : { cause: more.cause });
    this.fault = fault;
    this.said = more.said ?? [];
  }
}

export const isFault = (error: unknown, fault: FhirFault): boolean => error instanceof FhirError && error.fault === fault;

const BY_STATUS: Readonly<Record<number, FhirFault>> = {
  404: 'gone',
  408: 'away',
  409: 'conflict',
  410: 'gone',
  412: 'conflict',
  429: 'away',
};

/** undefined: the status is one of success. */
export function faultOf(status: number): FhirFault | undefined {
  if (status >= 200 && status < 300) return undefined;
  if (status >= 500) return 'away';
  return BY_STATUS[status] ?? (status >= 400 ? 'refused' : 'unreadable');
}

const MOST_SAID = 8;
const LONGEST_SAID = 300;

/** Words of an OperationOutcome; none of anything else. */
export function saidBy(body: unknown): readonly string[] {
  const issues = (body as Partial<OperationOutcome> | undefined)?.issue;
  if (!Array.isArray(issues)) return [];
  return issues
    .slice(0, MOST_SAID)
    .map(({ code, details, diagnostics }) => [code, details?.text ?? diagnostics].join(': ').slice(0, LONGEST_SAID));
}
