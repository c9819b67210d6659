/** The tables of the county's store, as they grew, in the words of SQLite; postgres.ts says them in its own. */

/** Numbered; a new one is appended, an old one never changed. */
export const MIGRATIONS: readonly string[] = [
  `
  -- entry holds the gap-free part of each journal only, so its chain is whole by construction; ahead waits for its turn.
  CREATE TABLE journal (id INTEGER PRIMARY KEY, terminal TEXT NOT NULL, journal TEXT NOT NULL, seq INTEGER NOT NULL, hash BLOB NOT NULL,
    UNIQUE (terminal, journal)) STRICT;
  CREATE TABLE entry (journal INTEGER NOT NULL REFERENCES journal, seq INTEGER NOT NULL, earliest INTEGER NOT NULL, latest INTEGER,
    kind TEXT NOT NULL, public TEXT NOT NULL, seal BLOB, prev BLOB NOT NULL, hash BLOB NOT NULL, received INTEGER NOT NULL,
    PRIMARY KEY (journal, seq)) STRICT, WITHOUT ROWID;
  CREATE TABLE ahead (journal INTEGER NOT NULL REFERENCES journal, seq INTEGER NOT NULL, hash BLOB NOT NULL, entry TEXT NOT NULL, received INTEGER NOT NULL,
    PRIMARY KEY (journal, seq, hash)) STRICT, WITHOUT ROWID;
  CREATE TABLE fork (journal INTEGER NOT NULL REFERENCES journal, seq INTEGER NOT NULL, hash BLOB NOT NULL, entry TEXT NOT NULL, received INTEGER NOT NULL,
    PRIMARY KEY (journal, seq, hash)) STRICT, WITHOUT ROWID;
  CREATE TABLE tally (day TEXT NOT NULL, scene TEXT NOT NULL, checkpoint TEXT NOT NULL, refusal TEXT NOT NULL, unsure INTEGER NOT NULL,
    readings INTEGER NOT NULL, presented INTEGER NOT NULL, verified INTEGER NOT NULL,
    PRIMARY KEY (day, scene, checkpoint, refusal, unsure)) STRICT, WITHOUT ROWID;

  CREATE TABLE terminal (id TEXT PRIMARY KEY, checkpoint TEXT NOT NULL, site TEXT NOT NULL, sign BLOB NOT NULL, open BLOB NOT NULL,
    region INTEGER NOT NULL, struck INTEGER NOT NULL) STRICT;
  CREATE TABLE state (terminal TEXT PRIMARY KEY, at INTEGER NOT NULL, state TEXT NOT NULL) STRICT;
  CREATE TABLE alarm (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, terminal TEXT NOT NULL, kind TEXT NOT NULL, facts TEXT NOT NULL) STRICT;
  CREATE TABLE rejected (terminal TEXT NOT NULL, reason TEXT NOT NULL, count INTEGER NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (terminal, reason)) STRICT, WITHOUT ROWID;

  CREATE TABLE holder (subject TEXT PRIMARY KEY, since INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE key (name TEXT PRIMARY KEY, kid BLOB NOT NULL, spki BLOB NOT NULL, region TEXT, types TEXT NOT NULL,
    valid_from INTEGER NOT NULL, valid_until INTEGER NOT NULL, revoked INTEGER) STRICT;
  CREATE TABLE list (name TEXT PRIMARY KEY, revision INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE member (list TEXT NOT NULL REFERENCES list, token BLOB NOT NULL, PRIMARY KEY (list, token)) STRICT, WITHOUT ROWID;
  CREATE TABLE data (name TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
  CREATE TABLE rule (scene TEXT PRIMARY KEY, rule TEXT NOT NULL) STRICT;
  CREATE TABLE epoch (of TEXT PRIMARY KEY, epoch INTEGER NOT NULL) STRICT;
  INSERT INTO epoch VALUES ('site', 0), ('list', 0);
  CREATE TABLE manifest (seq INTEGER PRIMARY KEY, issued INTEGER NOT NULL, expires INTEGER NOT NULL, bytes BLOB NOT NULL, content BLOB NOT NULL) STRICT;
  CREATE TABLE datum (name TEXT NOT NULL, version INTEGER NOT NULL, bytes BLOB NOT NULL, "from" INTEGER, delta BLOB, epoch INTEGER NOT NULL, revision INTEGER NOT NULL,
    PRIMARY KEY (name, version)) STRICT;
  CREATE TABLE sent (name TEXT NOT NULL, version INTEGER NOT NULL, parts INTEGER NOT NULL, "from" INTEGER, "deltaParts" INTEGER NOT NULL,
    PRIMARY KEY (name, version)) STRICT;
  CREATE TABLE secrets (terminal TEXT PRIMARY KEY, bytes BLOB NOT NULL, content BLOB NOT NULL) STRICT;
  `,
  `
  CREATE TABLE answer (terminal TEXT NOT NULL, id BLOB NOT NULL, effect BLOB NOT NULL, status TEXT NOT NULL, body BLOB NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (terminal, id)) STRICT, WITHOUT ROWID;
  CREATE INDEX answer_at ON answer (at);
  -- sent_at null: not signed yet. The last row of a terminal stays for its counter.
  CREATE TABLE command (terminal TEXT NOT NULL, counter INTEGER NOT NULL, station TEXT NOT NULL, "order" TEXT NOT NULL, at INTEGER NOT NULL,
    until INTEGER NOT NULL, sent_at INTEGER, PRIMARY KEY (terminal, counter)) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE ticket (id BLOB PRIMARY KEY, secret BLOB NOT NULL, terminal TEXT NOT NULL, checkpoint TEXT NOT NULL, site TEXT NOT NULL,
    region INTEGER NOT NULL, expires INTEGER NOT NULL, used BLOB) STRICT, WITHOUT ROWID;
  CREATE TABLE certificate (serial TEXT PRIMARY KEY, terminal TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER NOT NULL,
    revoked INTEGER) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE record (terminal TEXT NOT NULL, journal TEXT NOT NULL, seq INTEGER NOT NULL, kind TEXT NOT NULL, at INTEGER NOT NULL, subject TEXT,
    facts TEXT NOT NULL, personal TEXT, PRIMARY KEY (terminal, journal, seq)) STRICT, WITHOUT ROWID;
  CREATE INDEX record_kind ON record (kind, subject, at);
  CREATE TABLE registered (terminal TEXT NOT NULL, journal TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (terminal, journal)) STRICT, WITHOUT ROWID;
  `,
  `
  -- field '': the kind itself; scene '': every scene. Terminals of before may go on asking what they could ask.
  CREATE TABLE granted (terminal TEXT NOT NULL, kind TEXT NOT NULL, scene TEXT NOT NULL, field TEXT NOT NULL,
    PRIMARY KEY (terminal, kind, scene, field)) STRICT, WITHOUT ROWID;
  INSERT INTO granted SELECT id, kind, '', '' FROM terminal,
    (SELECT 'credential/resolve' AS kind UNION ALL SELECT 'command/state' UNION ALL SELECT 'pharmacy/bought') AS asked;
  CREATE TABLE audit (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, terminal TEXT NOT NULL, kind TEXT NOT NULL, facts TEXT NOT NULL) STRICT;
  `,
  `
  CREATE TABLE person (subject TEXT PRIMARY KEY, fields TEXT NOT NULL) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE stay (id INTEGER PRIMARY KEY, terminal TEXT NOT NULL, stay TEXT NOT NULL, guests INTEGER NOT NULL, at INTEGER NOT NULL,
    UNIQUE (terminal, stay)) STRICT;
  `,
  `
  CREATE TABLE carrier (id TEXT PRIMARY KEY, subject TEXT NOT NULL, kind TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER NOT NULL,
    terminal TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE INDEX carrier_subject ON carrier (subject);
  CREATE TABLE decision (terminal TEXT NOT NULL, number TEXT NOT NULL, state TEXT NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (terminal, number)) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE enterprise (credit_code TEXT PRIMARY KEY, known TEXT NOT NULL) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE operator (id TEXT PRIMARY KEY, name TEXT NOT NULL, checkpoints TEXT NOT NULL) STRICT, WITHOUT ROWID;
  -- batch null: in none yet.
  CREATE TABLE ride (id TEXT PRIMARY KEY, operator TEXT NOT NULL, fare INTEGER NOT NULL, ride TEXT NOT NULL, batch INTEGER) STRICT;
  CREATE INDEX ride_batch ON ride (operator, batch);
  CREATE TABLE settled (terminal TEXT NOT NULL, journal TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (terminal, journal)) STRICT, WITHOUT ROWID;
  CREATE TABLE settlement (operator TEXT NOT NULL, number INTEGER NOT NULL, bytes BLOB NOT NULL, sm3 TEXT NOT NULL, confirmed INTEGER,
    PRIMARY KEY (operator, number)) STRICT, WITHOUT ROWID;
  `,
  `
  -- A bill of a reference that is not void; an attempt of a bill that takes or took its money: one of each, whatever the program does.
  CREATE TABLE bill (number TEXT PRIMARY KEY, service TEXT NOT NULL, reference TEXT NOT NULL, amount INTEGER NOT NULL CHECK (amount > 0), subject TEXT,
    terminal TEXT NOT NULL, what TEXT NOT NULL, void INTEGER NOT NULL, opened INTEGER NOT NULL, told INTEGER) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX bill_reference ON bill (service, reference) WHERE void = 0;
  CREATE TABLE attempt (id TEXT NOT NULL, bill TEXT NOT NULL REFERENCES bill, "order" TEXT NOT NULL, state TEXT NOT NULL, reason TEXT, receipt TEXT,
    since INTEGER NOT NULL, PRIMARY KEY (bill, id)) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX attempt_order ON attempt ("order") WHERE "order" <> '';
  CREATE UNIQUE INDEX attempt_live ON attempt (bill) WHERE state IN ('charging', 'paid');
  CREATE INDEX attempt_unsettled ON attempt (since) WHERE state IN ('charging', 'refunding');
  `,
  `
  -- What a terminal printed of what may be printed so often only; returned 1: the printer failed.
  CREATE TABLE print (id TEXT PRIMARY KEY, of TEXT NOT NULL, at INTEGER NOT NULL, returned INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE INDEX print_of ON print (of) WHERE returned = 0;
  `,
  `
  -- An application's entry becomes one case, whenever and however often it comes.
  CREATE TABLE affair_case (number TEXT PRIMARY KEY, token TEXT NOT NULL, terminal TEXT NOT NULL, journal TEXT NOT NULL, seq INTEGER NOT NULL,
    item TEXT NOT NULL, name TEXT NOT NULL, subject TEXT, at INTEGER NOT NULL, state TEXT NOT NULL, since INTEGER NOT NULL, note TEXT,
    UNIQUE (terminal, journal, seq)) STRICT, WITHOUT ROWID;
  CREATE INDEX affair_case_subject ON affair_case (subject, at);
  CREATE TABLE affair_step (number TEXT NOT NULL REFERENCES affair_case, step INTEGER NOT NULL, at INTEGER NOT NULL, state TEXT NOT NULL, note TEXT,
    PRIMARY KEY (number, step)) STRICT, WITHOUT ROWID;
  CREATE TABLE simulated_fault (service TEXT PRIMARY KEY, fault TEXT NOT NULL) STRICT, WITHOUT ROWID;
  `,
  `
  -- Stores of before had these two in other words, which queries would not find.
  DROP INDEX bill_reference;
  CREATE UNIQUE INDEX bill_reference ON bill (service, reference) WHERE void = 0;
  DROP INDEX print_of;
  CREATE INDEX print_of ON print (of) WHERE returned = 0;
  -- Whose phone is this? Some stores have an index of this name that is over fields.
  DROP INDEX IF EXISTS person_phone;
  ALTER TABLE person ADD COLUMN phone TEXT;
  UPDATE person SET phone = json_extract(fields, '$.phone');
  CREATE INDEX person_phone ON person (phone);
  -- number: the order in which rides were settled, which is the order of the batches.
  CREATE TABLE settled_ride (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, operator TEXT NOT NULL, fare INTEGER NOT NULL, ride TEXT NOT NULL,
    batch INTEGER) STRICT;
  INSERT INTO settled_ride (id, operator, fare, ride, batch) SELECT id, operator, fare, ride, batch FROM ride;
  DROP TABLE ride;
  ALTER TABLE settled_ride RENAME TO ride;
  CREATE INDEX ride_batch ON ride (operator, batch);
  `,
  `
  -- worker: who counted it. Workers that added to one row would wait for each other's commits.
  ALTER TABLE tally RENAME TO tally_of_all;
  CREATE TABLE tally (day TEXT NOT NULL, scene TEXT NOT NULL, checkpoint TEXT NOT NULL, refusal TEXT NOT NULL, unsure INTEGER NOT NULL,
    worker INTEGER NOT NULL, readings INTEGER NOT NULL, presented INTEGER NOT NULL, verified INTEGER NOT NULL,
    PRIMARY KEY (day, scene, checkpoint, refusal, unsure, worker)) STRICT, WITHOUT ROWID;
  INSERT INTO tally SELECT day, scene, checkpoint, refusal, unsure, 0, readings, presented, verified FROM tally_of_all;
  DROP TABLE tally_of_all;
  `,
  `
  CREATE TABLE checkpoint (name TEXT PRIMARY KEY, township TEXT NOT NULL, title TEXT NOT NULL) STRICT, WITHOUT ROWID;
  `,
  `
  -- A visit of a phone's page is one record, however often it is sent; sent_at null: the terminal was not told yet.
  CREATE TABLE phone_visit (id BLOB PRIMARY KEY, code BLOB UNIQUE, terminal TEXT NOT NULL, seq INTEGER NOT NULL UNIQUE, at INTEGER NOT NULL,
    subject TEXT NOT NULL, notice TEXT NOT NULL, sent_at INTEGER) STRICT, WITHOUT ROWID;
  CREATE INDEX phone_visit_due ON phone_visit (at) WHERE sent_at IS NULL;
  `,
];
