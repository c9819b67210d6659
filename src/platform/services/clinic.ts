/** Service `clinic` (MED-02 … MED-10): what is asked at a desk of a hospital, put to the hospital's own system over FHIR. Its parts are in ../clinic/. */
import { admissions } from '../clinic/admission.js';
import { cards } from '../clinic/cards.js';
import { payments } from '../clinic/charges.js';
import { checkIns } from '../clinic/check-in.js';
import { choosing } from '../clinic/choosing.js';
import { deposits } from '../clinic/deposit.js';
import { expensing } from '../clinic/expenses.js';
import { pharmacy } from '../clinic/pharmacy.js';
import { registration } from '../clinic/register.js';
import { reporting } from '../clinic/reports.js';
import { settle } from '../clinic/settle.js';
import type { Service } from './_service.js';

export default {
  operations: {
    ...cards,
    ...choosing,
    ...registration,
    ...checkIns,
    ...payments,
    ...reporting,
    ...pharmacy,
    ...admissions,
    ...deposits,
    ...expensing,
  },
  paid: settle,
} satisfies Service;
