/** The whole examination: every check in its turn, one failing check never hides another. */
import { broker } from './broker.js';
import { certificates } from './certificates.js';
import { type Box, type Check, found, type Outcome, type Patient, reasonOf } from './check.js';
import { clock } from './clock.js';
import { devices } from './devices.js';
import { disk } from './disk.js';
import { FINDINGS } from './findings.js';
import { gpio } from './gpio.js';
import { journal } from './journal.js';
import { keys } from './keys.js';
import { page } from './page.js';
import { pcsc } from './pcsc.js';
import { power } from './power.js';
import { trust } from './trust.js';

const CHECKS: readonly Check[] = [clock, keys, trust, devices, gpio, pcsc, certificates, broker, disk, journal, power, page];

export interface Examined {
  readonly title: Check['title'];
  readonly outcomes: readonly Outcome[];
}

export async function examine(patient: Patient, box: Box): Promise<readonly Examined[]> {
  const examined: Examined[] = [];
  for (const check of CHECKS) examined.push({ title: check.title, outcomes: await outcomesOf(check, patient, box) });
  return examined;
}

async function outcomesOf(check: Check, patient: Patient, box: Box): Promise<readonly Outcome[]> {
  try {
    return await check.look(patient, box);
  } catch (error) {
    return [found('not-working', reasonOf(error))];
  }
}

/** Nothing was found but advice. */
export function isFit(examined: readonly Examined[]): boolean {
  return examined.every(({ outcomes }) => outcomes.every((outcome) => outcome.state !== 'found' || 'advice' in FINDINGS[outcome.finding]));
}
