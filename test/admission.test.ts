/** Admission: which word comes first when several hold, and what the clock's interval allows (wire.md 2 and 3). */
import * as fc from 'fast-check';
import t from 'tap';
import { type Asked, admission, timeRefusal } from '../src/admission.js';
import { type Credential, REFUSALS, type Refusal, type Rule, type Trust } from '../src/contracts.js';
import { numberOf, REFUSAL_WORDS } from '../src/messages/refusals.js';

const NOW = Date.UTC(2026, 10, 22, 4);
const SUBJECT = 'AAAAAAAAAAAAAAAAAAAAAA';
const HOUR = 3_600_000;

const person: Credential = {
  kind: 'person',
  format: 'ak1',
  form: 'screen',
  subject: SUBJECT,
  codeId: '0011223344556677',
  validFrom: NOW - 1000,
  validUntil: NOW + 200_000,
  revokedAt: Number.POSITIVE_INFINITY,
  colour: 'green',
  replayId: new Uint8Array(32),
  claims: {},
};

function trust(listed: readonly string[], rule: Rule = {}, changes: Partial<Trust> = {}): Trust {
  return {
    seq: 1,
    region: '341525',
    issued: NOW - HOUR,
    expires: NOW + 24 * HOUR,
    listsAsOf: NOW - 2 * HOUR,
    keys: {
      signer: () => undefined,
      transit: () => [],
      point: () => undefined,
      verify: () => false,
      sm3: () => new Uint8Array(32),
      once: (_, check) => check(),
    },
    lists: { known: () => true, listed: (list) => listed.includes(list) },
    rules: { entry: rule },
    minVersion: undefined,
    sealTo: undefined,
    data: () => undefined,
    ...changes,
  };
}

const scene = { name: 'entry', scene: { accepts: ['person'] } } satisfies Asked['scene'];

interface Given {
  readonly credential?: Partial<Credential>;
  readonly listed?: readonly string[];
  readonly rule?: Rule;
  readonly trust?: Partial<Trust>;
  readonly used?: boolean;
  readonly at?: readonly [number, number];
}

function word(given: Given): Refusal | 'admit' {
  const [earliest, latest] = given.at ?? [NOW, NOW];
  const answer = admission({
    credential: { ...person, ...given.credential },
    moment: { earliest, latest },
    trust: trust(given.listed ?? [], given.rule, given.trust),
    scene,
    used: () => given.used === true,
  });
  return answer.admit ? 'admit' : answer.refusal;
}

const CASES: readonly (readonly [string, Given, Refusal | 'admit'])[] = [
  ['a fresh green code is admitted', {}, 'admit'],
  ['a code without a colour is admitted', { credential: { colour: 'unknown' } }, 'admit'],
  ['a red code is refused for its colour', { credential: { colour: 'red' } }, 'colour'],
  ['a list overrides the green of the code', { listed: ['colour.yellow'] }, 'colour'],
  ['a red word on paper counts for nothing', { credential: { form: 'paper', colour: 'red' } }, 'admit'],
  ['paper of somebody on the red list is refused', { credential: { form: 'paper' }, listed: ['colour.red'] }, 'colour'],
  ['yellow is let in where the rule says so', { listed: ['colour.yellow'], rule: { colours: ['green', 'yellow'] } }, 'admit'],
  ['a green-only rule admits paper that is on no colour list', { credential: { form: 'paper' }, rule: { colours: ['green'] } }, 'admit'],
  [
    'a green-only rule refuses paper where the colour lists are not known',
    { credential: { form: 'paper' }, rule: { colours: ['green'] }, trust: { lists: { known: () => false, listed: () => false } } },
    'colour',
  ],
  ['a withdrawn code is refused', { listed: ['revoked.code'] }, 'revoked'],
  ['a withdrawn card is looked for on the list of cards only', { credential: { form: 'card' }, listed: ['revoked.code'] }, 'admit'],
  ['a lost card is refused', { credential: { form: 'card' }, listed: ['revoked.card'] }, 'revoked'],
  ['a suspended enterprise is refused', { credential: { claims: { status: 'suspended' } } }, 'revoked'],
  ['a used code is refused', { used: true }, 'already-used'],
  ['a code that may be shown again is not looked up', { used: true, credential: { form: 'paper', replayId: undefined as never } }, 'admit'],
  ['withdrawn comes before colour', { listed: ['revoked.code', 'colour.red'] }, 'revoked'],
  ['colour comes before already used', { listed: ['colour.red'], used: true }, 'colour'],
  ['expired comes before withdrawn', { credential: { validUntil: NOW }, listed: ['revoked.code'] }, 'expired'],
  ['stale trust comes before expired', { trust: { expires: NOW }, credential: { validUntil: NOW } }, 'trust-stale'],
  ['a revoked key comes before stale trust', { trust: { expires: NOW }, credential: { revokedAt: NOW } }, 'forged'],
  ['not for here comes before expired', { credential: { kind: 'venue', form: 'venue', validUntil: NOW } }, 'not-for-here'],
  ['a transit code is not for a gate that does not name it', { credential: { form: 'transit', format: 'mot' } }, 'not-for-here'],
  ['keys older than the rule allows', { rule: { maxAgeKeys: 3599 } }, 'trust-stale'],
  ['keys exactly as old as the rule allows', { rule: { maxAgeKeys: 3600 } }, 'admit'],
  ['lists older than the rule allows', { rule: { maxAgeLists: 7199 } }, 'trust-stale'],
  ['stale trust is let pass where the rule says flag', { rule: { maxAgeLists: 1, stale: 'flag' } }, 'admit'],
  ['expired trust is let pass where the rule says admit', { trust: { expires: NOW - HOUR }, rule: { stale: 'admit' } }, 'admit'],
  ['its revocations still hold', { trust: { expires: NOW - HOUR }, rule: { stale: 'admit' }, listed: ['revoked.code'] }, 'revoked'],
  ['a terminal that does not know the time at all has stale trust', { at: [NOW, Number.POSITIVE_INFINITY] }, 'trust-stale'],
  [
    'and with a patient rule it is unsure of the code',
    { at: [NOW, Number.POSITIVE_INFINITY], rule: { stale: 'admit' } },
    'clock-uncertain',
  ],
  [
    'a key that will be revoked within what the clock allows makes it unsure',
    { at: [NOW, NOW + 5000], credential: { revokedAt: NOW + 3000 } },
    'clock-uncertain',
  ],
  ['a clock at 1970 refuses a code of today', { at: [0, 0] }, 'not-yet-valid'],
  ['a clock at 2040 has stale trust', { at: [Date.UTC(2040, 0), Date.UTC(2040, 0)] }, 'trust-stale'],
];

for (const [name, given, expected] of CASES) {
  t.test(name, (t) => {
    t.equal(word(given), expected);
    t.end();
  });
}

t.test('the clock is never guessed: whatever the true time in the interval is, the word is right or says that it is unsure', (t) => {
  const instant = fc.integer({ min: -500_000, max: 500_000 });
  fc.assert(
    fc.property(
      instant,
      fc.nat(200_000),
      instant,
      fc.nat(300_000),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (start, length, earliest, width, where) => {
        const window = { validFrom: start, validUntil: start + length, revokedAt: Number.POSITIVE_INFINITY };
        const truth = earliest + Math.floor(where * width);
        const said = timeRefusal(window, { earliest, latest: earliest + width });
        const right = truth < start - 60_000 ? 'not-yet-valid' : truth >= start + length ? 'expired' : undefined;
        // Between start and start − 60 s both words are right: the skew is a tolerance.
        return said === 'clock-uncertain' || said === right || (said === 'expired' && truth >= start + length);
      },
    ),
    { numRuns: 20_000 },
  );
  t.end();
});

t.test('every refusal has its number and words in both languages for the visitor, the clerk and the next step', (t) => {
  t.same(
    REFUSALS.map(numberOf),
    REFUSALS.map((_, i) => 101 + i),
  );
  for (const refusal of REFUSALS) {
    for (const { zh, en } of Object.values(REFUSAL_WORDS[refusal])) {
      t.match(zh, /[\u4e00-\u9fff]/, `${refusal} in Chinese`);
      t.match(en, /^[A-Z][^\u4e00-\u9fff]+$/, `${refusal} in English`);
      t.notMatch(`${zh} ${en}`, /红|黄|绿|灰|病|\b(red|yellow|green|grey|ill|illness)\b/i, 'no colour, no illness');
    }
  }
  t.end();
});
