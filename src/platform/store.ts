/**
 * What the county keeps, as the parts of the county ask for it. Every method is one transaction and answers by promise:
 * a store is a SQLite file (sqlite.ts) or a PostgreSQL database (postgres.ts), asked in the same words (sql-*.ts).
 */
import type { Facts, Instant } from '../contracts.js';
import type { Status } from '../messages/answer.js';
import type { Order } from '../messages/command.js';
import type { Entry } from '../messages/entry.js';
import type { Tally } from './counts.js';
import type { RegisterStore } from './register-store.js';
import type { AccessStore, Grant } from './store-access.js';
import type { CaseStore } from './store-cases.js';
import type { ElderStore } from './store-elders.js';
import type { EnterpriseStore } from './store-enterprises.js';
import type { PaymentStore } from './store-payments.js';
import type { PeopleStore } from './store-people.js';
import type { PhoneStore } from './store-phones.js';
import type { PlaceStore } from './store-places.js';
import type { PrintStore } from './store-prints.js';
import type { RideStore } from './store-rides.js';
import type { StayStore } from './store-stays.js';
import type { TicketStore } from './store-tickets.js';

/** Entries of one message: consecutive, chained, the last one signed for by the terminal. */
export interface Delivery {
  readonly terminal: string;
  /** 16 hex digits. */
  readonly journal: string;
  readonly entries: readonly Entry[];
  /** What each entry adds to the counts, in the same order; undefined: nothing. */
  readonly tallies: readonly (Tally | undefined)[];
}

/** Where the gap-free part of a journal ends; this is what an `ak/ack` says. */
export interface Position {
  readonly terminal: string;
  readonly journal: string;
  readonly seq: number;
  readonly hash: Uint8Array;
}

export interface Kept {
  readonly stored: number;
  readonly duplicates: number;
  /** Kept aside until what is before them comes. */
  readonly ahead: number;
  /** Too far ahead to be kept; the terminal sends them again. */
  readonly dropped: number;
  readonly forks: readonly { readonly terminal: string; readonly journal: string; readonly seq: number }[];
  /** Of every journal that was touched and has something to acknowledge. */
  readonly positions: readonly Position[];
}

export interface EntryPage {
  readonly terminal: string;
  readonly journal: string;
  readonly after: number;
  readonly limit: number;
}

/** An entry and when it was first taken. */
export interface Received extends Entry {
  readonly received: Instant;
}

export interface EntryStore {
  /** `worker`: its number among several, so that they count beside each other; 0. */
  keep(deliveries: readonly Delivery[], received: Instant, worker?: number): Promise<Kept>;
  positions(): Promise<readonly Position[]>;
  tallies(day?: string): Promise<readonly Tally[]>;
  /** Entries of a journal after `seq`, at most `limit`. */
  entries(page: EntryPage): Promise<readonly Received[]>;
  journals(): Promise<readonly JournalSummary[]>;
}

export interface JournalSummary extends Position {
  readonly ahead: number;
  readonly forks: number;
}

// ── terminals and what they say ─────────────────────────────────────────────────────────────────────────────────────

export interface Terminal {
  readonly id: string;
  readonly checkpoint: string;
  readonly site: string;
  /** SPKI of the key that signs heads and requests, and of the key that secrets are sealed to. */
  readonly sign: Uint8Array;
  readonly open: Uint8Array;
  /** May hold the region key (card reader, attendee lists). */
  readonly region: boolean;
  readonly struck: boolean;
}

export interface TerminalState {
  readonly terminal: string;
  readonly at: Instant;
  /** As it was published, checked for shape only: the terminal's own word. */
  readonly state: Facts;
}

export interface Alarm {
  readonly at: Instant;
  readonly terminal: string;
  readonly kind: string;
  readonly facts: Facts;
}

export interface Rejected {
  /** '' when no terminal of ours can be blamed. */
  readonly terminal: string;
  readonly reason: string;
  readonly count: number;
}

export interface TerminalStore {
  /** With these grants and no others: it may have the name of one that was struck. */
  addTerminal(terminal: Terminal, grants: readonly Grant[]): Promise<void>;
  /** No entry of a struck terminal is taken any more. */
  strike(id: string): Promise<boolean>;
  terminals(): Promise<readonly Terminal[]>;
  noteState(state: TerminalState): Promise<void>;
  states(): Promise<readonly TerminalState[]>;
  raise(alarm: Alarm): Promise<void>;
  alarms(limit: number): Promise<readonly Alarm[]>;
  noteRejected(rejected: readonly Rejected[], at: Instant): Promise<void>;
  rejected(): Promise<readonly Rejected[]>;
}

// ── trust ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A key as the manifest names it. */
export interface PublishedKey {
  readonly name: string;
  readonly kid: Uint8Array;
  readonly spki: Uint8Array;
  readonly region: string | null;
  readonly types: readonly string[];
  readonly validFrom: Instant;
  readonly validUntil: Instant;
  readonly revoked: Instant | null;
}

/** A version of a list or of data, whole and, where the one before it may be built on, as a delta. */
export interface PublishedDatum {
  readonly name: string;
  readonly version: number;
  readonly bytes: Uint8Array;
  readonly from: number | null;
  readonly delta: Uint8Array | null;
  /** Epoch of the list key it was made with, and revision of the members it was made of; 0 for data. */
  readonly epoch: number;
  readonly revision: number;
}

/** A list as it should be; `revision` rises with every change of its members. */
export interface ListRevision {
  readonly name: string;
  readonly revision: number;
}

export interface PublishedManifest {
  readonly seq: number;
  readonly issued: Instant;
  readonly expires: Instant;
  /** The COSE object. */
  readonly bytes: Uint8Array;
  /** SM3 of what it says without seq and times: whether a new one is due. */
  readonly content: Uint8Array;
}

export interface PublishedSecrets {
  readonly terminal: string;
  readonly bytes: Uint8Array;
  /** SM3 of what is inside, so that secrets are not sealed anew when nothing changed. */
  readonly content: Uint8Array;
}

/** A version on the broker: number of its parts and of its delta's. */
export interface SentDatum {
  readonly name: string;
  readonly version: number;
  readonly parts: number;
  readonly from: number | null;
  readonly deltaParts: number;
}

/** One issue of trust, kept whole or not at all. */
export interface Issue {
  readonly manifest: PublishedManifest;
  readonly data: readonly PublishedDatum[];
  readonly secrets: readonly PublishedSecrets[];
}

/** Another process issued a manifest with this seq first. */
export class Outrun extends Error {}

export interface TrustStore {
  putKey(key: PublishedKey): Promise<void>;
  /** False when there is no key of this name. */
  revokeKey(name: string, at: Instant): Promise<boolean>;
  keys(): Promise<readonly PublishedKey[]>;
  /** Makes the list exist, empty if it must. */
  openList(list: string): Promise<void>;
  /** Tokens: 16 bytes of a subject or 8 of a code. How many were not there; `removeMembers`: how many were. */
  addMembers(list: string, tokens: readonly Uint8Array[]): Promise<number>;
  removeMembers(list: string, tokens: readonly Uint8Array[]): Promise<number>;
  lists(): Promise<readonly ListRevision[]>;
  isMember(list: string, token: Uint8Array): Promise<boolean>;
  members(list: string): Promise<readonly Uint8Array[]>;
  /** CBOR of a datum (`fares`…). */
  putData(name: string, bytes: Uint8Array): Promise<void>;
  data(): Promise<ReadonlyMap<string, Uint8Array>>;
  putRule(scene: string, rule: Facts): Promise<void>;
  rules(): Promise<Readonly<Record<string, Facts>>>;
  epoch(of: 'site' | 'list'): Promise<number>;
  raiseEpoch(of: 'site' | 'list'): Promise<void>;
  /** Keeps an issue. @throws Outrun when its seq is not above the last one. */
  keepIssue(issue: Issue): Promise<void>;
  manifest(): Promise<PublishedManifest | undefined>;
  latestData(): Promise<readonly PublishedDatum[]>;
  secrets(): Promise<readonly PublishedSecrets[]>;
  /** What the broker holds, so that old versions can be taken off it. */
  sent(): Promise<readonly SentDatum[]>;
  noteSent(sent: SentDatum): Promise<void>;
  forgetSent(sent: Pick<SentDatum, 'name' | 'version'>): Promise<void>;
  /** Changes whenever another process wrote to the store. */
  stamp(): Promise<number | string>;
}

// ── requests and commands ───────────────────────────────────────────────────────────────────────────────────────────

/** The first result of a request; a repeat of its id is given it again. */
export interface KeptAnswer {
  readonly terminal: string;
  readonly id: Uint8Array;
  /** SM3 over operation and body of the request. */
  readonly effect: Uint8Array;
  readonly status: Status;
  /** CBOR of the answer's body, unsealed. */
  readonly body: Uint8Array;
}

export interface NewCommand {
  readonly terminal: string;
  readonly station: string;
  readonly order: Order;
  /** When it was ordered, and the end of its life (ms). */
  readonly at: Instant;
  readonly until: Instant;
}

export interface OrderedCommand extends NewCommand {
  readonly counter: number;
}

export interface RequestStore {
  answer(terminal: string, id: Uint8Array): Promise<KeptAnswer | undefined>;
  /** The first one stays; older than `before` are forgotten. */
  keepAnswer(answer: KeptAnswer, times: { readonly at: Instant; readonly before: Instant }): Promise<void>;
  /** Gives it the next counter of its terminal: never less than its time in ms, so that a store of yesterday does not go back. */
  orderCommand(command: NewCommand): Promise<OrderedCommand>;
  /** Not sent yet, and alive at `now`; in the order of their counters. */
  dueCommands(now: Instant): Promise<readonly OrderedCommand[]>;
  /** Counter of the last that was sent to it; 0: none. */
  lastCommand(terminal: string): Promise<number>;
  noteCommandSent(command: Pick<OrderedCommand, 'terminal' | 'counter'>, at: Instant): Promise<void>;
}

export interface CountyStore
  extends EntryStore,
    TerminalStore,
    TrustStore,
    RequestStore,
    TicketStore,
    AccessStore,
    RegisterStore,
    PeopleStore,
    PhoneStore,
    StayStore,
    ElderStore,
    EnterpriseStore,
    RideStore,
    PrintStore,
    PaymentStore,
    CaseStore,
    PlaceStore {
  close(): Promise<void>;
}
