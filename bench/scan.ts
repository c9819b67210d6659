/** From the last byte of a code on the wire to the gate being told, with the verdict on disk in between; beside one fdatasync. */

import { randomBytes } from 'node:crypto';
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import scannerDriver from '../drivers/serial-scanner.js';
import type { Bytes, Clock, Gate, Log, Scanner } from '../src/contracts.js';
import { makeSign1 } from '../src/crypto/cose.js';
import { createSealer } from '../src/crypto/seal.js';
import { generateKey, spkiOf } from '../src/crypto/sm2.js';
import { fastestVerifier } from '../src/crypto/wasm-verifier.js';
import { openJournal } from '../src/journal/journal.js';
import { FORM } from '../src/messages/claims.js';
import { encodeManifest } from '../src/messages/manifest.js';
import { holdCeremony } from '../src/platform/ceremony.js';
import { newPhone, personCode, signingKey } from '../src/platform/issue.js';
import { motAuthorisation, motAuthorised, motCertificate, motRide } from '../src/platform/issue-transit.js';
import entry from '../src/scenes/entry.js';
import { createCycle } from '../src/station/cycle.js';
import { createLane } from '../src/station/lane.js';
import { loadFormats } from '../src/station/read.js';
import { loadTrust } from '../src/trust/load.js';
import { median, print, quantile, type Row } from './row.js';

const ROUNDS = 600;
const WARM_UP = 20;
const RIDERS = 16;
const CR = Uint8Array.of(13);
const quiet: Log = { info: () => undefined, warn: () => undefined, error: (event, facts) => console.error(event, facts) };

/** A wire that the bench types on. */
function wire(): { readonly link: Bytes; push(bytes: Uint8Array): void } {
  const listeners: ((chunk: Uint8Array) => void)[] = [];
  const link: Bytes = {
    kind: 'bytes',
    closed: new Promise(() => undefined),
    close: () => Promise.resolve(),
    onData: (listener) => void listeners.push(listener),
    write: () => undefined,
  };
  return { link, push: (bytes) => listeners.forEach((listener) => listener(bytes)) };
}

/** A gate that everybody walks through at once. */
function openGate(told: () => void): Gate {
  let sense: Parameters<Gate['onSense']>[0] = () => undefined;
  return {
    role: 'gate',
    senses: true,
    release(direction) {
      told();
      setImmediate(() => sense({ sense: 'passed', direction }));
    },
    lock: () => undefined,
    onSense: (listener) => (sense = listener),
  };
}

export async function bench(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'ankang-bench-'));
  try {
    return await measure(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function measure(folder: string): Promise<Row[]> {
  const now = Date.now();
  const keys = holdCeremony({ folder: join(folder, 'county'), now });
  const [issuer] = keys.issuers;
  if (!issuer) throw new Error('the county has no issuer');
  const signer = (key: typeof issuer) => ({ ...key, region: keys.region, revokedAt: Number.POSITIVE_INFINITY });
  const payload = encodeManifest({
    seq: 1,
    region: keys.region,
    issued: now - 1000,
    expires: now + 86_400_000,
    keys: [signer(issuer)],
    transit: [{ system: 'mot', type: undefined, index: 1, point: keys.mot.ca.point, validUntil: now + 1e10, epoch: undefined }],
    lists: [],
    data: [],
    roots: undefined,
    rules: {},
    floor: undefined,
    minVersion: undefined,
  });
  const manifest = makeSign1(keys.root.kid, 'ak/trust', payload, keys.root.sign);
  const verifier = fastestVerifier('wasm', (reason) => console.error(reason));
  const trust = loadTrust({ manifest, root: spkiOf(keys.root.point), verifier });
  if ('error' in trust) throw new Error(trust.error);

  const clock: Clock = { now: () => ({ earliest: Date.now(), latest: Date.now() + 50 }), monotonic: () => performance.now() };
  const journal = openJournal({ file: join(folder, 'journal.db'), terminal: 'BENCH', clock, limit: 1 << 30, keepDays: 1 });
  const sealer = createSealer(keys.seal.point, keys.seal.kid);
  let told = 0;
  const cycle = createCycle({
    gate: openGate(() => (told = performance.now())),
    passageMs: 5000,
    heldOpenMs: 20_000,
    alarm: () => undefined,
    changed: () => undefined,
    log: quiet,
  });
  const scene = { ...entry, accepts: entry.accepts, formats: ['ak1', 'ak2', 'mot'] };
  const lane = createLane({
    station: 'gate',
    checkpoint: 'CP',
    scene: { name: 'entry', scene, settings: entry.settings.parse({ antiPassback: 'off' }) },
    formats: await loadFormats(),
    clock,
    journal,
    whenJournalFails: 'refuse',
    cycle,
    patienceMs: 10_000,
    trust: () => trust,
    sealer: () => sealer,
    signal: () => undefined,
    stop: () => undefined,
    changed: () => undefined,
    log: quiet,
  });
  const { link, push } = wire();
  const scanner: Scanner = scannerDriver.attach(link, scannerDriver.settings.parse({ ends: 'line' }), quiet);
  scanner.onReading((bytes, medium) =>
    lane.accept({ station: 'gate', device: 'scanner', direction: 'in', at: clock.now(), monotonic: clock.monotonic(), medium, bytes }),
  );
  const direct = (bytes: Uint8Array): void =>
    lane.accept({
      station: 'gate',
      device: 'scanner',
      direction: 'in',
      at: clock.now(),
      monotonic: clock.monotonic(),
      medium: 'code',
      bytes,
    });

  const seconds = (): number => Math.floor(Date.now() / 1000);
  const subject = 'AAAAAAAAAAAAAAAAAAAAAA';
  const screen = (): Uint8Array =>
    Buffer.from(
      personCode(issuer, {
        region: keys.region,
        subject,
        issued: seconds() - 5,
        expires: seconds() + 200,
        codeId: randomBytes(8),
        form: FORM.screen,
        colour: 'green',
      }),
    );
  const phone = newPhone(issuer, {
    region: keys.region,
    subject,
    issued: seconds() - 60,
    expires: seconds() + 86_400,
    codeId: randomBytes(8),
  });
  const moment = (): Uint8Array => Buffer.from(phone.present({ issued: seconds(), codeId: randomBytes(8) }));
  const certificate = motCertificate(keys.mot.ca, keys.mot.issuer.point, { index: 1, month: 12, year: 2030 });
  const riders = Array.from({ length: RIDERS }, (_, n) => {
    const user = signingKey(generateKey());
    const number = String(n).padStart(16, '0');
    const account = {
      payment: number,
      card: `0000${number}`,
      user: user.point,
      authorised: seconds() + 86_400,
      validity: 300,
      custom: new Uint8Array(0),
    };
    // The issuer signs once a day; what the phone makes anew for each ride is its own signature.
    return { user, authorisation: motAuthorisation(motAuthorised(certificate, account), keys.mot.issuer) };
  });
  const begun = seconds();
  let rides = 0;
  /** Each rider was seen before anything is counted; no second of a rider comes twice. */
  const mot = (): Uint8Array => {
    const rider = riders[rides % RIDERS];
    if (!rider) throw new Error('no rider');
    return motRide(rider.authorisation, rider.user, begun - Math.floor(rides++ / RIDERS));
  };

  const file = openSync(join(folder, 'append'), 'a');
  const block = Buffer.alloc(300, 1);
  const kinds = { one: screen, two: moment, three: mot } as const;
  const took: Record<keyof typeof kinds | 'disk', number[]> = { one: [], two: [], three: [], disk: [] };

  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, make] of Object.entries(kinds) as [keyof typeof kinds, () => Uint8Array][]) {
      const code = make();
      if (name !== 'three') push(code);
      const begin = performance.now();
      told = 0;
      if (name === 'three') direct(code);
      else push(CR);
      if (told === 0) throw new Error(`${name} was not admitted: ${JSON.stringify(lane.state().counts)}`);
      if (round > WARM_UP) took[name].push((told - begin) * 1000);
      while (lane.state().busy) await sleep(0);
    }
    const begin = performance.now();
    writeSync(file, block);
    fdatasyncSync(file);
    if (round > WARM_UP) took.disk.push((performance.now() - begin) * 1000);
  }
  closeSync(file);
  await lane.stop();
  journal.close();

  const disk = median(took.disk);
  const one = median(took.one);
  return [
    {
      what: 'scan to gate told, one signature, p50',
      value: one,
      unit: 'µs',
      beside: `fdatasync of 300 B p50 ${disk.toFixed(0)} µs`,
      ratio: one / disk,
      must: '≤ 4',
      aim: '≤ 1.5',
    },
    {
      what: 'scan to gate told, one signature, p99',
      value: quantile(took.one, 0.99),
      unit: 'µs',
      beside: `its p99 ${quantile(took.disk, 0.99).toFixed(0)} µs`,
      ratio: quantile(took.one, 0.99) / quantile(took.disk, 0.99),
      must: '≤ 4',
    },
    {
      what: 'scan to gate told, two signatures (AK2), p50',
      value: median(took.two),
      unit: 'µs',
      beside: 'one signature',
      ratio: median(took.two) / one,
      must: '≤ 1.5',
      aim: '≤ 1.1',
    },
    {
      what: 'scan to gate told, three signatures (MOT), p50',
      value: median(took.three),
      unit: 'µs',
      beside: 'one signature',
      ratio: median(took.three) / one,
      must: '≤ 1.5',
      aim: '≤ 1.1',
    },
  ];
}

if (process.argv[1] === import.meta.filename) print(await bench());
