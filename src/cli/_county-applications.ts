/** `ankang county applications | decide`: applications for people who cannot apply alone (ELD-01) and for enterprises' codes (ENT-01), seen and decided by an official. */
import { type Command as Commander, InvalidArgumentError } from 'commander';
import { type At, looking, order, ordering, print } from './_county-order.js';

export function configureApplications(command: Commander): void {
  order(command, 'applications', '代申领与企业码申领，一行一份 JSON · applications for others and for enterprises, one JSON a line').action(
    async ({ county }: At) => {
      const { applications } = await import('../platform/applications.js');
      await looking(county, async (store) => {
        for (const { kind, number, state, record } of await applications(store)) {
          const { at, terminal, subject, facts } = record;
          print({ at: new Date(at).toISOString(), terminal, number, kind, state, by: subject, facts });
        }
      });
    },
  );
  order(command, 'decide', '办结一份申领 · decide an application')
    .argument('<terminal>')
    .argument('<number>', '申领号，如 A1B2-7 · its number')
    .argument('<state>', 'approved | declined', state)
    .action(async (terminal: string, number: string, wanted: 'approved' | 'declined', { county }: At) => {
      const { decide } = await import('../platform/applications.js');
      await ordering(county, async ({ store, keys, now }) => ({
        number,
        state: wanted,
        ...(await decide({ store, keys, terminal, number, state: wanted, now })),
      }));
    });
}

function state(text: string): 'approved' | 'declined' {
  if (text === 'approved' || text === 'declined') return text;
  throw new InvalidArgumentError('须为 approved 或 declined · must be approved or declined');
}
