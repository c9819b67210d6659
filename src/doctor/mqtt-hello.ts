/** The first packet of MQTT 5 and the answer to it (OASIS MQTT 5.0, 3.1 and 3.2): all that is needed to ask whether one is let in. Pure. */

export interface Hello {
  readonly client: string;
  /** Empty: none. */
  readonly user: string | undefined;
  readonly password: string | undefined;
}

const CONNECT = 0x10;
const CONNACK = 0x20;
const FLAG = { cleanStart: 0x02, password: 0x40, user: 0x80 } as const;

/** CONNECT with a clean start, no will and no properties. Names of a configuration fit into 65,535 bytes. */
export function hello({ client, user, password }: Hello): Buffer {
  const flags = FLAG.cleanStart | (user ? FLAG.user : 0) | (password ? FLAG.password : 0);
  const body = Buffer.concat([
    text('MQTT'),
    Uint8Array.of(5, flags, 0, 30, 0),
    text(client),
    ...[user, password].flatMap((one) => (one ? [text(one)] : [])),
  ]);
  return Buffer.concat([Uint8Array.of(CONNECT), varint(body.length), body]);
}

function text(words: string): Buffer {
  const bytes = Buffer.from(words);
  return Buffer.concat([Uint8Array.of(bytes.length >> 8, bytes.length & 0xff), bytes]);
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; rest > 0 || bytes.length === 0; rest >>= 7) bytes.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
  return Uint8Array.from(bytes);
}

/** undefined: not all of it is there yet. 0x82 (protocol error) for what is no CONNACK. */
export function connackReason(heard: Uint8Array): number | undefined {
  const [kind] = heard;
  if (kind !== undefined && kind !== CONNACK) return 0x82;
  const length = heard.findIndex((byte, i) => i > 0 && byte < 0x80);
  return length < 0 ? undefined : heard[length + 2];
}
