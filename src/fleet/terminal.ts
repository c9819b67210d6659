/**
 * One terminal that is played: its outbox, its connection, and what goes wrong with it.
 *
 *   scan → outbox → at most 512 entries unacknowledged → broker;  down/+/ack → cursor
 */
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { MESSAGE_ENTRIES } from '../messages/entry.js';
import { readAck, type Verify } from '../messages/signed.js';
import { topicOf } from '../messages/topics.js';
import type { Chance } from './chance.js';
import { Outbox, type Owner, type Scan } from './outbox.js';

/** wire.md 4 */
const MOST_UNACKNOWLEDGED = 512;
/** What is kept for a cursor that goes back. */
const KEPT_BEHIND = 256;
/** No acknowledgement for so long: all since the last one again. */
const AGAIN_MS = { least: 5000, most: 60_000 };
/** Messages that the broker has not confirmed. */
const MOST_UNDER_WAY = 8;
const BACK_MS = { least: 200, most: 2000 };

export interface Playing extends Owner {
  readonly url: string;
  readonly options: IClientOptions;
  readonly verify: Verify;
  readonly chance: Chance;
  /** Of so many messages one is sent twice. */
  readonly duplicates: number;
}

export class PlayedTerminal {
  readonly outbox: Outbox;
  /** ms from when an entry could first be sent to when its acknowledgement was heard. */
  readonly waits: number[] = [];
  readonly faults = { offline: 0, duplicates: 0, powerCuts: 0, twins: 0 };
  /** Entries that a twin wrote: forks at the county. */
  forked = 0;
  acked = 0;
  #sent = 0;
  readonly #playing: Playing;
  readonly #since: number[] = [];
  readonly #topic: string;
  #client: MqttClient | undefined;
  #again: NodeJS.Timeout | undefined;
  #patience = AGAIN_MS.least;
  #underWay = 0;
  #twinDue = false;
  #pumping: NodeJS.Immediate | undefined;
  #ended = false;

  constructor(playing: Playing) {
    this.#playing = playing;
    this.outbox = new Outbox(playing);
    this.#topic = topicOf({ way: 'up', region: playing.region, terminal: playing.terminal, what: 'entries' });
  }

  get connected(): boolean {
    return this.#client?.connected === true;
  }

  scan(scan: Scan): void {
    this.outbox.write(scan);
    this.#since.push(performance.now());
    // What is scanned in one turn travels together.
    this.#pumping ??= setImmediate(() => this.#pump());
  }

  connect(): void {
    if (this.#client || this.#ended) return;
    const { url, options, region, terminal } = this.#playing;
    const client = mqtt.connect(url, {
      ...options,
      clientId: terminal,
      protocolVersion: 5,
      clean: true,
      queueQoSZero: false,
      resubscribe: false,
      // The county may not know us yet.
      reconnectOnConnackError: true,
      reconnectPeriod: BACK_MS.least + Math.floor(this.#playing.chance() * BACK_MS.most),
    });
    this.#client = client;
    // Offline is what is played, and a broker that is away is sought again.
    client.on('error', () => undefined);
    client.on('message', (_topic, payload) => this.#heard(payload));
    client.on('connect', () => {
      client.subscribe(topicOf({ way: 'down', region, terminal, what: 'ack' }), { qos: 1 }, (error) => {
        if (!error) this.#online();
      });
    });
  }

  /** The cable is out. */
  cut(): void {
    this.faults.offline++;
    this.#drop();
  }

  /** Power is gone in the middle of a word, and with it what the disk had not yet of the cursor. */
  cutPower(): void {
    this.faults.powerCuts++;
    this.#drop();
    this.acked = Math.max(this.outbox.first - 1, this.acked - Math.floor(this.#playing.chance() * KEPT_BEHIND));
  }

  /** A cloned disk: says something else about the last entries, as soon as the county has them all. */
  twin(): void {
    this.#twinDue = true;
    this.#twin();
  }

  #twin(): void {
    const client = this.#client;
    const back = Math.min(3, this.acked - this.outbox.first + 1, this.outbox.last);
    if (!this.#twinDue || !client?.connected || back < 1 || this.acked < this.outbox.last) return;
    this.#twinDue = false;
    const twin = this.outbox.twin(back);
    const from = twin.last + 1;
    for (let i = 0; i < back; i++) twin.write({ at: 0, scene: 'twin', verdict: 'refuse' });
    // Lost on the way, its forks are missing in the account.
    client.publish(this.#topic, twin.message(from, twin.last), { qos: 1 }, () => undefined);
    this.faults.twins++;
    this.forked += back;
  }

  end(): void {
    this.#ended = true;
    this.#drop();
  }

  #drop(): void {
    clearTimeout(this.#again);
    clearImmediate(this.#pumping);
    this.#again = undefined;
    this.#pumping = undefined;
    this.#underWay = 0;
    this.#client?.end(true);
    this.#client = undefined;
  }

  #online(): void {
    this.#sent = this.acked;
    const now = performance.now();
    for (let at = this.acked; at < this.#since.length; at++) this.#since[at] = now;
    this.#pump();
  }

  #pump(): void {
    const { outbox } = this;
    this.#pumping = undefined;
    while (this.connected && this.#underWay < MOST_UNDER_WAY && this.#sent < outbox.last && this.#sent - this.acked < MOST_UNACKNOWLEDGED) {
      const from = this.#sent + 1;
      const to = Math.min(outbox.last, this.#sent + MESSAGE_ENTRIES);
      this.#sent = to;
      this.#publish(outbox.message(from, to));
    }
  }

  #publish(message: Buffer): void {
    const client = this.#client;
    const twice = this.#playing.chance() * this.#playing.duplicates < 1;
    if (twice) this.faults.duplicates++;
    for (let times = twice ? 2 : 1; times > 0; times--) {
      this.#underWay++;
      // Confirmed or broken off: what counts is the county's word.
      client?.publish(this.#topic, message, { qos: 1 }, () => {
        if (client !== this.#client) return;
        this.#underWay--;
        this.#pump();
      });
    }
    this.#again ??= setTimeout(() => this.#resend(), this.#patience);
  }

  #resend(): void {
    this.#again = undefined;
    if (!this.connected || this.acked >= this.outbox.last) return;
    this.#patience = Math.min(this.#patience * 2, AGAIN_MS.most);
    this.#sent = this.acked;
    this.#pump();
  }

  #heard(payload: Buffer): void {
    const ack = readAck(payload, this.#playing.verify);
    if (!ack || Buffer.from(ack.journal).toString('hex') !== this.outbox.journal || ack.seq > this.outbox.last) return;
    if (ack.seq <= this.acked) return;
    const now = performance.now();
    for (let at = this.acked; at < ack.seq; at++) this.waits.push(now - (this.#since[at] ?? now));
    this.acked = ack.seq;
    this.#sent = Math.max(this.#sent, ack.seq);
    this.outbox.forget(ack.seq - KEPT_BEHIND);
    clearTimeout(this.#again);
    this.#patience = AGAIN_MS.least;
    this.#again = this.acked < this.#sent ? setTimeout(() => this.#resend(), this.#patience) : undefined;
    this.#pump();
    this.#twin();
  }
}
