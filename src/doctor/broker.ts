/** Can the broker be reached, is it the one we trust, and does it let this terminal in? Comes under a name of its own, so that nobody is put out. */
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { withinDates } from './certificates.js';
import { type Check, found, type Outcome, type Patient, reasonOf, right, skipped } from './check.js';
import { connackReason, hello } from './mqtt-hello.js';

const PATIENCE_MS = 5000;
const PORTS: Readonly<Record<string, number>> = { 'mqtt:': 1883, 'mqtts:': 8883, 'ws:': 80, 'wss:': 443 };

export const broker: Check = {
  title: { zh: '消息代理', en: 'broker' },
  async look(patient, { clocks }) {
    const { uplink } = patient.configuration;
    if (!uplink) return [skipped('没有配置上行', 'no uplink is configured')];
    const url = new URL(uplink.url);
    const at = `${url.hostname}:${portOf(url)}`;
    const tls = tlsFiles(patient);
    if (!tls) return [skipped('证书文件读不出，见“证书”', 'the files of TLS cannot be read, see “certificates”')];
    const line = await reach(url, tls);
    if (!('socket' in line)) return [found(line.failed, `${at}: ${line.reason}`)];
    const { socket } = line;
    try {
      const dates = 'getPeerCertificate' in socket ? [peerDates(socket, at, clocks.wall())] : [];
      return [...dates, await welcomed(socket, url, patient, at)];
    } finally {
      socket.destroy();
    }
  },
};

const isSecure = ({ protocol }: URL): boolean => protocol === 'mqtts:' || protocol === 'wss:';
const portOf = ({ port, protocol }: URL): number => Number(port) || (PORTS[protocol] ?? 0);

interface Files {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

function tlsFiles({ configuration, resolve }: Patient): Files | undefined {
  try {
    const named = (['ca', 'cert', 'key'] as const).flatMap((field) => {
      const path = configuration.uplink?.[field];
      return path === undefined ? [] : [[field, readFileSync(resolve(path))] as const];
    });
    return Object.fromEntries(named);
  } catch {
    return undefined; // said by the check of certificates
  }
}

type Reached =
  | { readonly socket: Socket | TLSSocket }
  | { readonly failed: 'broker-unreachable' | 'broker-certificate'; readonly reason: string };

/** A fault before the line stands is the network's, one after it is the handshake's. */
function reach(url: URL, files: Files): Promise<Reached> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const line = connect({ host, port: portOf(url), timeout: PATIENCE_MS });
  return new Promise((resolve) => {
    let stands = false;
    const fail = (reason: string): void => {
      line.destroy();
      resolve({ failed: stands ? 'broker-certificate' : 'broker-unreachable', reason });
    };
    line.once('timeout', () => fail(`no answer in ${PATIENCE_MS / 1000} s`)).once('error', (error) => fail(error.message));
    line.once('connect', () => {
      stands = true;
      if (!isSecure(url)) return resolve({ socket: line });
      const servername = /^[\d.]+$|:/.test(host) ? {} : { servername: host };
      const secure = connectTls({ socket: line, host, ...servername, ...files }, () => resolve({ socket: secure }));
      secure.once('error', (error) => fail(reasonOf(error))).once('close', () => fail('closed'));
    });
  });
}

function peerDates(socket: TLSSocket, at: string, now: number): Outcome {
  const { valid_from, valid_to } = socket.getPeerCertificate();
  return withinDates({ validFrom: valid_from, validTo: valid_to }, at, now);
}

/** A refused client certificate shows only here: TLS 1.3 ends the line after its handshake. */
async function welcomed(socket: Socket, url: URL, { configuration }: Patient, at: string): Promise<Outcome> {
  if (url.protocol.startsWith('ws')) return right(`${at} (WebSocket: not asked further)`);
  const [user, password] = [url.username, url.password].map(decodeURIComponent);
  const answer = answerOf(socket);
  socket.write(hello({ client: `${configuration.terminal.id}-doctor`, user, password }));
  const reason = await answer;
  return reason === 0
    ? right(`${at} CONNACK 0`)
    : found('broker-refuses', `${at}: ${typeof reason === 'number' ? `CONNACK ${reason}` : reason}`);
}

/** The reason code of the CONNACK, or why none came. */
function answerOf(socket: Socket): Promise<number | string> {
  return new Promise((resolve) => {
    let heard = Buffer.alloc(0);
    socket.setTimeout(PATIENCE_MS, () => resolve('no CONNACK'));
    socket.once('error', (error) => resolve(error.message)).once('close', () => resolve('closed without CONNACK'));
    socket.on('data', (chunk: Buffer) => {
      heard = Buffer.concat([heard, chunk]).subarray(0, 64);
      const reason = connackReason(heard);
      if (reason !== undefined) resolve(reason);
    });
  });
}
