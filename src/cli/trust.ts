/** `ankang trust show`: what a signed manifest says, after its signature held under the root. */
import type { Command as Commander } from 'commander';
import type { Instant, Json } from '../contracts.js';
import { encodeHex } from '../crypto/base-n.js';
import { kidOfPoint, pointOfSpki } from '../crypto/sm2.js';
import type { Datum } from '../messages/manifest.js';
import { atOnce } from '../messages/steps.js';
import { type Opened, type OpenedResult, openManifestSteps } from '../trust/load.js';
import { readInput } from './_trust-files.js';
import { type Command, EXIT, UsageError } from './command.js';

interface Options {
  readonly trust: string;
  readonly root: string;
  readonly json?: true;
}

export default {
  summary: { zh: '查看信任清单', en: 'look at the trust manifest' },
  configure(command: Commander): void {
    command
      .command('show')
      .description('验证签名并显示清单 · verify the signature and show the manifest')
      .requiredOption('--trust <file>', '清单，COSE 文件 · the manifest, a COSE file')
      .requiredOption('--root <file>', '根公钥，SPKI DER · the root public key, SPKI DER')
      .option('--json', '每行一个 JSON 对象 · one JSON object on one line')
      .action(show);
  },
} satisfies Command;

const REASONS: Readonly<Record<Extract<OpenedResult, { readonly error: unknown }>['error'], string>> = {
  malformed: '不是信任清单（COSE_Sign1，ak/trust） · no trust manifest (COSE_Sign1 of type ak/trust)',
  stranger: '清单不是此根所签 · the manifest is not signed by this root',
  forged: '清单的签名不成立 · the signature of the manifest does not hold',
  unreadable: '清单有签名但不可用 · the manifest is signed and cannot be used',
};

function show({ trust, root, json }: Options): void {
  const point = pointOfSpki(readInput(root));
  if (!point) throw new UsageError(`不是 SM2 公钥（SPKI DER） · not the SubjectPublicKeyInfo (DER) of an SM2 key: ${root}`);
  const opened = atOnce(openManifestSteps(readInput(trust), [point]));
  if ('error' in opened) {
    if (opened.error === 'malformed') throw new UsageError(`${REASONS.malformed}: ${trust}`);
    process.stderr.write(`ankang trust: ${REASONS[opened.error]}${opened.field === undefined ? '' : `: ${opened.field}`}\n`);
    process.exitCode = EXIT.no;
    return;
  }
  const facts = factsOf(opened);
  process.stdout.write(
    json
      ? `${JSON.stringify(facts)}\n`
      : linesOf(opened)
          .map((line) => `${line}\n`)
          .join(''),
  );
}

const timeOf = (instant: Instant): string => new Date(instant).toISOString().replace('.000Z', 'Z');

function factsOf({ manifest, root }: Opened): Json {
  const { seq, region, issued, expires, keys, transit, lists, data, roots, rules, floor, minVersion } = manifest;
  return {
    seq,
    region,
    issued: issued / 1000,
    expires: expires / 1000,
    root: encodeHex(kidOfPoint(root)),
    keys: keys.map((key) => ({
      kid: encodeHex(key.kid),
      region: key.region ?? null,
      types: key.types,
      nbf: key.validFrom / 1000,
      exp: key.validUntil / 1000,
      revoked: Number.isFinite(key.revokedAt) ? key.revokedAt / 1000 : null,
    })),
    transit: transit.map((key) => ({ system: key.system, type: key.type ?? null, index: key.index, exp: key.validUntil / 1000 })),
    lists: lists.map(datumFacts),
    data: data.map(datumFacts),
    roots: roots?.map((point) => encodeHex(kidOfPoint(point))) ?? null,
    rules: JSON.parse(JSON.stringify(rules)) as Json,
    floor: floor === undefined ? null : floor / 1000,
    minVersion: minVersion ?? null,
  };
}

function datumFacts({ name, version, asOf, size, sm3, delta }: Datum): Json {
  return { name, version, asOf: asOf / 1000, size, sm3: encodeHex(sm3), from: delta?.from ?? null };
}

function linesOf({ manifest, root }: Opened): readonly string[] {
  const { seq, region, issued, expires, keys, transit, lists, data, roots, rules, floor, minVersion } = manifest;
  return [
    `清单 manifest   seq ${seq}  地区 region ${region}  根 root ${encodeHex(kidOfPoint(root))}`,
    `有效 valid      ${timeOf(issued)} … ${timeOf(expires)}`,
    ...keys.map(
      (key) =>
        `密钥 key        ${encodeHex(key.kid)}  ${key.types.join(' ')}  ${timeOf(key.validFrom)} … ${timeOf(key.validUntil)}` +
        (Number.isFinite(key.revokedAt) ? `  已吊销 revoked ${timeOf(key.revokedAt)}` : ''),
    ),
    ...transit.map((key) => `交通 transit    ${key.system} ${key.index}  … ${timeOf(key.validUntil)}`),
    ...lists.map((list) => `名单 list       ${list.name}@${list.version}  ${list.size / 8}  ${timeOf(list.asOf)}`),
    ...data.map((datum) => `数据 data       ${datum.name}@${datum.version}  ${datum.size} B  ${timeOf(datum.asOf)}`),
    ...Object.entries(rules).map(([scene, rule]) => `规则 rule       ${scene} ${JSON.stringify(rule)}`),
    ...(roots ?? []).map((point) => `新根 next root  ${encodeHex(kidOfPoint(point))}`),
    ...(floor === undefined ? [] : [`时间下限 floor  ${timeOf(floor)}`]),
    ...(minVersion === undefined ? [] : [`最低版本 least version  ${minVersion}`]),
  ];
}
