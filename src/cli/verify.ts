/** `ankang verify`: codes from standard input, one a line, each answered by one JSON line; what a lane would decide, without a lane. */
import { once } from 'node:events';
import { fstatSync } from 'node:fs';
import type { Command as Commander } from 'commander';
import { admission, unproved } from '../admission.js';
import type { Credential, Json, Moment, Refusal, Trust } from '../contracts.js';
import { decodeBase64, decodeHex, encodeHex } from '../crypto/base-n.js';
import { selfTest } from '../crypto/self-test.js';
import { fastestVerifier } from '../crypto/wasm-verifier.js';
import { numberOf } from '../messages/refusals.js';
import { decide, type NamedScene } from '../station/decide.js';
import { type Formats, LARGEST_READING, loadFormats, readCredential } from '../station/read.js';
import { isDeskScene, judgingOnly, loadScene, sceneNames } from '../station/scene.js';
import { type Line, splitter } from './_lines.js';
import { type TrustFiles, trustFrom } from './_trust-files.js';
import { type Command, UsageError } from './command.js';

interface Options extends TrustFiles {
  readonly at: string;
  readonly scene?: string;
}

/** A reading in hexadecimal, and some: what is longer is answered without being kept. */
const LONGEST_LINE = 4 * LARGEST_READING;

const HELP = `
必填 · required: --trust, --root, --at
标准输入：扫到的文字，或 hex:…、base64:…
Standard input: text as scanned, or hex:… or base64:… for bytes
行以 LF 结束，不去掉任何字节：以 CR LF 结束的行读不出。
Lines end with LF and nothing is trimmed: lines that end with CR LF are unreadable.
一次运行之内，已准入的码再次出现即拒绝（already-used）。
Within one run a code that was admitted is refused when it comes again (already-used).`;

export default {
  summary: { zh: '离线验码：每行一个码，每行一个 JSON 回答', en: 'verify codes, one a line, one JSON answer a line' },
  configure(command: Commander): void {
    command
      .requiredOption('--trust <file>', '信任清单，COSE 文件 · the trust manifest, a COSE file')
      .requiredOption('--root <file>', '根公钥，SPKI DER · the root public key, SPKI DER')
      .requiredOption('--at <unix>', '核验时刻，Unix 秒 · the moment of the check, Unix seconds')
      .option('--scene <name>', '按该场景的规则 · by the rules of this scene, with its default settings')
      .option('--lists <folder>', '名单与数据所在的文件夹 · folder of lists and data')
      .option('--secrets <file>', '终端的密钥包 · the secrets of a terminal, which open the lists')
      .option('--open <file>', '终端的开启密钥，PKCS#8 DER · the opening key of that terminal')
      .addHelpText('after', HELP)
      .action(verify);
  },
} satisfies Command;

async function verify(options: Options): Promise<void> {
  selfTest();
  const instant = momentOf(options.at);
  const at: Moment = { earliest: instant, latest: instant };
  const { trust, without } = trustFrom(options, fastestVerifier('wasm', slower));
  if (without.length > 0) warn(without);
  if (fstatSync(process.stdin.fd).isDirectory()) throw new UsageError('标准输入是文件夹 · standard input is a folder');
  const scene = options.scene === undefined ? undefined : await sceneOf(options.scene);
  const judge = createJudge({ at, trust, scene, formats: await loadFormats() });
  const lines = splitter(LONGEST_LINE);
  const answer = async (these: readonly Line[]): Promise<void> => {
    const text = these.map((line) => `${JSON.stringify(judge(line))}\n`).join('');
    if (text !== '' && !process.stdout.write(text)) await once(process.stdout, 'drain');
  };
  for await (const chunk of process.stdin) await answer(lines.push(chunk as Uint8Array));
  await answer(lines.end());
}

/** The answers are the same, so it is only said. */
function slower(reason: string): void {
  process.stderr.write(`ankang verify: 改用 OpenSSL 验签，较慢 · signatures by OpenSSL, slower: ${reason}\n`);
}

function warn(without: readonly string[]): void {
  const zh = '清单所列的这些未给出或打不开，不作核验';
  const en =
    'the manifest names these, they were not given or not opened (--lists, --secrets, --open), and nothing is checked against them';
  process.stderr.write(`ankang verify: ${zh} · ${en}: ${without.join(', ')}\n`);
}

function momentOf(text: string): number {
  if (!/^\d{1,12}$/.test(text)) throw new UsageError(`--at 须为 Unix 秒 · must be whole Unix seconds: ${text}`);
  return Number(text) * 1000;
}

/** With the settings it has when nobody sets any. */
async function sceneOf(name: string): Promise<NamedScene> {
  const scene = await loadScene(name);
  if (!scene) throw new UsageError(`没有这个场景 · there is no scene ${name}; 现有 · there are: ${sceneNames().join(', ')}`);
  const settings = scene.settings.safeParse({});
  if (!settings.success)
    throw new UsageError(`该场景须先配置 · the scene ${name} cannot judge without settings: ${settings.error.message}`);
  return { name, scene: isDeskScene(scene) ? judgingOnly(scene) : scene, settings: settings.data };
}

interface Judging {
  readonly at: Moment;
  readonly trust: Trust;
  readonly scene: NamedScene | undefined;
  readonly formats: Formats;
}

/** The answer to a line. What was admitted once is remembered, as at a lane; there is no bounce. */
function createJudge(judging: Judging): (line: Line) => Json {
  const shown = new Set<string>();
  const isUsed = (id: Uint8Array): boolean => shown.has(encodeHex(id));
  const find = judging.scene ? byScene(judging, judging.scene, isUsed) : byAdmission(judging, isUsed);
  return (line) => {
    const bytes = line && readingOf(line);
    const found = bytes ? find(bytes) : 'unreadable';
    if (typeof found === 'string') return { admit: false, refusal: found, number: numberOf(found) };
    if (found.replayId) shown.add(encodeHex(found.replayId));
    return { admit: true, format: found.format, kind: found.kind, subject: found.subject };
  };
}

type Find = (bytes: Uint8Array) => Credential | Refusal;

/** Signatures, validity, lists, green and unknown colour; no rule of any scene. */
function byAdmission({ at, trust, formats }: Judging, used: (id: Uint8Array) => boolean): Find {
  return (bytes) => {
    const { format, result } = readCredential(formats, bytes, 'code', trust.keys);
    const kind = format === undefined ? undefined : formats.get(format)?.kind;
    if ('refusal' in result) return unproved({ refusal: result.refusal, kind, moment: at, trust });
    const found = admission({ credential: result, moment: at, trust, used });
    return found.admit ? result : found.refusal;
  };
}

/** Each line is judged as if nobody had come before: only replays are remembered, since no gate tells who went through. */
function byScene({ at, trust, formats }: Judging, scene: NamedScene, used: (id: Uint8Array) => boolean): Find {
  const memory = { isUsed: (_direction: unknown, id: Uint8Array) => used(id), memory: () => undefined, inside: () => 0 };
  const parts = { scene, formats, trust, memory, previous: undefined, stop: undefined, repeat: false };
  return (bytes) => {
    const reading = { station: 'verify', device: 'stdin', direction: 'in', at, monotonic: 0, medium: 'code', bytes } as const;
    const { verdict } = decide(reading, parts);
    return verdict.admit ? verdict.credential : verdict.refusal;
  };
}

const HEX = Buffer.from('hex:');
const BASE64 = Buffer.from('base64:');

/** The bytes a scanner would have given; undefined for hexadecimal or base64 that is none. */
function readingOf(line: Uint8Array): Uint8Array | undefined {
  const after = (prefix: Buffer): string | undefined =>
    prefix.equals(line.subarray(0, prefix.length)) ? Buffer.from(line.subarray(prefix.length)).toString('latin1') : undefined;
  const hex = after(HEX);
  if (hex !== undefined) return decodeHex(hex);
  const base64 = after(BASE64);
  return base64 === undefined ? line : decodeBase64(base64);
}
