/** Words that outlive the folder of trust data: the journal's. */

/** `keep` is durable when it returns, and whole or not at all. @throws when nothing can be written. */
export interface Keep {
  kept(name: string): string | undefined;
  keep(name: string, value: string): void;
}

/** What a journal is for this file. */
export interface KeptInTransactions {
  kept(name: string): number | string | undefined;
  transaction(work: (transaction: { keep(name: string, value: string): void }) => void): void;
}

export function keepIn(journal: KeptInTransactions): Keep {
  return {
    kept: (name) => journal.kept(name)?.toString(),
    keep: (name, value) => journal.transaction((transaction) => transaction.keep(name, value)),
  };
}
