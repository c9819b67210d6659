/** The AsyncAPI 3 document and the JSON Schemas of every message, made from what both ends read and write with. Pure. */
import { z } from 'zod';
import { CASES, CASES_ASKED, MATERIALS, MATERIALS_ASKED, SUBMIT_ASKED, SUBMITTED } from '../messages/affairs.js';
import { ANSWER } from '../messages/answer.js';
import { CLINIC, CLINIC_REFUSED } from '../messages/clinic.js';
import { COMMAND } from '../messages/command.js';
import { RESOLVE_BODY, RESOLVED } from '../messages/credential.js';
import { BOUGHT, BOUGHT_ASKED, DRUGS } from '../messages/drugs.js';
import { ENTRIES } from '../messages/event.js';
import { FARES } from '../messages/fares.js';
import { ITEMS } from '../messages/items.js';
import { MANIFEST } from '../messages/manifest.js';
import { INVITED_ANSWER, INVITED_ASKED, MEETINGS } from '../messages/meeting.js';
import { NOTICE } from '../messages/notice.js';
import { BILL_ASKED, BILL_SAID, CHARGE_ASKED, PAY_SAID, PAY_STATE_ASKED } from '../messages/payment.js';
import { SURVEY } from '../messages/questions.js';
import { REQUEST } from '../messages/request.js';
import { SECRETS } from '../messages/secrets.js';
import { BATCH, CONFIRMED } from '../messages/settlement.js';
import { ACK, HEAD } from '../messages/signed.js';
import { STAFF } from '../messages/staff.js';
import { State } from '../messages/state.js';
import type { Down, Up } from '../messages/topics.js';

type Schema = Readonly<Record<string, unknown>>;

const JSON_TYPE = 'application/json';
const COSE_TYPE = 'application/cose; cose-type="cose-sign1"';
const BYTES_TYPE = 'application/octet-stream';

/** What the payload of a signed message is: in JSON, bytes are lower-case hex and names stand for the numbers 1, 2, 3…. */
const SIGNED = 'Payload of COSE_Sign1 (SM2, alg -65537), a deterministic CBOR map under the numbers 1, 2, 3… in the order of these fields.';

interface Message {
  readonly schema: z.ZodType;
  readonly title: string;
  readonly summary: string;
  readonly contentType: string;
  readonly retain: boolean;
}

const signed = (title: string, summary: string, schema: z.ZodType, retain = false): Message => ({
  schema: schema.describe(SIGNED),
  title,
  summary,
  contentType: COSE_TYPE,
  retain,
});

/** Complete by its type: a topic without its message does not compile. */
const UP: Readonly<Record<Up, Message>> = {
  entries: {
    schema: ENTRIES,
    title: 'Entries',
    summary: 'Lines of the journal with the signed head of the last',
    contentType: JSON_TYPE,
    retain: false,
  },
  request: signed('ak/request', 'Asks a service of the county; correlation data is its id', REQUEST.schema),
  state: { schema: State, title: 'State', summary: 'How the terminal is; also its will', contentType: JSON_TYPE, retain: true },
};

const DOWN: Readonly<Record<Down, Message>> = {
  ack: signed('ak/ack', 'Up to which entry all is stored: only then may the terminal prune', ACK.schema, true),
  answer: signed('ak/answer', 'To one request, whose digest it names', ANSWER.schema),
  command: signed('ak/command', 'An order to one station: once, and for 300 s at most', COMMAND.schema),
  notice: signed('ak/notice', 'Somebody registered with a phone at this terminal’s code: taken once, nobody is named', NOTICE.schema),
  secrets: signed('ak/secrets', 'Keys sealed to this terminal, signed by the root', SECRETS.schema, true),
};

const MANIFEST_MESSAGE: Message = {
  schema: MANIFEST.describe('Payload of COSE_Sign1 by the root: a deterministic CBOR map under these names; times in Unix seconds.'),
  title: 'ak/trust',
  summary: 'Keys, lists, rules and data in force',
  contentType: COSE_TYPE,
  retain: true,
};
const PART_MESSAGE: Message = {
  schema: z.string().meta({ contentEncoding: 'binary' }).describe('65,536 bytes of a list or data file, or what is left of it'),
  title: 'Part of a list or of data',
  summary: 'Proved by the SM3 that the manifest names',
  contentType: BYTES_TYPE,
  retain: true,
};

/** Not of terminals: between the platform and an operator of vehicles (docs/operators.md). */
const OPERATORS: Readonly<Record<'settlement' | 'confirmed', Message>> = {
  settlement: {
    schema: BATCH.describe('Payload of COSE_Sign1 by the platform: this JSON in its canonical form (RFC 8785).'),
    title: 'ak/settlement',
    summary: 'Rides of closed days, each once; retained until it is confirmed',
    contentType: COSE_TYPE,
    retain: true,
  },
  confirmed: {
    schema: CONFIRMED,
    title: 'Confirmed',
    summary: 'The operator has this batch and all before it',
    contentType: JSON_TYPE,
    retain: false,
  },
};

/** What is no message itself: bodies of requests, signed data, the head inside a message. */
const OTHERS: Readonly<Record<string, z.ZodType>> = {
  head: HEAD.schema.describe(SIGNED),
  'credential-resolve': RESOLVE_BODY.schema.describe('Body of the request credential/resolve'),
  'credential-resolved': RESOLVED.schema.describe('Body of its answer'),
  'pharmacy-bought': BOUGHT_ASKED.describe('Body of the request pharmacy/bought'),
  'pharmacy-bought-answer': BOUGHT.describe('Body of its answer'),
  clinic: z
    .strictObject({
      ...Object.fromEntries(Object.entries(CLINIC).map(([word, bodies]) => [word, z.strictObject(bodies)])),
      refused: CLINIC_REFUSED,
    })
    .describe('By word: bodies of the requests clinic/<word>, beside `who`, and of their answers; `refused`: the body of any that is'),
  'pay-bill': BILL_ASKED.describe('Body of the request pay/bill'),
  'pay-bill-answer': BILL_SAID.describe('Body of its answer'),
  'pay-charge': CHARGE_ASKED.describe('Body of the request pay/charge'),
  'pay-state': PAY_STATE_ASKED.describe('Body of the request pay/state: an attempt that has not begun is ended by it'),
  'pay-answer': PAY_SAID.describe('Body of the answers of pay/charge and pay/state'),
  'data-fares': FARES.describe('Signed data `fares`'),
  'data-drugs': DRUGS.describe('Signed data `drugs`'),
  'data-survey': SURVEY.describe('Signed data `survey`'),
  'data-items': ITEMS.describe(
    'Signed data `items`, as CBOR in a byte string under the key `packed`; indices name places in the tables beside',
  ),
  'affairs-materials': MATERIALS_ASKED.describe('Body of the request affairs/materials, beside who it is about'),
  'affairs-materials-answer': MATERIALS.describe('Body of its answer'),
  'affairs-submit': SUBMIT_ASKED.describe('Body of the request affairs/submit'),
  'affairs-submit-answer': SUBMITTED.describe('Body of its answer'),
  'affairs-cases': CASES_ASKED.describe('Body of the request affairs/cases; empty: the cases of whom it is about'),
  'affairs-cases-answer': CASES.describe('Body of its answer'),
  'data-meetings': MEETINGS.describe('Signed data `meetings`'),
  'data-staff': STAFF.describe('Signed data `staff`'),
  'meeting-invited': INVITED_ASKED.describe('Body of the request meeting/invited'),
  'meeting-invited-answer': INVITED_ANSWER.describe('Body of its answer'),
};

/** Bytes know how they look in JSON; all else that JSON Schema cannot say is left open. */
function schemaOf(schema: z.ZodType): Schema {
  const { $schema: _, ...plain } = z.toJSONSchema(schema, { io: 'input', target: 'draft-7', unrepresentable: 'any' });
  return plain;
}

/** By name: `entries`, `ack`, `manifest`, `data-fares`… */
export function messageSchemas(): Readonly<Record<string, Schema>> {
  const messages = { ...UP, ...DOWN, ...OPERATORS, manifest: MANIFEST_MESSAGE };
  const all = [...Object.entries(messages).map(([name, { schema }]) => [name, schema] as const), ...Object.entries(OTHERS)];
  return Object.fromEntries(
    all.map(([name, schema]) => [name, { $schema: 'http://json-schema.org/draft-07/schema#', title: name, ...schemaOf(schema) }]),
  );
}

const region = { description: 'six digits (GB/T 2260)', examples: ['341525'] };
const terminal = { description: 'the terminal: common name of its certificate', examples: ['GATE-1'] };

const operator = { description: 'the operator: common name of its certificate', examples: ['huoshan-bus'] };
const number = { description: 'of the batch, from 1', examples: ['12'] };

const ref = (to: string) => ({ $ref: `#/${to}` });

function channel(address: string, message: string, parameters: Schema, description: string): Schema {
  return { address, description, parameters, messages: { [message]: ref(`components/messages/${message}`) } };
}

function channels(): Record<string, Schema> {
  const of = (way: 'up' | 'down', name: string, { summary }: Message): [string, Schema] => [
    name,
    channel(`ankang/v1/{region}/${way}/{terminal}/${name}`, name, { region, terminal }, summary),
  ];
  return Object.fromEntries([
    ...Object.entries(UP).map(([name, message]) => of('up', name, message)),
    ...Object.entries(DOWN).map(([name, message]) => of('down', name, message)),
    [
      'settlement',
      channel(
        'ankang/v1/{region}/operator/{operator}/settlement/{number}',
        'settlement',
        { region, operator, number },
        OPERATORS.settlement.summary,
      ),
    ],
    [
      'confirmed',
      channel('ankang/v1/{region}/operator/{operator}/confirmed', 'confirmed', { region, operator }, OPERATORS.confirmed.summary),
    ],
    ['manifest', channel('ankang/v1/{region}/trust/manifest', 'manifest', { region }, MANIFEST_MESSAGE.summary)],
    [
      'part',
      channel(
        'ankang/v1/{region}/trust/{name}/{version}/{part}',
        'part',
        {
          region,
          name: { description: 'of the list or data', examples: ['colour.red', 'fares'] },
          version: { description: 'a version, or `from-version` for what changed between two', examples: ['7', '6-7'] },
          part: { description: 'from 0', examples: ['0'] },
        },
        PART_MESSAGE.summary,
      ),
    ],
  ]);
}

/** As the terminal sees it: what it sends, what it receives; of operators, as they see it. */
function operations(): Record<string, Schema> {
  const of = (action: 'send' | 'receive', name: string, { retain, summary }: Message): [string, Schema] => [
    `${action}-${name}`,
    {
      action,
      summary,
      channel: ref(`channels/${name}`),
      messages: [ref(`channels/${name}/messages/${name}`)],
      bindings: { mqtt: { qos: 1, retain, bindingVersion: '0.2.0' } },
      ...(name === 'request' && { reply: { channel: ref('channels/answer'), messages: [ref('channels/answer/messages/answer')] } }),
    },
  ];
  return Object.fromEntries([
    ...Object.entries(UP).map(([name, message]) => of('send', name, message)),
    ...Object.entries(DOWN).map(([name, message]) => of('receive', name, message)),
    of('receive', 'manifest', MANIFEST_MESSAGE),
    of('receive', 'part', PART_MESSAGE),
    of('receive', 'settlement', OPERATORS.settlement),
    of('send', 'confirmed', OPERATORS.confirmed),
  ]);
}

export function asyncApi(version: string): Schema {
  const messages = { ...UP, ...DOWN, ...OPERATORS, manifest: MANIFEST_MESSAGE, part: PART_MESSAGE };
  return {
    asyncapi: '3.0.0',
    info: {
      title: '安康码终端 · Ankang terminal',
      version,
      description: 'MQTT 5, QoS 1, TLS with client certificates. Seen from the terminal. 从终端一侧看。',
      license: { name: 'See LICENSE' },
    },
    defaultContentType: JSON_TYPE,
    servers: {
      county: {
        host: 'broker.example.gov.cn:8883',
        protocol: 'mqtts',
        protocolVersion: '5',
        description: '县平台的代理 · the county’s broker',
      },
    },
    channels: channels(),
    operations: operations(),
    components: {
      messages: Object.fromEntries(
        Object.entries(messages).map(([name, { title, summary, contentType }]) => [
          name,
          {
            name,
            title,
            summary,
            contentType,
            ...((name === 'request' || name === 'answer') && { correlationId: { location: '$message.payload#/id' } }),
            payload: name === 'part' ? schemaOf(PART_MESSAGE.schema) : { $ref: `./schemas/${name}.json` },
          },
        ]),
      ),
    },
  };
}
