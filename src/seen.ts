/** What the page of a terminal may know of it, put together from its parts. */
import type { Clock } from './contracts.js';
import type { Journal } from './journal/journal.js';
import type { TerminalView } from './page/view.js';
import { deskView, stationView } from './page/views.js';
import { shownOf } from './station/shown.js';
import type { Stations } from './station/stations.js';

export interface SeenParts {
  readonly terminal: { readonly id: string; readonly checkpoint: string };
  readonly clock: Clock;
  readonly journal: Pick<Journal, 'backlog'>;
  readonly stations: Pick<Stations, 'lanes' | 'desks'>;
  /** The other lanes of the site; undefined: there are none by configuration. */
  readonly site: { alone(): boolean } | undefined;
  online(): boolean;
  trustAge(): number | null;
  trusted(): boolean;
  inside(): number;
}

export function seenOf(parts: SeenParts): () => TerminalView {
  const { terminal, clock, journal, stations, site } = parts;
  return () => {
    const trusted = parts.trusted();
    const { entries, hours } = journal.backlog(clock.now());
    return {
      terminal: terminal.id,
      checkpoint: terminal.checkpoint,
      online: parts.online(),
      trustAge: parts.trustAge(),
      site: site ? (site.alone() ? 'alone' : 'together') : null,
      clock: Number.isFinite(clock.now().latest) ? 'known' : 'unsure',
      backlog: { entries, hours },
      stations: stations.lanes.map((station) => stationView(shownOf(station, parts.inside(), trusted))),
      desks: stations.desks.map(({ id, desk, blind }) => deskView({ id, state: desk.state(), blind: blind(), trusted })),
    };
  };
}
