/** How a program in the guest talks with a test: JSON lines out on /dev/ttyS2, command lines in on its standard input. */
import { openSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Log } from '../../../src/contracts.js';

const line = openSync('/dev/ttyS2', 'w');

/** Leaves at once: what a test has heard of, happened before. */
export function report(fact: Readonly<Record<string, unknown>>): void {
  writeSync(line, `${JSON.stringify(fact)}\n`);
}

/** A command is a word and, after a blank, its JSON value. A command that throws is reported as `refused`. */
export function obey(commands: Readonly<Record<string, (value: never) => void>>): void {
  createInterface({ input: process.stdin }).on('line', (text) => {
    const [word = '', ...rest] = text.split(' ');
    const command = commands[word];
    try {
      if (!command) throw new Error(`no command ${word}`);
      command(JSON.parse(rest.join(' ') || 'null') as never);
      report({ done: word });
    } catch (error) {
      report({ refused: word, why: String(error) });
    }
  });
}

/** The log of a part, as reports. */
export const log: Log = {
  info: (event, facts = {}) => report({ log: 'info', event, ...facts }),
  warn: (event, facts = {}) => report({ log: 'warn', event, ...facts }),
  error: (event, facts = {}) => report({ log: 'error', event, ...facts }),
};
