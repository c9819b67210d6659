/** The configuration file: YAML, one schema; every error names file, line, field and what is wrong, in both languages. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Document, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { ConfigurationError, gatherFaults } from './faults.js';
import { IDENTITY, IDENTITY_FILES, type Identity, name, region } from './identity.js';
import { type Environment, overlaid, overridesIn } from './overrides.js';
import { FORMATS, STATION } from './stations-schema.js';

// Each schema reads a few values once: compiling a function for it takes longer than that.
z.config({ jitless: true });

const path = z.string().min(1);
const ENROLLED = 'enrolled';
const NOT_YET = 'not-enrolled';
const fromTicket = 'with `keys: enrolled` the ticket says it';

export const SCHEMA = z.strictObject({
  terminal: z
    .strictObject({
      id: name.default(NOT_YET).describe(fromTicket),
      region: region.default('000000').describe(fromTicket),
      checkpoint: name.default(NOT_YET).describe(fromTicket),
      mode: z.enum(['production', 'test']).default('production').describe('production refuses TEST roots'),
      phones: z
        .string()
        .regex(/^(http:\/\/)?[A-Za-z0-9.-]{1,128}(:\d{1,5})?$/, '主机名或地址，可加 :端口 · host or address, and :port where it is another')
        .default('ankang.example')
        .describe(
          'host of the county’s page that a phone opens when it scans a code of this terminal; http:// before it: with TEST roots only, for trying without TLS',
        ),
      state: path.describe('folder of the journal and the trust data'),
    })
    .refine(({ mode, phones }) => mode === 'test' || !phones.startsWith('http://'), {
      path: ['phones'],
      message: '生产模式不能用 http:// · not http:// in production',
    }),
  keys: z
    .union([
      z.literal(ENROLLED),
      z.strictObject({
        root: path.describe('root public key, SubjectPublicKeyInfo DER'),
        sign: path.describe('signing key of this terminal, PKCS#8 DER'),
        open: path.optional().describe('key that secrets are sealed to, PKCS#8 DER'),
      }),
    ])
    .describe('enrolled: made on this box and kept in its state folder, once a ticket of the county was scanned'),
  clock: z
    .strictObject({
      source: z.enum(['ntp', 'system', 'none']).default('ntp').describe('system: the operator vouches for the clock of the box'),
      rtc: z.boolean().default(false),
      driftPpm: z.number().min(1).max(1000).default(100),
    })
    .prefault({}),
  crypto: z
    .strictObject({ sm2: z.enum(['wasm', 'openssl']).default('wasm').describe('openssl: turns the fast verifier off') })
    .prefault({}),
  journal: z
    .strictObject({
      whenFails: z.enum(['refuse', 'admit']).default('refuse').describe('what lanes do while nothing can be written'),
      keepDays: z.number().int().min(0).max(3650).default(30).describe('acknowledged entries are kept so long'),
      limitMiB: z.number().int().min(16).max(65_536).default(1024),
    })
    .prefault({}),
  uplink: z
    .strictObject({
      url: z
        .string()
        .regex(/^(mqtts?|wss?):\/\//, '须以 mqtts://、mqtt://、wss:// 或 ws:// 开头 · begins with mqtts://, mqtt://, wss:// or ws://'),
      ca: path.optional(),
      cert: path.optional(),
      key: path.optional(),
    })
    .optional()
    .describe('absent: the terminal works alone and keeps its journal'),
  site: z
    .strictObject({
      group: z
        .string()
        .regex(/^239(\.\d{1,3}){3}$/, '须为 239.x.x.x（RFC 2365） · 239.x.x.x (RFC 2365)')
        .default('239.34.15.25'),
      port: z.number().int().min(1).max(65_535).default(34_152),
      interface: z
        .string()
        .min(1)
        .max(64)
        .optional()
        .describe('name or IPv4 address; absent: the first interface with an address that is not the loopback'),
    })
    .optional()
    .describe('the other lanes of this site, over its LAN: what one admitted the others know; absent: this terminal is alone'),
  page: z.strictObject({ port: z.number().int().min(0).max(65_535).default(8080) }).optional(),
  formats: FORMATS,
  stations: z.array(STATION).min(1),
});

type InFile = z.infer<typeof SCHEMA>;
/** As parts see it: keys are files, whoever made them. */
export type Configuration = Omit<InFile, 'keys'> & { readonly keys: Exclude<InFile['keys'], string> };
export type StationConfiguration = Configuration['stations'][number];
export type DeviceConfiguration = StationConfiguration['devices'][number];

export interface Loaded {
  readonly configuration: Configuration;
  /** `keys: enrolled`: who the ticket made of this box; `awaited`: none has been scanned yet. Absent: the file names the keys. */
  readonly identity?: Identity | 'awaited';
  /** The line that a path of the configuration stands on, for the faults of parts: `fault(['stations', 0, 'scene'], …)`. */
  fault(at: readonly PropertyKey[], zh: string, en: string): string;
  /** A path of the file, relative to the file's folder. */
  resolve(path: string): string;
}

/**
 * `environment`: variables such as `ANKANG__UPLINK__URL` stand above the file.
 * @throws ConfigurationError; and the file system's own error when the file cannot be read.
 */
export function loadConfiguration(file: string, environment: Environment = {}): Loaded {
  const lines = new LineCounter();
  const document = parseDocument(readFileSync(file, 'utf8'), { lineCounter: lines });
  const fault = (at: readonly PropertyKey[], zh: string, en: string): string => {
    const { line, col } = lines.linePos(offsetOf(document, at));
    return `${overrides.get(fieldOf(at)) ?? `${file}:${line}:${col}`} ${fieldOf(at)} ${zh} · ${en}`;
  };
  const overrides = new Map<string, string>();
  if (document.errors.length > 0) {
    throw new ConfigurationError(
      document.errors.map(({ pos, message }) => {
        const { line, col } = lines.linePos(pos[0]);
        return `${file}:${line}:${col} YAML 语法错误 · ${message.split('\n')[0] ?? ''}`;
      }),
    );
  }
  let raw: unknown = document.toJS() ?? {};
  for (const override of overridesIn(environment, SCHEMA)) {
    overrides.set(fieldOf(override.at), override.variable);
    raw = overlaid(raw, override);
  }
  const parsed = parseWith(SCHEMA, raw, [], fault);
  const at = (to: string): string => resolve(dirname(file), to);
  const { keys } = parsed;
  if (keys === ENROLLED) return { ...enrolled(parsed, at(parsed.terminal.state), fault), fault, resolve: at };
  assertNamed(parsed, fault);
  return { configuration: { ...parsed, keys }, fault, resolve: at };
}

/** What a ticket says stands in the file otherwise. */
function assertNamed({ terminal }: InFile, fault: Loaded['fault']): void {
  const faults = gatherFaults();
  for (const [field, value] of [
    ['id', NOT_YET],
    ['region', '000000'],
    ['checkpoint', NOT_YET],
  ] as const)
    if (terminal[field] === value)
      faults.add(fault(['terminal', field], '缺少此项（keys 不是 enrolled 时必填）', 'is needed unless keys: enrolled'));
  faults.check();
}

/** The file with what the ticket said. @throws ConfigurationError where the two differ, Error for a damaged folder */
function enrolled(parsed: InFile, state: string, fault: Loaded['fault']): Pick<Loaded, 'configuration' | 'identity'> {
  const file = (name: keyof typeof IDENTITY_FILES): string => join(state, IDENTITY_FILES.folder, IDENTITY_FILES[name]);
  const keys = { root: file('root'), sign: file('sign'), open: file('open') };
  if (!existsSync(file('identity'))) return { configuration: { ...parsed, keys }, identity: 'awaited' };
  const identity = IDENTITY.parse(JSON.parse(readFileSync(file('identity'), 'utf8')));
  const { terminal, region, checkpoint } = identity;
  const faults = gatherFaults();
  for (const [field, value, none] of [
    ['id', terminal, NOT_YET],
    ['region', region, '000000'],
    ['checkpoint', checkpoint, NOT_YET],
  ] as const) {
    const inFile = parsed.terminal[field];
    if (inFile !== none && inFile !== value)
      faults.add(fault(['terminal', field], `与登记码所说不符：${value}`, `the ticket said ${value}; leave it out`));
  }
  faults.check();
  const uplink = { url: identity.broker, ...parsed.uplink, ca: file('ca'), cert: file('tls'), key: file('tls') };
  const configuration = { ...parsed, terminal: { ...parsed.terminal, id: terminal, region, checkpoint }, keys, uplink };
  return { configuration, identity };
}

/**
 * Checks a part's piece by its own schema; `at` is where the piece stands in the file.
 * @throws ConfigurationError
 */
export function parseWith<T>(schema: z.ZodType<T>, value: unknown, at: readonly PropertyKey[], fault: Loaded['fault']): T {
  const zh = schema.safeParse(value, { error: z.locales.zhCN().localeError });
  if (zh.success) return zh.data;
  const en = schema.safeParse(value, { error: z.locales.en().localeError });
  const english = en.success ? [] : en.error.issues.flatMap(within);
  throw new ConfigurationError(
    zh.error.issues
      .flatMap(within)
      .flatMap((issue, i) => pathsOf(issue).map((path) => fault([...at, ...path], ...inBoth(issue.message, english[i]?.message ?? '')))),
  );
}

/** A schema's own words are one text, `中文 · English`; those of the library come in each language. */
function inBoth(zh: string, en: string): readonly [zh: string, en: string] {
  const [chinese = zh, english] = zh.split(' · ');
  return english === undefined ? [zh, en] : [chinese, english];
}

/** Of alternatives, the one that was meant: whose fields are looked at. */
function within(issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const deeper = issue.errors.find((inner) => inner.some(({ path, code }) => path.length > 0 || code === 'unrecognized_keys'));
  const meant = deeper ?? issue.errors.at(-1) ?? [issue];
  return meant.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
}

/** Each unknown field is reported where it stands, not at the object around them. */
function pathsOf(issue: z.core.$ZodIssue): readonly (readonly PropertyKey[])[] {
  return issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
}

function offsetOf(document: Document, at: readonly PropertyKey[]): number {
  for (let length = at.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(at.slice(0, length), true);
    const range = (node as { range?: readonly number[] | null } | undefined | null)?.range;
    if (range?.[0] !== undefined) return range[0];
  }
  return 0;
}

function fieldOf(at: readonly PropertyKey[]): string {
  return at.map((part, i) => (typeof part === 'number' ? `[${part}]` : `${i === 0 ? '' : '.'}${String(part)}`)).join('');
}
