/** Scene `window`: at a staffed window the released identity and health status reach the staff's workstation, granted fields only (MED-13). */
import { z } from 'zod';
import { type Desk, type DeskScene, FIELDS, type Presented, type Told, type Words } from '../contracts.js';
import { maskedLines } from './_persons.js';

const words = (zh: string, en: string): Words => ({ zh, en });

const SETTINGS = z.strictObject({
  purpose: z.string().min(2).max(60).default('registration').describe('what the fields are for, as the county writes it down'),
  fields: z.array(z.enum(FIELDS)).min(1).max(FIELDS.length).default(['name', 'sex', 'birth', 'idNumber', 'phone', 'health']),
});
type Settings = z.infer<typeof SETTINGS>;

const WORDS = {
  who: words('请出示安康码，或刷社保卡', 'Show your code, or put your card on the reader'),
  done: words('信息已送到窗口，请与工作人员办理', 'The window has your details; the staff will help you'),
  notTaken: words('窗口的电脑没有收到，请稍后再出示一次', 'The window’s computer did not take it; please show it once more in a moment'),
  offline: words(
    '现在连不上县平台，窗口只收到卡的标识，请出示证件',
    'The county cannot be reached: the window has the carrier only; please show your papers',
  ),
  refused: words('本窗口未获许可读取这些信息，请告诉工作人员', 'This window was not given these details; please tell the staff'),
  unknown: words('县平台没有查到您的登记，请出示证件', 'The county does not know you yet; please show your papers'),
};

async function visit(desk: Desk, { fields, purpose }: Settings): Promise<void> {
  const who = await desk.identify(WORDS.who, ['person']);
  const released = await desk.reveal(who, fields, purpose);
  if (released && released.status !== 'ok') return desk.show(WORDS[released.status]);
  const person = released?.status === 'ok' ? released.person : {};
  const way = released ? 'released' : 'carrier-only';
  const has = await desk.handOver({ ...carrierOf(who), ...person });
  await desk.submit({ kind: 'window', facts: { way, fields: released ? [...fields] : [], taken: has }, of: who });
  if (!has) return desk.show(WORDS.notTaken);
  await desk.show(released ? WORDS.done : WORDS.offline, maskedLines(person));
}

/** What the carrier itself is; its holder has no name without the platform. */
function carrierOf({ credential, colour }: Presented): Told {
  return { carrier: credential.format, form: credential.form, subject: credential.subject, colour };
}

export default {
  accepts: ['person'],
  settings: SETTINGS,
  title: words('窗口读码', 'At the window'),
  words: WORDS,
  visit,
} satisfies DeskScene<Settings>;
