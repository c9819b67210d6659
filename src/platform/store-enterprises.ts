/** The enterprises that the county knows, as its registers have them (ENT-01 to ENT-06). */
import type { z } from 'zod';
import type { Words } from '../contracts.js';
import type { CREDIT_RECORD, Found } from '../messages/enterprise.js';

export interface EnterpriseLicence {
  readonly id: string;
  readonly name: Words;
  /** YYYY-MM-DD */
  readonly until?: string;
  readonly lines: readonly { readonly label: Words; readonly value: string }[];
}

export interface KnownEnterprise extends Found {
  readonly contact?: string;
  /** Pseudonyms: of the legal representative, and of those who may act for it. */
  readonly representative: string;
  readonly agents: readonly string[];
  readonly credit: z.infer<typeof CREDIT_RECORD>;
  readonly licences: readonly EnterpriseLicence[];
}

export interface EnterpriseStore {
  /** Replaces what was known of this credit code. */
  putEnterprise(enterprise: KnownEnterprise): Promise<void>;
  enterprise(creditCode: string): Promise<KnownEnterprise | undefined>;
}
