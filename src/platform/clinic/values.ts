/** Between FHIR's values and the contract's: words in two languages, fen, days and times of Asia/Shanghai, numbers that people read. Pure. */

import type { CodeableConcept, Element, Extension, FhirResource, Identifier, Money, Patient, Reference } from 'fhir/r4.js';
import type { Instant, Words } from '../../contracts.js';
import { localTime } from '../../messages/calendar.js';
import { maskedName as nameMasked } from '../../messages/masked.js';
import { FhirError } from '../fhir/error.js';
import { EXTENSION } from '../fhir/names.js';

const DAY = 86_400_000;

// ── words ───────────────────────────────────────────────────────────────────────────────────────────────────────────

export const clipped = (text: string, most: number): string => (text.length <= most ? text : `${text.slice(0, most - 1)}…`);

/** Where the hospital has no English, it is what it has. */
export function wordsOf(text: string | undefined, beside?: Element, most = 60): Words {
  const zh = text?.trim() || '—';
  return { zh: clipped(zh, most), en: clipped(englishOf(beside) ?? zh, most === 60 ? 120 : most * 3) };
}

function englishOf(beside: Element | undefined): string | undefined {
  const translations = beside?.extension?.filter(({ url }) => url === EXTENSION.translation) ?? [];
  const english = translations.find(({ extension = [] }) => extension.some(({ url, valueCode }) => url === 'lang' && valueCode === 'en'));
  return english?.extension?.find(({ url }) => url === 'content')?.valueString;
}

export const conceptWords = (concept: CodeableConcept | undefined): Words =>
  wordsOf(concept?.text ?? concept?.coding?.[0]?.display, concept?._text);

export const referenceWords = (reference: Reference | undefined): Words => wordsOf(reference?.display, reference?._display);

/** What is one text in the contract. */
export const textOf = (text: string | undefined): string => clipped(text?.trim() || '—', 80);

/** 张*山: whose it is, for those who know. undefined: no name is written there. */
export function maskedName({ name = [] }: Patient): string | undefined {
  const [first] = name;
  const whole = [...(first?.text ?? [first?.family, ...(first?.given ?? [])].join('')).trim()];
  return whole.length < 2 ? undefined : clipped(nameMasked(whole.join('')), 80);
}

// ── references and numbers ──────────────────────────────────────────────────────────────────────────────────────────

export const addressOf = ({ resourceType, id }: FhirResource): string => `${resourceType}/${id ?? ''}`;

export const refersTo = (resource: FhirResource): Reference => ({ reference: addressOf(resource) });

/** The one among them that is of this type. */
export const ofType = (references: readonly (Reference | undefined)[], type: string): Reference | undefined =>
  references.find((one) => one?.reference?.startsWith(`${type}/`));

/** The id that a reference names. */
export const idOf = (reference: Reference | undefined): string => reference?.reference?.split('/')[1] ?? '';

interface Numbered {
  readonly id?: string | undefined;
  readonly identifier?: readonly Identifier[] | undefined;
}

export const identifierOf = ({ identifier = [] }: Numbered, system: string): string | undefined =>
  identifier.find((one) => one.system === system)?.value;

/** The number that the hospital gave; without one, its id, as far as it may be read off a slip. */
export const numberOf = (resource: Numbered, system: string): string =>
  (identifierOf(resource, system) ?? resource.id ?? '')
    .replaceAll(/[^A-Za-z0-9-]/g, '')
    .replace(/^(.{33,})$/, (long) => long.replaceAll('-', '').slice(0, 32));

/** For a search, or for If-None-Exist. */
export const token = (system: string, value: string): string => `${system}|${value}`;
export const unless = (system: string, value: string): string => new URLSearchParams({ identifier: token(system, value) }).toString();

// ── money ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** @throws FhirError for what is no amount of yuan in whole fen */
export function fenOf(money: Money | undefined): number {
  const { value, currency = 'CNY' } = money ?? {};
  const fen = Math.round((value ?? Number.NaN) * 100);
  if (currency !== 'CNY' || !Number.isSafeInteger(fen) || Math.abs(fen - (value ?? 0) * 100) > 1e-4)
    throw new FhirError('unreadable', 'an amount that is not yuan and fen');
  return fen;
}

export const moneyOf = (fen: number): Money => ({ value: fen / 100, currency: 'CNY' });

export const extensionOf = (extension: readonly Extension[] | undefined, url: string): Extension | undefined =>
  extension?.find((one) => one.url === url);

/** 0 without one. */
export function extensionFen(extension: readonly Extension[] | undefined, url: string): number {
  const found = extensionOf(extension, url);
  return found ? fenOf(found.valueMoney) : 0;
}

export const sum = (fen: readonly number[]): number => fen.reduce((total, one) => total + one, 0);

// ── time ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** @throws FhirError for what is no time */
export function instantOf(text: string | undefined): Instant {
  const at = Date.parse(text ?? '');
  if (Number.isNaN(at)) throw new FhirError('unreadable', 'a time that is none');
  return at;
}

export const iso = (at: Instant): string => new Date(at).toISOString();
export const dayOf = (at: Instant): string => localTime(at).day;

export function timeOf(at: Instant): string {
  const { minute } = localTime(at);
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
}

/** From 00:00 of a day of Asia/Shanghai on, for `days` days. */
export function spanOf(day: string, days = 1): { readonly from: Instant; readonly until: Instant } {
  const from = Date.parse(`${day}T00:00:00+08:00`);
  return { from, until: from + days * DAY };
}

/** As two values of one search parameter. */
export const within = ({ from, until }: { readonly from: Instant; readonly until: Instant }): readonly string[] => [
  `ge${iso(from)}`,
  `lt${iso(until)}`,
];
