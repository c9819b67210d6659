/**
 * Every shape the parts of a terminal agree on. It imports types only and holds no behaviour: read it first.
 *
 *   wire ─port→ Link ─driver→ Reading ─format→ Credential ─admission→ scene → Verdict → journal → gate, lamp, voice
 */
import type { ZodType } from 'zod';

// ── time ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Milliseconds since 1970, UTC. */
export type Instant = number;

/** What the terminal knows of the time: it is not before `earliest` and not after `latest` (Infinity: nothing known). */
export interface Moment {
  readonly earliest: Instant;
  readonly latest: Instant;
}

/** Where a part gets the time from; nobody else reads a clock. `monotonic` is in ms from an arbitrary start. */
export interface Clock {
  now(): Moment;
  monotonic(): number;
}

// ── readings and credentials ────────────────────────────────────────────────────────────────────────────────────────

export type Medium = 'code' | 'card';
export type Direction = 'in' | 'out';

/** The bytes a device produced, stamped on arrival; `monotonic` (ms) is the arrival of the last byte. */
export interface Reading {
  readonly station: string;
  readonly device: string;
  readonly direction: Direction;
  readonly at: Moment;
  readonly monotonic: number;
  readonly medium: Medium;
  readonly bytes: Uint8Array;
}

/**
 * Keys of the CBOR map that a reading of medium `card` is. A reader gives `class` ("ssc": social security card), `idNumber`,
 * `number`, `code` (32 digits of hex) and `validUntil` (YYYYMMDD), of which only class and code are always there; at the
 * station the ID number gives way to `subject` and `epoch` before anyone else sees the reading.
 */
export const CARD_KEY = { class: 1, idNumber: 2, number: 3, code: 4, validUntil: 5, subject: 6, epoch: 7 } as const;

export type Kind = 'person' | 'enterprise' | 'venue';

/** wire.md 1.1, claim -65602: the index is the number on the wire. */
export const COLOURS = ['unknown', 'green', 'yellow', 'red', 'grey'] as const;
export type Colour = (typeof COLOURS)[number];

/**
 * How a credential was carried. Screen codes, moments and transit codes are single-use at a lane; the others are not. A certificate
 * alone proves a phone's key and not who holds it up: it is for nowhere.
 */
export type Form = 'screen' | 'paper' | 'certificate' | 'moment' | 'transit' | 'card' | 'enterprise' | 'venue';

/** What a reading proved once its signature held. Valid while validFrom ≤ now < validUntil. */
export interface Credential {
  readonly kind: Kind;
  /** Name of the format that read it: the file under src/formats without its ending. */
  readonly format: string;
  readonly form: Form;
  /** A person's pseudonym (22 characters of base64url = 16 bytes), a credit code, or a checkpoint; never an ID number. */
  readonly subject: string;
  /** Lower-case hex of what a revocation list names (8 bytes), or '' where the format has none. */
  readonly codeId: string;
  readonly validFrom: Instant;
  readonly validUntil: Instant;
  /** When the key that signed it is revoked; Infinity: never. */
  readonly revokedAt: Instant;
  /** What the code itself says; a status list overrides it. */
  readonly colour: Colour;
  /** SM3 of the signed bytes (wire.md 2, replay); absent: may be shown again. */
  readonly replayId?: Uint8Array;
  readonly claims: Readonly<Record<string, unknown>>;
}

// ── refusals ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** wire.md 2: numbered from 101 in this order. */
export const REFUSALS = [
  'unreadable',
  'unknown-format',
  'unknown-issuer',
  'forged',
  'trust-stale',
  'not-for-here',
  'not-yet-valid',
  'expired',
  'clock-uncertain',
  'revoked',
  'needs-network',
  'colour',
  'already-used',
  'not-entitled',
  'occupied',
  'out-of-order',
] as const;
export type Refusal = (typeof REFUSALS)[number];

/** A plain JSON value; integers only where it goes into a journal entry. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type Facts = Readonly<Record<string, Json>>;

/** Why a format would not make a credential of bytes that it recognised as its own. `note`: a word for the visitor's page. */
export interface FormatRefusal {
  readonly refusal: Refusal;
  readonly note?: string;
}

/** `note` is what the scene adds to the public entry: fare, stop, group… never a person. */
export type Verdict =
  | { readonly admit: true; readonly credential: Credential; readonly colour: Colour; readonly note?: Facts }
  | { readonly admit: false; readonly refusal: Refusal; readonly credential?: Credential; readonly note?: Facts };

/** What the gate saw after a release. `unobserved`: the gate has no sensor. */
export type Passage = 'passed' | 'not-taken' | 'forced' | 'tailgate' | 'held-open' | 'unobserved' | 'fault';

// ── trust ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** One key of the manifest (wire.md 3). `point` is x‖y, 64 bytes, proved to be on the curve. Times in ms. */
export interface SignerKey {
  readonly kid: Uint8Array;
  readonly point: Uint8Array;
  readonly region: string | undefined;
  readonly types: readonly string[];
  readonly validFrom: Instant;
  readonly validUntil: Instant;
  readonly revokedAt: Instant;
}

export type TransitSystem = 'mot' | 'unionpay';

/** A transit authority's key; `epoch` in seconds is added to the code's own times (absent: the system's own). */
export interface TransitKey {
  readonly system: TransitSystem;
  readonly type: number | undefined;
  readonly index: number;
  readonly point: Uint8Array;
  readonly validUntil: Instant;
  readonly epoch: number | undefined;
}

/** All that a format may know of keys; pure to its caller, so that formats import no crypto. */
export interface KeyRing {
  signer(kid: Uint8Array): SignerKey | undefined;
  transit(system: TransitSystem, index: number): readonly TransitKey[];
  /** x‖y of a compressed (33 bytes) or plain (64 bytes) point; undefined when it is not on the SM2 curve. */
  point(encoded: Uint8Array): Uint8Array | undefined;
  /** SM2 with SM3 and the default ID; signature raw r‖s. `kept`: a key of the manifest; `once`: a phone's, seen for a moment. */
  verify(point: Uint8Array, message: Uint8Array, signature: Uint8Array, use: 'kept' | 'once'): boolean;
  sm3(...parts: readonly Uint8Array[]): Uint8Array;
  /** Runs `check` once for these bytes and remembers its answer (bounded) as long as this ring lives. */
  once<T>(bytes: Uint8Array, check: () => T): T;
}

/** Status lists as of the manifest in force. A list that is not there has no entries and `known` is false. */
export interface Lists {
  known(list: string): boolean;
  /** `token`: the 16 bytes of a subject, 8 bytes of a code's id, or 16 bytes made from several by `pair`. */
  listed(list: string, token: Uint8Array): boolean;
}

/** wire.md 3 `rule`; ages in seconds. */
export interface Rule {
  readonly colours?: readonly Colour[] | undefined;
  readonly maxAgeKeys?: number | undefined;
  readonly maxAgeLists?: number | undefined;
  readonly stale?: 'admit' | 'flag' | 'refuse' | undefined;
}

/** One consistent set of keys, lists, rules and data. Swapped whole, never changed: hold it for one decision only. */
export interface Trust {
  readonly seq: number;
  readonly region: string;
  readonly issued: Instant;
  readonly expires: Instant;
  /** The oldest `asOf` among the lists of the manifest; `issued` when it names none. */
  readonly listsAsOf: Instant;
  readonly keys: KeyRing;
  readonly lists: Lists;
  readonly rules: Readonly<Record<string, Rule>>;
  readonly minVersion: string | undefined;
  /** The platform's key that entries are sealed to; undefined: nothing personal can be kept, and nothing is. */
  readonly sealTo: SignerKey | undefined;
  /** Signed data by name (`fares`, `terminals`…), decoded; undefined when the manifest names none. */
  data(name: string): unknown;
}

// ── formats and scenes ──────────────────────────────────────────────────────────────────────────────────────────────

/** One file in src/formats: bytes and keys in, credential or refusal out. Pure; never throws. undefined: not mine. */
export interface Format {
  /** Whose code or card it is when it is one of this format, also before anything of it is believed. */
  readonly kind: Kind;
  readonly media: readonly Medium[];
  read(bytes: Uint8Array, keys: KeyRing): Credential | FormatRefusal | undefined;
}

/** Words for people: Chinese first, English complete. */
export interface Words {
  readonly zh: string;
  readonly en: string;
}

/** What a scene knows when it judges a credential that admission let through. Pure data and pure functions only. */
export interface Situation {
  readonly station: string;
  readonly direction: Direction;
  readonly at: Moment;
  /** Local calendar of Asia/Shanghai at `at.earliest`: day 'YYYY-MM-DD', weekday 1 Monday … 7 Sunday, minute of the day. */
  readonly local: { readonly day: string; readonly weekday: number; readonly minute: number };
  readonly colour: Colour;
  /** Trust is older than the scene's rule allows, and the rule says to go on. */
  readonly stale: boolean;
  /** Is this subject on the list? With a second subject: is the ordered pair of the two on it (guardian, pupil)? */
  listed(list: string, subject: string, second?: string): boolean;
  /** What this scene kept of this subject at this checkpoint since 04:00. */
  readonly memory: Json | undefined;
  /** People inside, as counted by passages. */
  readonly inside: number;
  /** Who was admitted before at this station within the last 60 s (held in memory only). */
  readonly previous: { readonly subject: string; readonly agoMs: number } | undefined;
  /** The stop or place the vehicle is at, where a source for it exists. */
  readonly stop: string | undefined;
  /** True when the driver repeats the last reading for one more rider. */
  readonly repeat: boolean;
  data(name: string): unknown;
}

/**
 * What a scene decides. `memory` is kept with the verdict, in its transaction; `passed` only when the gate saw the person
 * go through: its memory replaces the subject's, its `inside` is added to the count of people inside.
 */
export type Judgement =
  | {
      readonly admit: true;
      readonly note?: Facts;
      readonly memory?: Json;
      readonly passed?: { readonly memory?: Json; readonly inside?: number };
    }
  | { readonly admit: false; readonly refusal: Refusal; readonly note?: Facts };

/** One business use of the code: one file in src/scenes. */
export interface Scene<S = unknown> {
  readonly accepts: readonly Kind[];
  /** Formats the scene takes; absent: every format of the accepted kinds except transit codes. */
  readonly formats?: readonly string[];
  readonly settings: ZodType<S>;
  readonly title: Words;
  readonly words: Readonly<Record<string, Words>>;
  judge(credential: Credential, situation: Situation, settings: S): Judgement;
}

// ── desks ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** One of several things to choose from; `detail`: a second, smaller line. */
export interface Choice {
  readonly id: string;
  readonly label: Words;
  readonly detail?: Words;
}

/** One blank of a form. What is typed is text; `number` and `date` (YYYY-MM-DD) are checked before the scene sees them. */
export type Blank = { readonly id: string; readonly label: Words; readonly optional?: true } & (
  | { readonly kind: 'text'; readonly longest: number }
  /** `hidden`: shown as dots, such as a PIN. */
  | { readonly kind: 'digits'; readonly shortest: number; readonly longest: number; readonly hidden?: true }
  | { readonly kind: 'number'; readonly least: number; readonly most: number }
  | { readonly kind: 'date' }
  /** GB 11643, with its check character. */
  | { readonly kind: 'id-number' }
  /** GB 32100, with its check character. */
  | { readonly kind: 'credit-code' }
  /** Of the day, 0930 or 09:30. */
  | { readonly kind: 'time' }
  | { readonly kind: 'choice'; readonly choices: readonly Choice[] }
);

/** A line of what is shown: plain text, never markup. */
export interface Line {
  readonly label: Words;
  readonly value: string | Words;
}

/** Who stands at the desk, as long as the visit lasts. The bytes that proved it stay with the desk. */
export interface Presented {
  readonly credential: Credential;
  readonly colour: Colour;
}

/** What the platform answered; `refused` and `unknown` are answers, not faults. */
export interface DeskAnswer {
  readonly status: 'ok' | 'refused' | 'unknown';
  readonly body: unknown;
}

/** What the platform may tell of a person, each only to a terminal that was granted it for that scene (SEC-06). Text, as it is shown. */
export const FIELDS = ['name', 'sex', 'birth', 'nation', 'idNumber', 'phone', 'address', 'insurance', 'health'] as const;
export type Field = (typeof FIELDS)[number];
export type Person = Readonly<Partial<Record<Field, string>>>;

/** `refused`: this terminal may not ask for all of that; `unknown`: the platform knows no such person. */
export type Released = { readonly status: 'ok'; readonly person: Person } | { readonly status: 'refused' | 'unknown' };

/** What a workstation is told of a person: released fields by name, and what the carrier itself is. Text only. */
export type Told = Readonly<Record<string, string>>;

/** What is to be paid, in fen. The number was given by the platform before anybody was asked for money, and is charged once at most. */
export interface Bill {
  readonly number: string;
  readonly amount: number;
  readonly what: Words;
}

/** `in-doubt`: nobody may pay it again; it is settled at the platform, and the slip says so. `not-paid`: nothing was charged. */
export type Payment = { readonly status: 'paid'; readonly receipt: string } | { readonly status: 'in-doubt' | 'not-paid' };

/** A line of a slip: label and value, words alone, a QR code, or a rule across. */
export type SlipLine = Line | { readonly words: Words | string } | { readonly code: string } | { readonly rule: true };

/** What is printed: a slip for the person's hand; a sheet of A4 with one code on it, a card for a purse, a label for goods. */
export type Paper =
  | { readonly kind: 'slip'; readonly title: Words; readonly lines: readonly SlipLine[] }
  | {
      readonly kind: 'poster' | 'card' | 'label';
      readonly title: Words;
      /** As large as the paper allows: a name, a place. */
      readonly heading: string;
      readonly lines: readonly Line[];
      readonly code: string;
    };

/** `no-printer`: this desk has none for such paper. */
export type Printed = 'printed' | 'no-printer' | 'paper-out' | 'cover-open' | 'failed';

/** One bit a dot, 1 black, the leftmost the highest; rows of whole octets. */
export interface Bitmap {
  readonly width: number;
  readonly height: number;
  readonly bits: Uint8Array;
}

/** A poster's sheet; a card for a purse in large print, or as large as a bank card; a label of 100 × 70 mm. */
export const SHEET_SIZES = ['a4', 'a6', 'id-1', 'label'] as const;
export type SheetSize = (typeof SHEET_SIZES)[number];

/** 300 dpi. The PNG is the paper itself, the PDF a page of A4 with the paper on it in its true size. */
export interface Sheet {
  readonly png: Uint8Array;
  readonly pdf: Uint8Array;
}

/** A paper, who prints it and when. Pictures of it are made only for printers that ask for one. */
export interface PrintJob {
  readonly paper: Paper;
  readonly terminal: string;
  /** By the county's clocks: 2026-11-25 16:20. */
  readonly at: string;
  /** As wide as the printer's head, at 203 dpi. */
  bitmap(dots: number): Promise<Bitmap>;
  /** Of everything but a slip. */
  sheet(size: SheetSize): Promise<Sheet>;
}

/** What a visit leaves behind. `facts` are public and name nobody; `personal` is for the platform's eyes only. */
export interface Submission {
  readonly kind: string;
  readonly facts: Facts;
  readonly of?: Presented;
  readonly personal?: Facts;
}

/** What a code for phones is of: `scene` is what a phone's owner registers for there. */
export interface Venue {
  readonly scene: string;
  /** An event or a batch of goods; absent: the checkpoint itself. */
  readonly event?: string;
  readonly title: string;
  readonly until: Instant;
}

/** What somebody who works here may do at a desk. */
export const STAFF_ROLES = ['organiser', 'clerk'] as const;
export type StaffRole = (typeof STAFF_ROLES)[number];

/** `list`: people on the list `event.<id>`, or on the one that the organiser loaded; `enterprises`: whoever shows the code of one. */
export const MEETING_FOR = ['everyone', 'list', 'enterprises'] as const;

/** A meeting or event that people sign in to and out of. */
export interface Meeting {
  readonly id: string;
  readonly title: string;
  readonly place: string;
  readonly from: Instant;
  readonly until: Instant;
  readonly who: (typeof MEETING_FOR)[number];
}

/** How many came to a meeting at this box; `invited`: on the list, 0 where everybody may come. */
export interface MeetingCount {
  readonly invited: number;
  readonly came: number;
  readonly present: number;
  readonly turned: number;
}

/** What became of somebody at the door; `number`: their number in this meeting at this box. `again`: done a moment ago already. */
export type Signed =
  | { readonly does: 'in' | 'out' | 'again'; readonly number: number; readonly minutes: number }
  | { readonly does: 'refused'; readonly why: 'not-invited' | 'over' | 'full' };

/** Meetings as a desk knows them. What is kept of who came is pseudonymous and has an end. */
export interface Meetings {
  /** Those that are not over, the next one first. */
  all(): readonly Meeting[];
  count(id: string): MeetingCount | undefined;
  /** `keepDays`: how long who came is kept after the end. undefined: there are too many already. */
  create(meeting: Omit<Meeting, 'id'>, keepDays: number, by: Presented): Meeting | undefined;
  /** In, or out again: in the journal when it returns. */
  sign(id: string, who: Presented): Signed;
  /** False: it is over already. */
  close(id: string, by: Presented): boolean;
}

/** What a box verified, by scene, station and outcome; `refusal` '': admitted. */
export interface ReportRow {
  readonly scene: string;
  readonly station: string;
  readonly refusal: string;
  readonly count: number;
}

/** `since`: the first entry that this box still has of the time asked for. */
export interface Report {
  readonly from: Instant;
  readonly since: Instant;
  readonly rows: readonly ReportRow[];
}

/** Told at once beside the next question. */
export interface Said {
  readonly words: Words;
  readonly good: boolean;
}

/**
 * All that a conversation may do, one thing at a time. Every method rejects once the visit is over (the person left, time is up, staff
 * stopped it, the program ends): a scene lets that pass through and so unwinds.
 */
export interface Desk {
  readonly signal: AbortSignal;
  readonly at: Moment;
  /** A code or card of one of the scene's kinds that admission let through; who is refused is told why and may try another. */
  identify(ask: Words, kinds?: readonly Kind[], said?: Said): Promise<Presented>;
  /**
   * Somebody who works here in that role, by their own code or card and their PIN, until the visit ends; undefined: nobody, and they were
   * told why. Works without a network.
   */
  staff(role: StaffRole): Promise<Presented | undefined>;
  /** Shows how whoever signed in opens their own page at this box, until it is touched away. */
  staffPage(say: Words): Promise<void>;
  /** Until then nobody is asked whether they are still there: a door that stays open. */
  keepOpen(until: Instant): void;
  readonly meetings: Meetings;
  /** Verdicts of the last days of the county's calendar, today included, from this box's own journal. */
  report(days: number): Promise<Report>;
  /** The text of whatever is scanned next, such as a medicine's bar code; undefined: skipped. */
  scan(ask: Words): Promise<string | undefined>;
  choose<C extends Choice>(ask: Words, choices: readonly C[]): Promise<C>;
  /** What is typed is looked for at every key; the best first, of which the page is shown as many as it bears. undefined: nothing was wanted. */
  search<C extends Choice>(ask: Words, find: (typed: string) => readonly C[]): Promise<C | undefined>;
  confirm(ask: Words, lines: readonly Line[]): Promise<boolean>;
  /** Values by blank; an optional blank left empty is not there. */
  fill(ask: Words, blanks: readonly Blank[]): Promise<Readonly<Record<string, string>>>;
  /** Stays until it is touched away, or the time for reading is over. `picture`: a data URL. */
  show(say: Words, lines?: readonly Line[], picture?: string): Promise<void>;
  /** A QR code of this text, as a data URL. */
  draw(text: string): Promise<string>;
  /** A code for phones, signed by this terminal (wire.md 1.3); shown by its picture. */
  venueCode(venue: Venue): Promise<{ readonly text: string; readonly picture: string }>;
  /** What this scene keeps on this box, never of a person: goods, events. Survives a restart. */
  kept(): Json | undefined;
  keep(value: Json): void;
  /** What this box counted since 00:00 of the county, by scene. */
  today(): readonly { readonly scene: string; readonly admitted: number; readonly refused: number }[];
  /** What was decided is in the journal when it returns; delivered when it can be. The number is for slip and staff. */
  submit(submission: Submission): Promise<string>;
  /**
   * Needs the platform now: undefined when it cannot be asked or does not answer in time. `of`: whom it is about; what they showed goes with
   * it, sealed or signed, so that the platform need not believe the terminal.
   */
  ask(operation: string, body: Facts, of?: Presented): Promise<DeskAnswer | undefined>;
  /** Fields of a person for a stated purpose, in memory only; undefined: the platform cannot be asked now. */
  reveal(who: Presented, fields: readonly Field[], purpose: string): Promise<Released | undefined>;
  /** Asks for a payment code and charges it. The intent is in the journal before anything is charged; a doubt is reconciled, never repeated. */
  pay(bill: Bill): Promise<Payment>;
  /** Gives it to the workstation of the staff behind this window; false: it is away, or did not say that it has it. */
  handOver(told: Told): Promise<boolean>;
  /** Rejects never for the printer's sake: what it lacks is told. */
  print(paper: Paper): Promise<Printed>;
  listed(list: string, subject: string): boolean;
  data(name: string): unknown;
}

/** What the county tells a desk: a phone's owner registered there (wire.md 4). It names nobody. `event`: a batch, a meeting, a class of medicine. */
export interface Notice {
  readonly scene: string;
  readonly event: string | null;
  readonly what: 'market-sale' | 'drug-sale' | 'meeting-in' | 'meeting-out' | 'checkpoint-in';
  readonly quantity: number;
  /** As the phone shows it. */
  readonly number: string;
}

/** `kept`: what the scene keeps on this box from now on; absent: as it was. */
export interface Heard {
  readonly said: Words;
  readonly kept?: Json;
}

/** A business use with a conversation: one file in src/scenes, as `visit` instead of `judge`. It reads top to bottom. */
export interface DeskScene<S = unknown> extends Pick<Scene<S>, 'accepts' | 'formats' | 'settings' | 'title' | 'words'> {
  /** Under which heading it stands on a long menu. */
  readonly group?: Words;
  visit(desk: Desk, settings: S): Promise<void>;
  /** Pure: somebody registered with a phone. undefined: not with what this desk has. */
  heard?(notice: Notice, kept: Json | undefined): Heard | undefined;
}

/** Why the code or card before was not taken. */
export interface Turned {
  readonly refusal: Refusal;
  readonly number: number;
  readonly words: Words;
  readonly next: Words;
}

/** What was found for what somebody typed: the best, and how many more there are. */
export interface Found {
  readonly typed: string;
  readonly choices: readonly Choice[];
  readonly more: number;
}

export type Prompt =
  | { readonly kind: 'identify'; readonly ask: Words; readonly turned?: Turned; readonly said?: Said }
  | { readonly kind: 'scan'; readonly ask: Words }
  | { readonly kind: 'choose'; readonly ask: Words; readonly choices: readonly Choice[] }
  | ({ readonly kind: 'search'; readonly ask: Words } & Found)
  | { readonly kind: 'confirm'; readonly ask: Words; readonly lines: readonly Line[] }
  | { readonly kind: 'fill'; readonly ask: Words; readonly blanks: readonly Blank[] }
  /** `link`: a page of this box. */
  | {
      readonly kind: 'show';
      readonly say: Words;
      readonly lines: readonly Line[];
      readonly picture?: string;
      readonly link?: { readonly href: string; readonly words: Words };
    }
  /** `turned`: why the payment code before was not taken. */
  | { readonly kind: 'pay'; readonly ask: Words; readonly amount: number; readonly turned?: Words }
  | { readonly kind: 'busy' };

/** What the page may know of a desk. */
export interface DeskState {
  readonly menu: readonly { readonly scene: string; readonly title: Words; readonly group?: Words }[];
  /** Somebody held up a code before choosing. */
  readonly held: boolean;
  readonly mode: 'normal' | 'fire' | 'locked';
  readonly active: readonly InputName[];
  readonly journalFailed: boolean;
  readonly staffCalled: boolean;
  /** What was heard a moment ago, beside whatever is asked: a phone's owner registered. */
  readonly told: Words | undefined;
  readonly visit:
    | {
        readonly id: string;
        readonly scene: string;
        readonly title: Words;
        readonly step: number;
        readonly prompt: Prompt;
        /** By blank: what is wrong with what was typed. */
        readonly faults: Readonly<Record<string, Words>>;
        /** Nobody touched anything for a while: is the person still there? */
        readonly fading: boolean;
      }
    | undefined;
  readonly counts: Readonly<Record<string, number>>;
}

/** What the page may do. `visit` and `step` name what the person saw when they touched it. */
export type DeskAction =
  /** The page was opened: whoever began before it is gone. */
  | { readonly do: 'opened' }
  | { readonly do: 'start'; readonly scene: string }
  | { readonly do: 'answer'; readonly visit: string; readonly step: number; readonly value: Json }
  /** A key was pressed in a search, or in a blank that Chinese is typed into: what is found is the answer to this very touch. */
  | { readonly do: 'type'; readonly visit: string; readonly step: number; readonly text: string }
  | { readonly do: 'leave'; readonly visit: string }
  | { readonly do: 'stay'; readonly visit: string }
  | { readonly do: 'call-staff' };

/** What became of a touch. False: it does not fit what stands there now. */
export type Acted = boolean | Found;

// ── links and devices ───────────────────────────────────────────────────────────────────────────────────────────────

/** Why a link ended; absent: it was closed on purpose. */
export interface LinkLost {
  readonly reason: string;
}

interface AnyLink {
  /** Resolves once, when the cable is gone or `close` was called. Never rejects. */
  readonly closed: Promise<LinkLost | undefined>;
  close(): Promise<void>;
}

/** A byte stream: serial line, pseudo-terminal, socket. */
export interface Bytes extends AnyLink {
  readonly kind: 'bytes';
  onData(listener: (chunk: Uint8Array) => void): void;
  write(bytes: Uint8Array): void;
}

/** Whole lines of text without their ends, one character a byte (latin1). An empty line is not told. */
export interface Text extends AnyLink {
  readonly kind: 'text';
  onLine(listener: (line: string) => void): void;
}

/**
 * HID reports: one packet at a time. What arrives begins with the report id where the device uses ids; what is written
 * always begins with it, 0 where the device uses none.
 */
export interface Reports extends AnyLink {
  readonly kind: 'reports';
  onReport(listener: (report: Uint8Array) => void): void;
  write(report: Uint8Array): Promise<void>;
}

/** A card in a reader. */
export interface Card extends AnyLink {
  readonly kind: 'card';
  onInserted(listener: (atr: Uint8Array) => void): void;
  onRemoved(listener: () => void): void;
  transmit(apdu: Uint8Array): Promise<Uint8Array>;
}

/** Named digital lines, already translated to active/inactive. `at` of an edge is monotonic, in ms. */
export interface Lines extends AnyLink {
  readonly kind: 'lines';
  set(values: Readonly<Record<string, boolean>>): void;
  get(name: string): boolean;
  onEdge(listener: (edge: { readonly name: string; readonly active: boolean; readonly at: number }) => void): void;
}

/** One picture that was looked at. `code`: the bytes of a QR code in it; undefined: none was found. `at`: monotonic, in ms. */
export interface Picture {
  readonly at: number;
  readonly code: Uint8Array | undefined;
}

/** A camera and its decoder, picture by picture. Pixels stay behind the port: no driver can keep a picture of a person. */
export interface Codes extends AnyLink {
  readonly kind: 'codes';
  onPicture(listener: (picture: Picture) => void): void;
}

/** What a terminal says aloud, by name; the words are in src/messages/sounds.ts. Never colour, illness, money or a person's name. */
export const SOUNDS = [
  'admitted',
  'refused',
  'again',
  'out-of-order',
  'leave',
  'scan',
  'scan-goods',
  'pay',
  'choose',
  'enter',
  'confirm',
  'wait',
  'done',
  'try-again',
  'still-there',
  'staff-called',
] as const;
export type Sound = (typeof SOUNDS)[number];

/** A loudspeaker. One sound at a time: a new one ends the one before. */
export interface Sounds extends AnyLink {
  readonly kind: 'sounds';
  play(sound: Sound): void;
  quiet(): void;
}

/** Where whole files go: a print queue, a folder. */
export interface Files extends AnyLink {
  readonly kind: 'files';
  /** Rejects when it is not taken. */
  send(file: { readonly name: string; readonly bytes: Uint8Array }): Promise<void>;
  /** What the other end complains of: words of IPP such as `media-empty`. */
  alerts(): Promise<readonly string[]>;
}

export type Link = Bytes | Text | Reports | Card | Lines | Codes | Sounds | Files;

/** One file in src/ports: the only places that open hardware. `open` rejects with a plain Error while the device is away. */
export interface Port<L extends Link = Link, A = unknown> {
  readonly address: ZodType<A>;
  open(address: A): Promise<L>;
}

/** A code or card reader. `onStart`: the first byte of something arrived. */
export interface Scanner {
  readonly role: 'scanner';
  onReading(listener: (bytes: Uint8Array, medium: Medium) => void): void;
  onStart(listener: () => void): void;
}

export type GateSense =
  | { readonly sense: 'passed'; readonly direction: Direction }
  | { readonly sense: 'opened' }
  | { readonly sense: 'closed' }
  | { readonly sense: 'fault' };

/** A turnstile, door or barrier. `release` energises for the pulse and drops by itself, also when nobody calls again. */
export interface Gate {
  readonly role: 'gate';
  /** True when passages are seen; otherwise every release ends as `unobserved`. */
  readonly senses: boolean;
  release(direction: Direction): void;
  lock(): void;
  onSense(listener: (sense: GateSense) => void): void;
}

export type InputName = 'fire' | 'tamper' | 'staff-free' | 'staff-lock' | 'repeat';

/** Fire contact, tamper contact, staff key switch, driver's key. `state` tells which are active now. */
export interface Inputs {
  readonly role: 'inputs';
  state(name: InputName): boolean;
  onInput(listener: (name: InputName, active: boolean) => void): void;
}

/** What a person at the gate sees and hears; kept for at most `ms`. */
export type Signal = 'admitted' | 'refused' | 'attention' | 'reading' | 'idle' | 'fault';

/** Lamps, buzzer and voice alike. `say` is for what can speak: what a person at a desk should do now. */
export interface Signaller {
  readonly role: 'signal';
  show(signal: Signal, ms: number): void;
  say?(sound: Sound): void;
}

/** Where a vehicle is, by satellite or by the driver's key pad; undefined: not known. */
export interface Place {
  readonly role: 'place';
  onPlace(listener: (stop: string | undefined) => void): void;
  /** The driver asks for one more rider on the last code. */
  onRepeat(listener: () => void): void;
}

/** A program of the staff behind a window. `tell` resolves true when it said that it has it. */
export interface Workstation {
  readonly role: 'workstation';
  tell(told: Told): Promise<boolean>;
}

/** `paper-low` still prints. */
export type PrinterState = 'ready' | 'paper-low' | 'paper-out' | 'cover-open' | 'error';

export interface Printer {
  readonly role: 'printer';
  readonly takes: readonly Paper['kind'][];
  /** One at a time. Resolves when the paper is out, or with why it is not; never rejects. Aborted: what is not printed yet is thrown away. */
  print(job: PrintJob, signal: AbortSignal): Promise<Exclude<Printed, 'no-printer'>>;
  /** Told at every change, and once when the state is first known. */
  onState(listener: (state: PrinterState) => void): void;
}

export type Device = (Scanner | Gate | Inputs | Signaller | Place | Printer | Workstation) & { close?(): void };
export type Role = Device['role'];

/** One file in drivers/: knows bytes of one device, nothing of people or rules. `port` names a file of src/ports. */
export interface Driver<L extends Link = Link, S = unknown, D extends Device = Device> {
  readonly role: D['role'];
  readonly port: string;
  readonly settings: ZodType<S>;
  attach(link: L, settings: S, log: Log): D;
}

// ── log ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Structured log without personal data: an event word and plain facts. */
export interface Log {
  info(event: string, facts?: Readonly<Record<string, unknown>>): void;
  warn(event: string, facts?: Readonly<Record<string, unknown>>): void;
  error(event: string, facts?: Readonly<Record<string, unknown>>): void;
}
