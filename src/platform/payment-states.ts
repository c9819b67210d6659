/**
 * What becomes of an attempt to charge a bill, as a table. It is written down before the provider is called; a bill has one attempt at most
 * that is `charging` or `paid`. Pure.
 *
 *   open ─begun→ charging ─took→ paid          open ─asked, blocked→ void, refused: a charge that comes later is not begun
 *                   ├ declined→ refused ┐
 *                   └ closed → void ────┴ took→ refunding ─returned→ refunded
 */
export const ATTEMPT_STATES = ['open', 'charging', 'paid', 'refused', 'void', 'refunding', 'refunded'] as const;
/** `open`: nothing was ever heard of it. */
export type AttemptState = (typeof ATTEMPT_STATES)[number];

/**
 * `begun`: it is to be charged; `blocked`: another attempt or the bill itself forbids it; `asked`: its terminal asks how it stands;
 * `took`, `declined`, `closed`, `returned`: the provider's word, in any order and as often as it likes.
 */
export const ATTEMPT_EVENTS = ['begun', 'blocked', 'asked', 'took', 'declined', 'closed', 'returned'] as const;
export type AttemptEvent = (typeof ATTEMPT_EVENTS)[number];

const TABLE: Readonly<Record<AttemptState, Partial<Readonly<Record<AttemptEvent, AttemptState>>>>> = {
  open: { begun: 'charging', blocked: 'refused', asked: 'void' },
  charging: { took: 'paid', declined: 'refused', closed: 'void' },
  paid: {},
  refused: { took: 'refunding' },
  void: { took: 'refunding' },
  refunding: { returned: 'refunded' },
  refunded: {},
};

/** What is not in the table changes nothing. */
export const after = (state: AttemptState, event: AttemptEvent): AttemptState => TABLE[state][event] ?? state;

/** The provider may still have a say that somebody waits for. */
export const isUnsettled = (state: AttemptState): boolean => state === 'charging' || state === 'refunding';
