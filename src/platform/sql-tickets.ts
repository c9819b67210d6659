/** Tickets of new terminals and the certificates they were given. */
import { all, get, type PartOf, run } from './sql.js';
import type { Ticketed, TicketStore } from './store-tickets.js';

type TicketRow = Omit<Ticketed, 'region'> & { readonly region: number };

const PUT = 'INSERT INTO ticket (id, secret, terminal, checkpoint, site, region, expires) VALUES (?, ?, ?, ?, ?, ?, ?)';
const CERTIFY = 'INSERT INTO certificate VALUES (?, ?, ?, ?, NULL) ON CONFLICT DO NOTHING';

export const tickets: PartOf<TicketStore> = {
  *putTicket({ id, secret, terminal, checkpoint, site, region, expires }) {
    yield* run('DELETE FROM ticket WHERE terminal = ? AND used IS NULL', terminal);
    yield* run(PUT, id, secret, terminal, checkpoint, site, region ? 1 : 0, expires);
  },
  *ticket(id) {
    const row = yield* get<TicketRow>('SELECT * FROM ticket WHERE id = ?', id);
    return row && { ...row, region: row.region === 1 };
  },
  *useTicket(id, by) {
    return (yield* run('UPDATE ticket SET used = ? WHERE id = ? AND used IS NULL', by, id)) > 0;
  },
  *noteCertificate({ serial, terminal, since, until }) {
    yield* run(CERTIFY, serial, terminal, since, until);
  },
  *certificates() {
    return yield* all('SELECT * FROM certificate ORDER BY since, serial');
  },
  *revokeCertificates(terminal, at) {
    yield* run('UPDATE certificate SET revoked = ? WHERE terminal = ? AND revoked IS NULL', at, terminal);
  },
};
