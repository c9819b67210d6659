/** What identifiers and extensions are called between us and a hospital (docs/clinic.md): the county's own, where FHIR and the country have none. Pure. */

/** CDA practice for the number of the resident ID (facts 12.3). */
export const RESIDENT_ID = 'urn:oid:2.16.156.10011.1.3';

/** Numbers that the hospital gives, as people read them off a slip. */
export const NUMBER = {
  card: 'urn:ankang:number:card',
  healthCard: 'urn:ankang:number:health-card',
  queue: 'urn:ankang:number:queue',
  stay: 'urn:ankang:number:stay',
  dispense: 'urn:ankang:number:dispense',
  /** Of the payment, at its provider. */
  receipt: 'urn:ankang:number:receipt',
} as const;

/** What makes one effect of one thing: the key of a conditional create. */
export const KEY = {
  booking: 'urn:ankang:key:booking',
  registration: 'urn:ankang:key:registration',
  checkIn: 'urn:ankang:key:check-in',
  bill: 'urn:ankang:key:bill',
  notice: 'urn:ankang:key:notice',
  claim: 'urn:ankang:key:claim',
  dispense: 'urn:ankang:key:dispense',
  request: 'urn:ankang:key:request',
  admission: 'urn:ankang:key:admission',
  account: 'urn:ankang:key:account',
  consent: 'urn:ankang:key:consent-form',
} as const;

export const EXTENSION = {
  fee: 'urn:ankang:extension:fee',
  deposit: 'urn:ankang:extension:deposit',
  printLimit: 'urn:ankang:extension:print-limit',
  heldBy: 'urn:ankang:extension:held-by',
  /** Of FHIR itself: a text in another language. */
  translation: 'http://hl7.org/fhir/StructureDefinition/translation',
} as const;

export const CODE = {
  category: 'urn:ankang:code:expense-category',
  admission: 'urn:ankang:code:admission',
  relation: 'urn:ankang:code:relation',
  encounter: 'http://terminology.hl7.org/CodeSystem/v3-ActCode',
  confidentiality: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality',
  bed: 'http://terminology.hl7.org/CodeSystem/v2-0116',
  interpretation: 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation',
} as const;
