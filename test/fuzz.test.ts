/** Noise on every wire: random and mutated inputs into every parser; none throws, none makes the heap grow. */
import { readdirSync, readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import t from 'tap';
import { splitter } from '../src/cli/_lines.js';
import type { KeyRing } from '../src/contracts.js';
import { decodeBase32, decodeBase64, decodeBase64Url, decodeHex, encodeHex } from '../src/crypto/base-n.js';
import { decodeBase45, encodeBase45 } from '../src/crypto/base45.js';
import { type Cbor, decodeCbor, encodeCbor } from '../src/crypto/cbor.js';
import { parseSign1, sign1Of } from '../src/crypto/cose.js';
import { createOpener, createSealer } from '../src/crypto/seal.js';
import { pointOfSpki, spkiOf, toDer } from '../src/crypto/sm2.js';
import { hmacSm3, sm3 } from '../src/crypto/sm3.js';
import { opensslVerifier } from '../src/crypto/verifier.js';
import { parseMot } from '../src/formats/mot.js';
import { type Answer, makeAnswer, openBody, readAnswer } from '../src/messages/answer.js';
import { decodeCard, encodeKnownCard } from '../src/messages/card.js';
import {
  decodeEnterprise,
  decodeMoment,
  decodePerson,
  decodeVenue,
  encodeEnterprise,
  encodeMoment,
  encodePerson,
  encodeVenue,
} from '../src/messages/claims.js';
import { makeCommand, readCommand } from '../src/messages/command.js';
import { decodeResolve, decodeResolved, decodeResolveRefusal, encodeResolve, encodeResolved } from '../src/messages/credential.js';
import { parseDrugs } from '../src/messages/drugs.js';
import { makeEnrol, makeEnrolAnswer, makeRenew, readEnrol, readEnrolAnswer, readRenew } from '../src/messages/enrol.js';
import { type Entry, entryHash, fromMessage, GENESIS, toEvent, toMessage } from '../src/messages/entry.js';
import { decodeFares } from '../src/messages/fares.js';
import { isCreditCode, residentId } from '../src/messages/identifiers.js';
import { decodeManifest } from '../src/messages/manifest.js';
import { cborOf } from '../src/messages/plain.js';
import { parseSurvey } from '../src/messages/questions.js';
import { makeRequest, readRequest } from '../src/messages/request.js';
import { makeSecrets, openSecrets } from '../src/messages/secrets.js';
import { makeAck, makeHead, readAck, readHead } from '../src/messages/signed.js';
import { makeSiteWord, readSiteWord, type SiteKeys, siteKeys } from '../src/messages/site.js';
import { parseState } from '../src/messages/state.js';
import { applyDeltaSteps, makeDelta, makeList } from '../src/messages/status-list.js';
import { atOnce } from '../src/messages/steps.js';
import { decodeTicket, encodeTicket, ticketId } from '../src/messages/ticket.js';
import { parseTopic } from '../src/messages/topics.js';
import { enterpriseClaims, venueClaims } from '../src/platform/forgery/persons.js';
import { newSubject, paperClaims, screenClaims } from '../src/platform/forgery/sample.js';
import { forgeryKit } from '../src/platform/forgery.js';
import { loadFormats, readCredential } from '../src/station/read.js';
import { keyRing } from '../src/trust/key-ring.js';
import { AT, kitKeys, platform, root, signers, terminal, testKey, testTrust, transit } from './county.js';
import { below, mutated, pick, randomCbor, randomOf, SEED } from './noise.js';

/** For each parser; `npm run fuzz` asks for a hundred thousand. */
const EACH = Number(process.env['FUZZ'] ?? 4000);
t.setTimeout(EACH * 30 + 60_000);

/** Signatures always hold: what is behind them is reached without their cost. */
function credulous(): KeyRing {
  const ring = keyRing(signers, transit, opensslVerifier());
  const [first] = signers;
  return {
    ...ring,
    signer: (kid) => ring.signer(kid) ?? first,
    transit: (system, index) => [...ring.transit(system, index), ...transit.filter((key) => key.system === system)],
    point: (encoded) => (encoded.length === 33 || encoded.length === 64 ? testPoint : undefined),
    verify: () => true,
    once: (_bytes, check) => check(),
  };
}
const testPoint = terminal.point;

const FOLDER = new URL('../../test/vectors/', import.meta.url);
interface Vector {
  readonly text?: string;
  readonly hex?: string;
}

function vectorBytes(): readonly Uint8Array[] {
  return readdirSync(FOLDER).flatMap((file) =>
    (JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as { vectors: readonly Vector[] }).vectors.map(({ text, hex }) =>
      Uint8Array.from(hex === undefined ? Buffer.from(text ?? '') : Buffer.from(hex, 'hex')),
    ),
  );
}

/** The COSE objects inside the vectors, so that changes are made under the Base45. */
function objects(): readonly Uint8Array[] {
  return vectorBytes().flatMap((bytes) =>
    Buffer.from(bytes.subarray(0, 4)).toString().endsWith(':') ? (decodeBase45(bytes, 4) ?? []) : [],
  );
}

function message(): Uint8Array {
  const origin = { terminal: 'gate-1', journal: '0102030405060708', region: '341525', checkpoint: 'hospital' };
  const entry: Omit<Entry, 'hash'> = {
    seq: 1,
    earliest: AT * 1000,
    latest: null,
    kind: 'verdict',
    public: '{"admit":true}',
    seal: Uint8Array.of(1, 2),
    prev: GENESIS,
  };
  const whole: Entry = { ...entry, hash: entryHash(origin, entry) };
  const head = makeHead({ terminal: 'gate-1', journal: new Uint8Array(8), seq: 1, hash: whole.hash }, terminal);
  return Buffer.from(toMessage([toEvent(origin, whole)], head));
}

interface Target {
  readonly name: string;
  readonly from: readonly Uint8Array[];
  readonly parse: (bytes: Uint8Array) => unknown;
}

async function targets(): Promise<readonly Target[]> {
  const formats = await loadFormats();
  const configured = await loadFormats({
    mot: { customLength: 'decimal-of-hex' },
    voucher: { patterns: [{ name: 'made-up', characters: 'alphanumeric', shortest: 8, longest: 64 }] },
  });
  const [real, all] = [keyRing(signers, transit, opensslVerifier()), credulous()];
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
  const kit = { keys: kitKeys, at: AT };
  const yes = (): boolean => true;
  const opening = testKey('open');
  const opener = createOpener(opening.d, opening.kid);
  const none = { regionKeys: new Map([[0, sm3(root.kid)]]), siteKey: sm3(root.kid), listKeys: new Map() };
  const secrets = makeSecrets({ terminal: 'gate-1', seq: 1, issued: AT * 1000, ...none }, opening, root);
  const seal = createSealer(opening.point, opening.kid).seal(Buffer.from('something'), 'entry/x');
  const [older, newer] = [makeList([randomOf(8), randomOf(8), randomOf(8)]), makeList([randomOf(8), randomOf(8)])];
  const { manifest } = testTrust();
  const payload = parseSign1(manifest)?.payload ?? new Uint8Array(0);
  const claims = [encodePerson(screenClaims(kit)), encodePerson(paperClaims(kit)), encodeMoment({ issued: AT, codeId: new Uint8Array(8) })];
  const ack = { terminal: 'gate-1', journal: new Uint8Array(8), seq: 1, hash: new Uint8Array(32), issued: AT };
  const order = makeCommand(
    { terminal: 'gate-1', station: 'front', counter: 1, issued: AT, notAfter: AT + 60, order: { verb: 'release', direction: 'in' } },
    platform,
  );
  const question = { terminal: 'gate-1', id: randomOf(16), operation: 'credential/resolve', deadline: AT + 2, body: 'x' };
  const asked = makeRequest({ ...question, replyKey: undefined }, terminal);
  const reply = { terminal: 'gate-1', id: question.id, digest: asked.digest, status: 'ok', body: 'x', issued: AT } as const;
  const answer = makeAnswer(reply, platform, Uint8Array.of(4, ...opening.point));
  const opened = (found: Answer | undefined): unknown => found && openBody(found, opener);
  const secret = randomOf(16);
  const enrol = makeEnrol(
    { terminal: 'gate-1', ticket: ticketId(secret), sign: spkiOf(terminal.point), open: spkiOf(opening.point), csr: randomOf(300) },
    secret,
    terminal,
  );
  const renew = makeRenew({ terminal: 'gate-1', csr: randomOf(300), at: AT }, terminal);
  const chain = [randomOf(500), randomOf(500)] as const;
  const enrolled = makeEnrolAnswer({ chain, root: spkiOf(root.point), manifest, secrets }, secret);
  const ticket = encodeTicket({
    terminal: 'gate-1',
    checkpoint: 'hospital',
    region: '341525',
    root: sm3(root.kid),
    leastSeq: 1,
    broker: 'mqtts://broker.example:8883',
    enrol: 'https://county.example:8443',
    ca: sm3(root.kid),
    secret,
    expires: AT,
  });
  const under = (prefix: string, bytes: Uint8Array): Uint8Array => Buffer.from(`${prefix}${encodeBase45(bytes)}`);
  const site = siteKeys(sm3(root.kid));
  const word = makeSiteWord(
    { checkpoint: 'hospital', terminal: 'gate-1', boot: 1, counter: 1, kind: 'used', token: randomOf(16), expires: AT },
    site,
  );
  const card = encodeKnownCard({ code: '0'.repeat(32), number: 'A1234567', validUntil: '20301231', holder: undefined });
  const bodies = [
    encodeResolve({ code: 'x', scene: 'entry' }),
    encodeResolved({ subject: newSubject(), colour: 'green', validUntil: AT * 1000 }),
  ].map(encodeCbor);
  const bodyOf = (body: Cbor): unknown => [decodeResolve(body), decodeResolved(body), decodeResolveRefusal(body)];
  const words = { zh: '测试', en: 'test' };
  const tables = [
    {
      version: 1,
      classes: [{ id: 'fever', name: words, unit: words, most: 2, days: 7 }],
      medicines: [{ code: '06901234567892', name: words, class: 'fever' }],
    },
    {
      version: 1,
      questions: [
        {
          id: 'way',
          ask: words,
          choices: [
            { id: 'good', label: words },
            { id: 'bad', label: words },
          ],
        },
      ],
    },
  ].map((table) => encodeCbor(cborOf(table)));
  const read = (bytes: Uint8Array, ring: KeyRing): unknown => readCredential(formats, bytes, 'code', ring);
  return [
    { name: 'formats, real keys', from: vectorBytes(), parse: (bytes) => read(bytes, real) },
    { name: 'formats, signatures that always hold', from: vectorBytes(), parse: (bytes) => read(bytes, all) },
    { name: 'formats with settings', from: vectorBytes(), parse: (bytes) => readCredential(configured, bytes, 'code', all) },
    { name: 'AK1 under its Base45', from: objects(), parse: (bytes) => read(Buffer.from(`AK1:${encodeBase45(bytes)}`), all) },
    { name: 'AK2 under its Base45', from: objects(), parse: (bytes) => read(Buffer.from(`AK2:${encodeBase45(bytes)}`), all) },
    {
      name: 'ride code, taken apart',

      from: vectorBytes(),
      parse: (bytes) => [parseMot(bytes), parseMot(bytes, 'decimal-of-hex')],
    },
    { name: 'CBOR', from: [payload, ...claims], parse: decodeCbor },
    { name: 'COSE', from: [manifest, ...objects()], parse: (bytes) => [parseSign1(bytes), sign1Of(decodeCbor(bytes))] },
    {
      name: 'claims',

      from: [...claims, encodeEnterprise(enterpriseClaims(kit)), encodeVenue(venueClaims(kit))],
      parse: (bytes) => [decodePerson, decodeMoment, decodeEnterprise, decodeVenue].map((decode) => decode(bytes)),
    },
    {
      name: 'Base45, Base32, Base64, hex',

      from: vectorBytes(),
      parse: (bytes) => [
        decodeBase45(bytes),
        decodeBase32(text(bytes)),
        decodeBase64(text(bytes)),
        decodeBase64Url(text(bytes)),
        decodeHex(text(bytes)),
      ],
    },
    { name: 'manifest', from: [payload], parse: decodeManifest },
    { name: 'status list delta', from: [makeDelta(older, newer)], parse: (bytes) => atOnce(applyDeltaSteps(older, bytes)) },
    { name: 'fares', from: [encodeCbor(new Map([['tariffs', []]]))], parse: decodeFares },
    { name: 'message of entries', from: [message()], parse: fromMessage },
    {
      name: 'head and ack',

      from: [makeHead(ack, terminal), makeAck(ack, platform)],
      parse: (bytes) => [readHead(bytes, yes), readAck(bytes, yes)],
    },
    {
      name: 'secrets',

      from: [secrets],
      parse: (bytes) => openSecrets({ bytes, terminal: 'gate-1', roots: [root.point], opener }),
    },
    { name: 'command', from: [order], parse: (bytes) => readCommand(bytes, yes) },
    { name: 'request', from: [asked.bytes], parse: (bytes) => readRequest(bytes, yes) },
    { name: 'answer', from: [answer], parse: (bytes) => opened(readAnswer(bytes, yes)) },
    { name: 'enrolment', from: [enrol, renew], parse: (bytes) => [readEnrol(bytes), readRenew(bytes)] },
    { name: 'answer to an enrolment', from: [enrolled], parse: (bytes) => readEnrolAnswer(bytes, secret) },
    { name: 'ticket', from: [Buffer.from(ticket)], parse: decodeTicket },
    {
      name: 'ticket under its Base45',
      from: [decodeBase45(Buffer.from(ticket), 4) ?? secret],
      parse: (bytes) => decodeTicket(under('AT1:', bytes)),
    },
    { name: 'word of a site', from: [word], parse: (bytes) => [readSiteWord(bytes, site), readSiteWord(again(bytes, site), site)] },
    { name: 'card', from: [card], parse: (bytes) => [decodeCard(bytes), readCredential(formats, bytes, 'card', real)] },
    { name: 'bodies of requests', from: [...bodies], parse: (bytes) => bodyOf(decodeCbor(bytes) ?? null) },
    { name: 'medicines and survey', from: [...tables], parse: (bytes) => [parseDrugs(decodeCbor(bytes)), parseSurvey(decodeCbor(bytes))] },
    { name: 'seal', from: [seal], parse: (bytes) => opener.open(bytes, 'entry/x') },
    {
      name: 'state',

      from: [Buffer.from('{"session":"x","journal":null}')],
      parse: (bytes) => parseState(Buffer.from(bytes).toString()),
    },
    {
      name: 'topic',

      from: [Buffer.from('ankang/v1/341525/trust/colour.red/3/1')],
      parse: (bytes) => parseTopic(Buffer.from(bytes).toString()),
    },
    {
      name: 'identifiers',

      from: [Buffer.from('341525199001010011'), Buffer.from('91341525MA0000000Q')],
      parse: (bytes) => [residentId(text(bytes)), isCreditCode(text(bytes))],
    },
    { name: 'keys and signatures', from: [Buffer.from(testTrust().root)], parse: (bytes) => [pointOfSpki(bytes), toDer(bytes)] },
    { name: 'lines of `ankang verify`', from: vectorBytes(), parse: (bytes) => splitter(64).push(bytes) },
  ];
}

/** The same word with a MAC that holds, where it can have one: what is behind it is reached. */
function again(bytes: Uint8Array, keys: SiteKeys): Uint8Array {
  const said = bytes.subarray(0, Math.max(0, bytes.length - 17));
  const mac = hmacSm3(keys.mac, Uint8Array.of(0x88), said.subarray(1)).subarray(0, 16);
  return Buffer.concat([said, Uint8Array.of(0x50), mac]);
}

function inputFor({ from }: Target): Uint8Array {
  const kind = below(10);
  if (kind < 7) return mutated(pick(from));
  if (kind === 7) return randomOf(below(600));
  return kind === 8 ? randomCbor() : Uint8Array.from({ length: below(200) }, () => 0x20 + below(95));
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function heap(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

t.test(`${EACH} inputs into every parser: none throws, and nothing is left behind`, async (t) => {
  const parsers = await targets();
  t.comment(`seed ${SEED}, ${parsers.length} parsers`);
  for (const target of parsers) {
    let warm = 0;
    for (let done = 0; done < EACH; done++) {
      if (done === EACH / 10) warm = heap();
      const input = inputFor(target);
      try {
        target.parse(input);
      } catch (error) {
        t.fail(`${target.name} threw at ${encodeHex(input)}: ${error instanceof Error ? error.stack : String(error)}`);
        return;
      }
    }
    const grown = heap() - warm;
    t.ok(grown < 8 * 1024 * 1024, `${target.name}: the heap grew by ${grown} bytes`);
  }
});

t.test('a code is never made out of noise', async (t) => {
  const formats = await loadFormats();
  const ring = keyRing(signers, transit, opensslVerifier());
  const good = [...forgeryKit({ keys: kitKeys, at: AT, flips: 0 })].filter(
    ({ expect, line }) => expect === 'admit' && line.startsWith('AK'),
  );
  let admitted = 0;
  for (let i = 0; i < 3000; i++) {
    const original = Buffer.from(pick(good).line);
    const input = mutated(original);
    if (!('refusal' in readCredential(formats, input, 'code', ring).result) && !original.equals(input)) admitted++;
  }
  t.equal(admitted, 0);
});
