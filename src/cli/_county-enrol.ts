/** `ankang county ticket | certificate | crl`: new terminals, and the certificates of broker and county. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command as Commander } from 'commander';
import { drawQr } from '../print/qr.js';
import { type At, atDisk, note, order, ordering, type Parts, wholeNumber } from './_county-order.js';
import { UsageError } from './command.js';

const MINUTE = 60_000;

interface TicketOptions extends At {
  readonly checkpoint: string;
  readonly site?: string;
  readonly regionKey?: boolean;
  readonly broker: string;
  readonly enrol: string;
  readonly minutes: number;
}

interface CertificateOptions extends At {
  readonly out: string;
}

export function configureEnrolment(command: Commander): void {
  order(command, 'ticket', '终端登记码，一次有效 · a ticket, good once: the new terminal reads it with its own scanner')
    .argument('<terminal>', '终端名称 · name of the new terminal')
    .requiredOption('--checkpoint <name>', '检查点 · the checkpoint it belongs to')
    .option('--site <name>', '场所 · terminals of one site share replay memory; default: the checkpoint')
    .option('--region-key', '授予区域密钥 · grant the region key: card readers, attendee lists')
    .requiredOption('--broker <url>', '终端所用代理 · the broker as terminals reach it: mqtts://host:8883')
    .requiredOption('--enrol <url>', '登记地址 · where this county takes tickets: https://host:8443 (county run --enrol-port)')
    .option('--minutes <n>', '有效分钟数 · minutes that it lives', wholeNumber, 60)
    .action((terminal: string, options: TicketOptions) => ordering(options.county, (parts) => ticket(terminal, options, parts)));
  order(command, 'certificate', '县 CA 签发证书 · a certificate of the county’s authority, for the broker or for the county at the broker')
    .argument('<kind>', 'server | client')
    .argument('<names...>', '主机名或地址；客户端名称 · host names or addresses; the name of a client')
    .requiredOption('--out <folder>', '写到此目录：ca.crt、<名称>.crt、<名称>.key · written there')
    .action((kind: string, names: string[], options: CertificateOptions) =>
      ordering(options.county, (parts) => certificate(kind, names, options, parts)),
    );
  order(command, 'crl', '吊销列表：注销终端的证书 · the certificates of struck terminals, for the broker (crlfile)')
    .requiredOption('--out <file>', 'PEM')
    .action(({ county, out }: CertificateOptions) => ordering(county, (parts) => revocations(out, parts)));
}

const authorityOf = async ({ keys, now }: Parts) => {
  const { openAuthority } = await import('../platform/authority.js');
  return openAuthority({ folder: keys.folder, region: keys.region, test: keys.test, now });
};

async function ticket(terminal: string, options: TicketOptions, parts: Parts): Promise<unknown> {
  const { giveTicket } = await import('../platform/enrolment.js');
  const { checkpoint, site = checkpoint, regionKey = false, broker, enrol, minutes } = options;
  const wanted = { terminal, checkpoint, site, region: regionKey, broker, enrol, life: minutes * MINUTE };
  const text = await giveTicket({ ...parts, authority: await authorityOf(parts), now: () => parts.now }, wanted);
  if (process.stderr.isTTY) process.stderr.write((await drawQr(text)).blocks);
  note(`${minutes} 分钟内一次有效，请妥善保管 · good once within ${minutes} minutes; who has it is the terminal`);
  return { terminal, ticket: text };
}

async function certificate(kind: string, names: readonly string[], { out }: CertificateOptions, parts: Parts): Promise<unknown> {
  const [name] = names;
  if ((kind !== 'server' && kind !== 'client') || name === undefined)
    throw new UsageError(`证书须为其一 · a certificate is one of: server | client, not ${kind}`);
  if (!/^[\w.:-]{1,64}$/.test(name)) throw new UsageError(`不是主机名或客户端名 · not the name of a host or client: ${name}`);
  const authority = await authorityOf(parts);
  const { cert, key } = kind === 'server' ? await authority.server(names, parts.now) : await authority.client(name, parts.now);
  const file = (ending: string): string => join(out, `${name}.${ending}`);
  atDisk(() => {
    writeFileSync(join(out, 'ca.crt'), authority.pem);
    writeFileSync(file('crt'), cert);
    writeFileSync(file('key'), key, { mode: 0o600 });
  });
  return { ca: join(out, 'ca.crt'), cert: file('crt'), key: file('key') };
}

async function revocations(out: string, parts: Parts): Promise<unknown> {
  const { store, now } = parts;
  const authority = await authorityOf(parts);
  const { revokedCertificates } = await import('../platform/enrolment.js');
  const revoked = await revokedCertificates(store);
  const pem = await authority.revocations(revoked, now);
  atDisk(() => writeFileSync(out, pem));
  return { out, revoked: revoked.length };
}
