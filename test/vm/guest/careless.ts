/**
 * Writes rows and says so, until the power is cut: `node careless.js write FILE` is plain SQLite with synchronous=NORMAL, which promises
 * more than it keeps; `count FILE` says how many rows are left of it.
 */
import Database from 'better-sqlite3';
import { report } from './words.js';

const [manner = '', file = ''] = process.argv.slice(2);

const db = new Database(file);
db.pragma('journal_mode = WAL');
db.pragma('synchronous = NORMAL');
db.exec('CREATE TABLE IF NOT EXISTS entry (seq INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT');
const count = Number(db.prepare('SELECT count(*) FROM entry').pluck().get());

if (manner === 'count') report({ counted: count });
else if (manner === 'write') write(count);
else throw new Error(`no manner ${manner}`);

function write(from: number): never {
  const insert = db.prepare('INSERT INTO entry VALUES (?, ?)');
  for (let seq = from + 1; ; seq++) {
    insert.run(seq, Buffer.alloc(300, seq & 255));
    report({ acknowledged: seq });
  }
}
