/** Gathers what the county's board shows from the county's store. */
import type { Instant } from '../contracts.js';
import { localTime } from '../messages/calendar.js';
import { State } from '../messages/state.js';
import { type Board, type ReportSource, type SceneTitles, TARGETS, type TerminalLine } from './board-view.js';
import { type Placed, placed, report, reportLine, type Tally } from './counts.js';
import type { CountyStore, PublishedManifest } from './store.js';
import type { Place, PlaceStore } from './store-places.js';
import { submissionLines } from './submissions.js';
import { UNKNOWN_TOWNSHIP } from './townships.js';

const DAYS_SHOWN = 30;
const ALARMS_SHOWN = 50;

export interface BoardSource {
  readonly store: CountyStore;
  readonly region: string;
  readonly titles: SceneTitles;
  readonly now: Instant;
}

export async function boardOf({ store, region, titles, now }: BoardSource): Promise<Board> {
  const today = localTime(now).day;
  const places = await store.places();
  const manifest = await store.manifest();
  return {
    region,
    now,
    targets: TARGETS,
    holders: await store.holders(),
    manifest: manifest ? aged(manifest, now) : null,
    ...countsOf(await placedTallies(store, await store.tallies()), today),
    titles,
    places,
    submissions: submissionLines(await store.submitted(), today),
    terminals: await terminalLines(store, townshipsOf(places)),
    alarms: await store.alarms(ALARMS_SHOWN),
    rejected: await store.rejected(),
  };
}

/** What `ankang report` is made of. */
export async function reportOf(store: CountyStore, day?: string): Promise<ReportSource> {
  return {
    tallies: await placedTallies(store, await store.tallies(day)),
    holders: await store.holders(),
    submitted: await store.submitted(),
  };
}

/** The tallies, each with the township of its checkpoint. */
async function placedTallies(store: PlaceStore, tallies: readonly Tally[]): Promise<readonly Placed[]> {
  return placed(tallies, townshipsOf(await store.places()));
}

const townshipsOf = (places: readonly Place[]): ReadonlyMap<string, string> =>
  new Map(places.map(({ name, township }) => [name, township]));

const aged = ({ seq, issued }: PublishedManifest, now: Instant): { readonly seq: number; readonly ageSeconds: number } => ({
  seq,
  ageSeconds: Math.max(0, Math.round((now - issued) / 1000)),
});

type Counts = Pick<Board, 'total' | 'today' | 'scenes' | 'checkpoints' | 'townships' | 'days'>;

function countsOf(tallies: readonly Placed[], today: string): Counts {
  const ofToday = tallies.filter(({ day }) => day === today);
  return {
    total: reportLine('total', tallies),
    today: reportLine(today, ofToday),
    scenes: report(tallies, 'scene'),
    checkpoints: report(tallies, 'checkpoint'),
    townships: report(tallies, 'township'),
    days: report(tallies, 'day').slice(-DAYS_SHOWN),
  };
}

async function terminalLines(store: CountyStore, townships: ReadonlyMap<string, string>): Promise<readonly TerminalLine[]> {
  const states = new Map((await store.states()).map((said) => [said.terminal, said]));
  const journals = await store.journals();
  return (await store.terminals()).map(({ id, checkpoint, struck }) => {
    const said = states.get(id);
    return {
      id,
      checkpoint,
      township: townships.get(checkpoint) ?? UNKNOWN_TOWNSHIP.zh,
      struck,
      state: (said && State.safeParse(said.state).data) ?? null,
      at: said?.at ?? null,
      journals: journals
        .filter(({ terminal }) => terminal === id)
        .map(({ journal, seq, ahead, forks }) => ({ journal, stored: seq, ahead, forks })),
    };
  });
}
