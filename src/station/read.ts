/** From the bytes of a reading to a credential: the formats are found by listing their folder; the first that claims the bytes answers. */
import { readdirSync } from 'node:fs';
import type { ZodType } from 'zod';
import type { Credential, Format, FormatRefusal, KeyRing, Medium } from '../contracts.js';

/** No code or card of ours is larger; the longest, of a phone, is 1,200 characters. */
export const LARGEST_READING = 4096;

const FOLDER = new URL('../formats/', import.meta.url);

/** By name, in the order in which they are asked. */
export type Formats = ReadonlyMap<string, Format>;

/** A file under src/formats: its format as it is, and, where it can be set, how to make one from settings. */
interface FormatModule {
  readonly default: Format;
  readonly settings?: ZodType;
  readonly configured?: (settings: unknown) => Format;
}

export function formatNames(): readonly string[] {
  return readdirSync(FOLDER)
    .filter((file) => /^[a-z].*\.js$/.test(file))
    .map((file) => file.slice(0, -3))
    .sort();
}

/**
 * All formats; `settings` by format name, `{ mot: { customLength: … }, voucher: { patterns: … } }`.
 * @throws Error for settings of an unknown format or one without any, ZodError for wrong settings.
 */
export async function loadFormats(settings: Readonly<Record<string, unknown>> = {}): Promise<Formats> {
  const names = formatNames();
  const unknown = Object.keys(settings).find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Error(`formats: there is no format ${unknown}`);
  return new Map(await Promise.all(names.map(async (name) => [name, await load(name, settings[name])] as const)));
}

async function load(name: string, settings: unknown): Promise<Format> {
  const module = (await import(new URL(`${name}.js`, FOLDER).href)) as FormatModule;
  if (settings === undefined) return module.default;
  if (!module.settings || !module.configured) throw new Error(`formats: ${name} has no settings`);
  return module.configured(module.settings.parse(settings));
}

export interface Read {
  /** The format that claimed the bytes; undefined: none did. */
  readonly format: string | undefined;
  readonly result: Credential | FormatRefusal;
}

/** What the bytes proved, or why they proved nothing. */
export function readCredential(formats: Formats, bytes: Uint8Array, medium: Medium, keys: KeyRing): Read {
  if (bytes.length === 0 || bytes.length > LARGEST_READING) return { format: undefined, result: { refusal: 'unreadable' } };
  for (const [name, format] of formats) {
    const result = format.media.includes(medium) ? format.read(bytes, keys) : undefined;
    if (result) return { format: name, result };
  }
  return { format: undefined, result: { refusal: 'unknown-format' } };
}
