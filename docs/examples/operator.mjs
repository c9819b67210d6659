// An operator of buses receives what its vehicles carried: checks each batch, writes CSV lines to standard output, confirms. See docs/operators.md.
//
//   npm install mqtt cborg
//   node operator.mjs --broker mqtts://broker.example.gov.cn:8883 --ca ca.crt --cert operator.crt --key operator.key \
//     --region 341525 --operator huoshan-bus --platform platform.spki [--once]
import { createHash, createPublicKey, createVerify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { decode, encode } from 'cborg';
import mqtt from 'mqtt';

const text = { type: 'string' };
const { values: options } = parseArgs({
  options: { broker: text, ca: text, cert: text, key: text, region: text, operator: text, platform: text, once: { type: 'boolean' } },
});
for (const name of ['broker', 'region', 'operator', 'platform']) if (options[name] === undefined) throw new Error(`--${name} is missing`);

const sm3 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sm3')).digest();

// The platform's public key, SubjectPublicKeyInfo in DER: the county gives it with `ankang county operator`.
const spki = readFileSync(options.platform);
const platform = createPublicKey({ key: spki, format: 'der', type: 'spki' });

// GB/T 32918.2 5.5: Z = SM3(ENTL ‖ ID ‖ a ‖ b ‖ G ‖ public key); the signature is over Z ‖ message.
const CURVE = Buffer.from(
  'FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFC28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93' +
    '32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7BC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0',
  'hex',
);
const Z = sm3(Buffer.from([0, 128]), '1234567812345678', CURVE, spki.subarray(-64));

/** r‖s as the two INTEGERs that OpenSSL reads. */
function der(signature) {
  const integer = (bytes) => {
    const start = bytes.findIndex((byte) => byte !== 0);
    const body = start < 0 ? Buffer.of(0) : bytes.subarray(start);
    return Buffer.concat([Buffer.of(2, body.length + (body[0] >> 7)), body[0] >> 7 ? Buffer.of(0) : Buffer.alloc(0), body]);
  };
  const both = Buffer.concat([integer(signature.subarray(0, 32)), integer(signature.subarray(32))]);
  return Buffer.concat([Buffer.of(0x30, both.length), both]);
}

/** COSE_Sign1 (RFC 9052): the payload, once its signature holds. */
function opened(bytes) {
  const [header, unprotected, payload, signature] = decode(bytes, { useMaps: true });
  const { size } = unprotected;
  if (size !== 0 || decode(header, { useMaps: true }).get(16) !== 'ak/settlement') throw new Error('not a settlement');
  const signed = encode(['Signature1', header, new Uint8Array(0), payload]);
  const holds = createVerify('sm3').update(Buffer.concat([Z, signed])).verify(platform, der(Buffer.from(signature)));
  if (!holds) throw new Error('the signature does not hold');
  return Buffer.from(payload);
}

const root = `ankang/v1/${options.region}/operator/${options.operator}`;
const file = (name) => (options[name] === undefined ? {} : { [name]: readFileSync(options[name]) });
const client = mqtt.connect(options.broker, { protocolVersion: 5, clientId: options.operator, clean: false, ...file('ca'), ...file('cert'), ...file('key') });
client.on('connect', () => client.subscribe(`${root}/settlement/+`, { qos: 1 }));
client.on('error', (error) => process.stderr.write(`${error.message}\n`));

/** Numbers are kept by whoever keeps the rides: a batch that is there already is confirmed again and told once. */
const seen = new Map();

client.on('message', (topic, message) => {
  if (message.length === 0) return;
  const payload = opened(message);
  const batch = JSON.parse(payload.toString());
  if (batch.operator !== options.operator || !topic.endsWith(`/${batch.number}`)) throw new Error(`a batch of somebody else at ${topic}`);
  const digest = sm3(payload).toString('hex');
  const before = seen.get(batch.number - 1);
  if (before !== undefined && before !== batch.prev) throw new Error(`batch ${batch.number} does not follow the one before`);
  if (!seen.has(batch.number)) for (const ride of batch.rides) process.stdout.write(`${[batch.number, ride.id, ride.day, ride.line ?? '', ride.fare].join(',')}\n`);
  seen.set(batch.number, digest);
  const confirmed = JSON.stringify({ number: batch.number, sm3: digest });
  client.publish(`${root}/confirmed`, confirmed, { qos: 1 }, () => options.once && client.end());
});
