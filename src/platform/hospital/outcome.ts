/** How the reference hospital says no: an HTTP status and an OperationOutcome. */
import type { OperationOutcome, OperationOutcomeIssue } from 'fhir/r4.js';

export class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: number;
  readonly code: OperationOutcomeIssue['code'];

  constructor(status: number, code: OperationOutcomeIssue['code'], what: string) {
    super(what);
    this.status = status;
    this.code = code;
  }
}

export const outcomeOf = ({ code, message }: Refused): OperationOutcome => ({
  resourceType: 'OperationOutcome',
  issue: [{ severity: 'error', code, diagnostics: message }],
});
