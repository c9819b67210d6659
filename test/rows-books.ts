/** What the demo's county and hospital have written down, asked from beside them. */
import { join } from 'node:path';
import type { FhirResource, PaymentReconciliation, Slot } from 'fhir/r4.js';
import { openResources } from '../src/platform/hospital/resources.js';
import { openKeys } from '../src/platform/keys.js';
import { syntheticResident } from '../src/platform/residents.js';
import { openStore } from '../src/platform/sqlite.js';
import type { Books } from './rows-play.js';

/** The demo's resident with a card and no phone. */
const ELDER = 5;
const HALF_HOUR = 30 * 60_000;
const SOON_MS = 180_000;

export interface OpenBooks extends Books {
  /** As a window would: the next time at the emergency is nobody's, so that somebody may register and check in now. */
  freeNextSlot(now: number): void;
  /** Number and fen of each bill that is paid: as the county has it, and as the hospital was told. */
  money(): Promise<{ readonly county: readonly Paid[]; readonly hospital: readonly Paid[] }>;
  close(): Promise<void>;
}

type Paid = readonly [number: string, fen: number];
const byNumber = (paid: readonly Paid[]): readonly Paid[] => [...paid].sort(([a], [b]) => a.localeCompare(b));

export async function openBooks(folder: string): Promise<OpenBooks> {
  const county = join(folder, 'county');
  const store = openStore(join(county, 'county.sqlite'));
  const hospital = openResources(join(county, 'hospital.sqlite'), () => Date.now());
  const elder = await syntheticResident(openKeys(county), ELDER);
  const all = <R extends FhirResource>(type: R['resourceType']): readonly R[] =>
    hospital.find(type, []).flatMap((id) => (hospital.get(type, id) as R | undefined) ?? []);
  return {
    store,
    records: async (kind) => (await store.recorded({ kind })).length,
    presented: async (scene) => sum((await store.tallies()).flatMap((one) => (one.scene === scene ? [one.presented] : []))),
    paid: async (service) =>
      (await store.bills()).filter((bill) => bill.service === service && bill.state === 'paid' && bill.told !== null).length,
    audited: async (kind, scene) =>
      (await store.audit(1000)).filter((one) => one.kind === kind && (scene === undefined || one.facts['scene'] === scene)).length,
    carried: async (kind) => (await store.carriers(elder.subject)).filter((one) => one.kind === kind).length,
    hospital: all,
    freeNextSlot(now) {
      for (const slot of all<Slot>('Slot').filter(({ id }) => id?.startsWith('emergency-'))) {
        const ahead = Date.parse(slot.start) - now;
        // One that begins in a moment is nobody's to choose; what begins after it is.
        if (ahead > 0 && ahead <= SOON_MS + HALF_HOUR) hospital.put({ ...slot, status: ahead <= SOON_MS ? 'busy' : 'free' });
      }
    },
    money: async () => ({
      county: byNumber((await store.bills()).flatMap(({ number, amount, state }) => (state === 'paid' ? [[number, amount] as const] : []))),
      hospital: byNumber(
        all<PaymentReconciliation>('PaymentReconciliation').map(
          ({ identifier, paymentAmount }) => [identifier?.[0]?.value ?? '', Math.round((paymentAmount.value ?? 0) * 100)] as const,
        ),
      ),
    }),
    async close() {
      await store.close();
      hospital.close();
    },
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
