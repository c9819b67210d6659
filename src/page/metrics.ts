/** What a terminal counts, in the text format of Prometheus 0.0.4. No person, no subject; every label is a word of the program or of the configuration. Pure. */
import { type Passage, REFUSALS } from '../contracts.js';

export interface StationCounts {
  readonly station: string;
  /** As the lane counts: readings, bounced, replaced, failed, admitted, refused_<refusal>, passage_<passage>, alarm_<alarm>. */
  readonly counts: Readonly<Record<string, number>>;
  readonly devices: readonly { readonly name: string; readonly role: string; readonly up: boolean }[];
}

/** Times and ages in seconds; null: not known. */
export interface Vitals {
  readonly stations: readonly StationCounts[];
  readonly inside: number;
  readonly journal: { readonly entries: number; readonly backlog: number; readonly hours: number | null; readonly writable: boolean };
  readonly trust: {
    readonly seq: number;
    readonly age: number | null;
    readonly listsAge: number | null;
    readonly expiresIn: number | null;
  } | null;
  readonly uplink: {
    readonly connected: boolean;
    readonly connects: number;
    readonly kicks: number;
    readonly messages: number;
    readonly entries: number;
    readonly restarts: number;
    readonly down: Readonly<Record<string, number>>;
    readonly notices: Readonly<Record<string, number>>;
  } | null;
  /** Other lanes of the site heard lately, and words by what became of them; null: this terminal is alone by configuration. */
  readonly site: { readonly peers: number; readonly heard: Readonly<Record<string, number>> } | null;
  /** ms that the certificate of an enrolled terminal still holds; null: its keys were given, not enrolled. */
  readonly certificateLeft: number | null;
  /** `width`: between the earliest and the latest it can be; Infinity where nothing bounds it. */
  readonly clock: { readonly width: number; readonly faults: number };
  readonly process: { readonly delay: number; readonly delayMost: number; readonly residentBytes: number; readonly uptime: number };
}

const PASSAGES: readonly Passage[] = ['passed', 'not-taken', 'forced', 'tailgate', 'held-open', 'unobserved', 'fault'];
const ALARMS = ['forced', 'tailgate', 'held-open', 'gate-fault'] as const;

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [value: number | null, labels?: Labels];

export function metricsText(vitals: Vitals): string {
  const { journal, trust, uplink, clock, stations } = vitals;
  const age = (of: 'age' | 'listsAge' | 'expiresIn'): readonly Sample[] => (trust ? [[trust[of]]] : []);
  const up = (of: 'connects' | 'kicks' | 'messages' | 'entries' | 'restarts'): readonly Sample[] => (uplink ? [[uplink[of]]] : []);
  return [
    counter('readings', 'readings of scanners and card readers', counted(stations, 'readings')),
    counter('bounced', 'the same code again at once, dropped', counted(stations, 'bounced')),
    counter('replaced', 'readings that a newer one replaced while they waited', counted(stations, 'replaced')),
    counter('failed', 'readings that no part could decide on', counted(stations, 'failed')),
    counter('verdicts', 'verdicts, by refusal', stations.flatMap(verdicts)),
    counter('passages', 'what the gate saw after a release', byWord(stations, 'passage', PASSAGES)),
    counter('alarms', 'alarms of the gate', byWord(stations, 'alarm', ALARMS)),
    gauge('device_up', '1: the device is open', stations.flatMap(devices)),
    gauge('inside', 'people inside, as counted by passages', [[vitals.inside]]),
    counter('journal_entries', 'entries of the journal since it began', [[journal.entries]]),
    gauge('journal_backlog_entries', 'entries that the platform has not acknowledged', [[journal.backlog]]),
    gauge('journal_backlog_hours', 'hours for which more can be kept, at the rate of the last day', [[journal.hours]]),
    gauge('journal_writable', '1: every entry was written', [[Number(journal.writable)]]),
    gauge('site_peers', 'other terminals of the site that were heard lately', vitals.site ? [[vitals.site.peers]] : []),
    counter(
      'site_words',
      'words of other terminals of the site, by what became of them',
      Object.entries(vitals.site?.heard ?? {}).map(([outcome, times]) => [times, { outcome }]),
    ),
    gauge('trust_seq', 'number of the manifest in force', trust ? [[trust.seq]] : []),
    gauge('trust_age_seconds', 'age of the manifest', age('age')),
    gauge('trust_lists_age_seconds', 'age of the oldest list', age('listsAge')),
    gauge('trust_expires_seconds', 'until the manifest expires', age('expiresIn')),
    gauge('uplink_connected', '1: the broker holds our connection', uplink ? [[Number(uplink.connected)]] : []),
    counter('uplink_connects', 'connections made', up('connects')),
    counter('uplink_kicks', 'another client came under our name', up('kicks')),
    counter('uplink_messages', 'messages of entries sent', up('messages')),
    counter('uplink_sent_entries', 'entries sent, repeats included', up('entries')),
    counter('uplink_restarts', 'sending began again after the last acknowledged entry', up('restarts')),
    counter(
      'downlink',
      'words of the platform, by what became of them',
      Object.entries(uplink?.down ?? {}).map(([outcome, value]) => [value, { outcome }]),
    ),
    counter(
      'notices',
      'what phones registered, by what became of the word',
      Object.entries(uplink?.notices ?? {}).map(([outcome, value]) => [value, { outcome }]),
    ),
    gauge(
      'certificate_expires_seconds',
      'until the certificate of this terminal expires',
      vitals.certificateLeft === null ? [] : [[Math.round(vitals.certificateLeft / 1000)]],
    ),
    gauge('clock_width_seconds', 'between the earliest and the latest time it can be', [[clock.width]]),
    counter('clock_faults', 'contradictions between sources of time', [[clock.faults]]),
    gauge('event_loop_delay_seconds', 'delay of the event loop since the last look', [
      [vitals.process.delay, { quantile: '0.99' }],
      [vitals.process.delayMost, { quantile: '1' }],
    ]),
    gauge('resident_bytes', 'memory of the process', [[vitals.process.residentBytes]]),
    gauge('uptime_seconds', 'since the process began', [[vitals.process.uptime]]),
  ].join('');
}

function counted(stations: readonly StationCounts[], what: string): readonly Sample[] {
  return stations.map(({ station, counts }) => [counts[what] ?? 0, { station }]);
}

function verdicts({ station, counts }: StationCounts): readonly Sample[] {
  return [
    [counts['admitted'] ?? 0, { station, verdict: 'admit', refusal: '' }],
    ...REFUSALS.map((refusal): Sample => [counts[`refused_${refusal}`] ?? 0, { station, verdict: 'refuse', refusal }]),
  ];
}

function byWord(stations: readonly StationCounts[], label: string, words: readonly string[]): readonly Sample[] {
  return stations.flatMap(({ station, counts }) =>
    words.map((word): Sample => [counts[`${label}_${word}`] ?? 0, { station, [label]: word }]),
  );
}

function devices({ station, devices: all }: StationCounts): readonly Sample[] {
  return all.map(({ name, role, up }) => [Number(up), { station, device: name, role }]);
}

const counter = (name: string, help: string, samples: readonly Sample[]): string =>
  family(`ankang_${name}_total`, 'counter', help, samples);
const gauge = (name: string, help: string, samples: readonly Sample[]): string => family(`ankang_${name}`, 'gauge', help, samples);

/** What is not known is left out, as the format wants it: an absent sample is no zero. */
function family(name: string, type: string, help: string, samples: readonly Sample[]): string {
  const lines = samples.flatMap(([value, labels]) => (value === null ? [] : [`${name}${labelsOf(labels)} ${numberOf(value)}\n`]));
  return lines.length === 0 ? '' : `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

const labelsOf = (labels: Labels = {}): string => {
  const pairs = Object.entries(labels).map(
    ([name, value]) => `${name}="${value.replace(/[\\"\n]/g, (one) => (one === '\n' ? '\\n' : `\\${one}`))}"`,
  );
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
};

const numberOf = (value: number): string => (Number.isFinite(value) ? `${value}` : value > 0 ? '+Inf' : 'NaN');
