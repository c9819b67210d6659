/** Tickets of new terminals and the certificates they were given, in SQLite. */
import type Database from 'better-sqlite3';
import type { Certificate, Ticketed, TicketStore } from './store-tickets.js';

type TicketRow = Omit<Ticketed, 'region'> & { readonly region: number };

export function ticketsOf(db: Database.Database): TicketStore {
  const put = db.prepare<[Uint8Array, Uint8Array, string, string, string, number, number]>(
    'INSERT INTO ticket (id, secret, terminal, checkpoint, site, region, expires) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const withdraw = db.prepare<[string]>('DELETE FROM ticket WHERE terminal = ? AND used IS NULL');
  const get = db.prepare<[Uint8Array], TicketRow>('SELECT * FROM ticket WHERE id = ?');
  const use = db.prepare<[Uint8Array, Uint8Array]>('UPDATE ticket SET used = ? WHERE id = ? AND used IS NULL');
  const certify = db.prepare<[string, string, number, number]>('INSERT OR IGNORE INTO certificate VALUES (?, ?, ?, ?, NULL)');
  const certificates = db.prepare<[], Certificate>('SELECT * FROM certificate ORDER BY since, serial');
  const revoke = db.prepare<[number, string]>('UPDATE certificate SET revoked = ? WHERE terminal = ? AND revoked IS NULL');
  const putTicket = db.transaction((ticket: Ticketed) => {
    const { id, secret, terminal, checkpoint, site, region, expires } = ticket;
    withdraw.run(terminal);
    put.run(id, secret, terminal, checkpoint, site, region ? 1 : 0, expires);
  });
  return {
    putTicket: async (ticket) => putTicket.immediate(ticket),
    ticket: async (id) => {
      const row = get.get(id);
      return row && { ...row, region: row.region === 1 };
    },
    useTicket: async (id, by) => use.run(by, id).changes > 0,
    noteCertificate: async ({ serial, terminal, since, until }) => void certify.run(serial, terminal, since, until),
    certificates: async () => certificates.all(),
    revokeCertificates: async (terminal, at) => void revoke.run(at, terminal),
  };
}
