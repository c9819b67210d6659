/** Medical-insurance vouchers, e-health cards and hospitals' own cards: opaque tokens, recognised by patterns that the county configures (wire.md 1.4). */
import { z } from 'zod';
import type { Format } from '../contracts.js';
import { asciiOf } from './_text.js';

/** Characters by name instead of regular expressions: a pattern can be wrong, but never slow. */
const CHARACTERS = {
  digits: /^\d*$/,
  hex: /^[0-9a-fA-F]*$/,
  alphanumeric: /^[0-9A-Za-z]*$/,
  printable: /^[\x20-\x7e]*$/,
} as const;

const pattern = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,31}$/)
    .describe('stands in the entry: medical-insurance, e-health-card, hospital-card'),
  prefix: z.string().max(64).default(''),
  characters: z.enum(['digits', 'hex', 'alphanumeric', 'printable']).describe('of what follows the prefix'),
  shortest: z.int().min(8).max(1200).describe('characters of the whole text'),
  longest: z.int().min(8).max(1200),
});

/** Facts 12.1: no public text says how these codes look, so nothing is recognised until a county says it. */
export const settings = z.strictObject({
  patterns: z.array(pattern).max(16).default([]).describe('what is recognised is resolved at the platform, by credential/resolve'),
});
export type VoucherSettings = z.output<typeof settings>;

export function configured({ patterns }: VoucherSettings): Format {
  return {
    kind: 'person',
    media: ['code'],
    read(bytes) {
      const text = patterns.length > 0 ? asciiOf(bytes) : undefined;
      const match = text === undefined ? undefined : patterns.find((one) => fits(text, one));
      return match && { refusal: 'needs-network', note: match.name };
    },
  };
}

function fits(text: string, { prefix, characters, shortest, longest }: VoucherSettings['patterns'][number]): boolean {
  if (text.length < shortest || text.length > longest || !text.startsWith(prefix)) return false;
  return CHARACTERS[characters].test(text.slice(prefix.length));
}

export default configured({ patterns: [] }) satisfies Format;
