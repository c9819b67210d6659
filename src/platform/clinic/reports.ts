/** Reports (MED-06): what is final, shown and printed; what a doctor must tell is not; each as often as the hospital allows. */
import type { DiagnosticReport, Observation } from 'fhir/r4.js';
import type { ReportShown } from '../../messages/clinic.js';
import { CODE, EXTENSION } from '../fhir/names.js';
import type { Operation } from '../services/_service.js';
import { forPatient, no, type PatientVisit, type Refusal } from './operation.js';
import { ifThere } from './retry.js';
import { conceptWords, dayOf, extensionOf, idOf, instantOf, maskedName, textOf, wordsOf } from './values.js';

/** Where the hospital says nothing. */
const PRINTS = 2;
const FINAL: readonly DiagnosticReport['status'][] = ['final', 'amended', 'corrected'];
const LISTED = 40;
const MOST_LINES = 60;

type Line = ReportShown['lines'][number];

const reports = forPatient('reports', async (_asked, visit) => {
  const { fhir, patient } = visit;
  const found = await fhir.search('DiagnosticReport', { patient: `Patient/${patient.id}`, status: FINAL.join(',') });
  const newest = [...found].sort((a, b) => issuedAt(b) - issuedAt(a)).slice(0, LISTED);
  const told = newest.map(async (one) => ({
    id: one.id ?? '',
    what: conceptWords(one.code),
    day: dayOf(issuedAt(one)),
    sensitive: isSensitive(one),
    left: await leftOf(visit, one),
  }));
  return { reports: await Promise.all(told) };
});

const issuedAt = ({ issued, effectiveDateTime }: DiagnosticReport): number => instantOf(issued ?? effectiveDateTime);

/** Restricted or very restricted (v3 Confidentiality). */
const isSensitive = ({ meta }: DiagnosticReport): boolean =>
  meta?.security?.some(({ system, code }) => system === CODE.confidentiality && (code === 'R' || code === 'V')) ?? false;

const mostOf = ({ extension }: DiagnosticReport): number => extensionOf(extension, EXTENSION.printLimit)?.valueInteger ?? PRINTS;

const leftOf = async ({ store }: PatientVisit, report: DiagnosticReport): Promise<number> =>
  Math.max(0, mostOf(report) - (await store.prints(`report/${report.id}`)));

/** A final one of this person that may be shown. */
async function readable({ fhir, patient }: PatientVisit, id: string): Promise<DiagnosticReport | Refusal> {
  const report = await ifThere(fhir.read('DiagnosticReport', id));
  if (report?.subject?.reference !== `Patient/${patient.id}` || !FINAL.includes(report.status)) return no('unknown');
  return isSensitive(report) ? no('sensitive') : report;
}

const report = forPatient('report', async ({ report: id }, visit) => {
  const found = await readable(visit, id);
  if (!('resourceType' in found)) return found;
  const ids = (found.result ?? []).slice(0, MOST_LINES).map(idOf);
  const results = ids.length > 0 ? await visit.fhir.search('Observation', { _id: ids.join(',') }) : [];
  const mine = ids.flatMap(
    (one) => results.find((result) => result.id === one && result.subject?.reference === `Patient/${visit.patient.id}`) ?? [],
  );
  return {
    what: conceptWords(found.code),
    day: dayOf(issuedAt(found)),
    patient: maskedName(visit.patient),
    left: await leftOf(visit, found),
    lines: mine.map(lineOf),
    ...(found.conclusion !== undefined && { conclusion: wordsOf(found.conclusion, found._conclusion, 600) }),
  };
});

function lineOf(result: Observation): Line {
  const range = result.referenceRange?.[0];
  const bounds = range?.text ?? [range?.low?.value, range?.high?.value].filter((one) => one !== undefined).join('–');
  const flag = FLAGS[result.interpretation?.[0]?.coding?.[0]?.code ?? ''];
  return {
    label: conceptWords(result.code),
    value: valueOf(result),
    ...(bounds !== '' && { range: textOf(bounds) }),
    ...(flag && { flag }),
  };
}

const FLAGS: Readonly<Record<string, NonNullable<Line['flag']>>> = {
  H: 'high',
  HH: 'high',
  L: 'low',
  LL: 'low',
  A: 'abnormal',
  AA: 'abnormal',
};

function valueOf({ valueQuantity, valueString, valueCodeableConcept, valueInteger }: Observation): string {
  if (valueQuantity)
    return textOf([valueQuantity.comparator, valueQuantity.value, valueQuantity.unit].filter((one) => one !== undefined).join(' '));
  return textOf(valueString ?? valueCodeableConcept?.text ?? valueInteger?.toString());
}

const print = forPatient('report-print', async ({ report: id }, visit) => {
  const found = await readable(visit, id);
  if (!('resourceType' in found)) return found;
  const counted = await visit.store.notePrint({ id: visit.request, of: `report/${id}`, at: visit.now }, mostOf(found));
  return counted ? { print: visit.request, left: await leftOf(visit, found) } : no('printed-out');
});

const unprinted = forPatient('report-unprinted', async ({ print: id }, visit) => {
  const of = await visit.store.printOf(id);
  const found = of === undefined ? undefined : await readable(visit, of.replace('report/', ''));
  if (!found || !('resourceType' in found)) return no('unknown');
  await visit.store.returnPrint(id);
  return { left: await leftOf(visit, found) };
});

export const reporting: Readonly<Record<string, Operation>> = { reports, report, 'report-print': print, 'report-unprinted': unprinted };
