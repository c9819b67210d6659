/**
 * One application at the county hall, for a person or for the enterprise that they act for:
 *
 *   page of the item → who → materials on file (asked) → consent → form → right? → entry, sealed → case number (asked) → receipt
 *
 * The application is in the journal before the county is asked for its number: online and offline differ in what the receipt says only.
 */
import type { Desk, Line, Presented, SlipLine, Words } from '../contracts.js';
import { APPLICATION, MATERIALS, type Materials, receiptCode, SUBMITTED } from '../messages/affairs.js';
import type { Item, Material } from '../messages/items.js';
import { yuan } from '../messages/money.js';
import type { Search } from '../messages/search.js';
import { APPLICANT, WORDS } from './_affair-words.js';

/**
 * Who applies. `enterprise`: whom they act for; that they may has been settled before. `shown`: by its own code, so that the library is asked
 * for its papers rather than for theirs.
 */
export interface Applicant {
  readonly person: Presented;
  readonly enterprise?: { readonly creditCode: string; readonly name: string; readonly shown?: Presented };
}

export interface Application {
  readonly item: Item;
  /** Of the list that the item is of. */
  readonly version: number;
}

/** What the list has for this kind of applicant. */
export const isFor = (who: Item['who'][number]) => (item: Item) => item.who.includes(who);

/** As a search shows an item. */
export function choiceOf(item: Item) {
  const { code, name, department } = item;
  return { id: code, label: name, detail: { zh: `${department.name.zh} · ${code}`, en: department.name.en }, item };
}

/** undefined: nothing was wanted. */
export async function found(desk: Desk, search: Search, among: (item: Item) => boolean): Promise<Item | undefined> {
  return (await desk.search(WORDS.search, (typed) => search.find(typed, among).map(choiceOf)))?.item;
}

/** The whole of it; `applicant`: who was identified before, such as by the scene `enterprise`. */
export async function apply(desk: Desk, application: Application, applicant?: Applicant): Promise<void> {
  const { item } = application;
  if (!(await desk.confirm(WORDS.begin, pageOf(item)))) return;
  if (!applicant && !item.who.includes('person')) return desk.show(WORDS.enterpriseOnly, [{ label: WORDS.item, value: item.name }]);
  const by = applicant ?? { person: await desk.identify(WORDS.who, ['person']) };
  const onFile = await materialsOnFile(desk, item, by.enterprise?.shown ?? by.person);
  if (onFile === 'withdrawn') return desk.show(WORDS.withdrawn, [{ label: WORDS.window, value: item.window }]);
  const taken = await consented(desk, item, onFile);
  const form = await agreed(desk, item, taken);
  if (!form) return;
  const kept = await desk.submit({
    kind: APPLICATION,
    facts: { item: item.code, version: application.version, library: taken.length },
    of: by.person,
    personal: { form, library: taken.map(({ licence = '' }) => licence), ...(by.enterprise && { enterprise: by.enterprise.creditCode }) },
  });
  const answer = await desk.ask('affairs/submit', { kept });
  const made = answer?.status === 'ok' ? SUBMITTED.safeParse(answer.body).data : undefined;
  await receipt(desk, { item, kept, made, bring: item.materials.filter((one) => !taken.includes(one)), enterprise: by.enterprise });
}

/** What somebody reads before they begin. */
export function pageOf(item: Item): readonly Line[] {
  const { name, code, department, who, conditions, materials, days, fee, window, synthetic } = item;
  const promised = days === 0 ? WORDS.atOnce : { zh: `${days} 个工作日`, en: `${days} working days` };
  const price = fee === 0 ? WORDS.free : { zh: `¥${yuan(fee)}`, en: `¥${yuan(fee)}` };
  return [
    { label: WORDS.item, value: { zh: `${name.zh}（${code}）`, en: name.en } },
    { label: WORDS.materials, value: namesOf(materials) },
    { label: WORDS.applicant, value: joined([...who.map((one) => APPLICANT[one]), ...(conditions ? [conditions] : [])]) },
    { label: WORDS.daysAndFee, value: joined([promised, price]) },
    { label: WORDS.place, value: joined([department.name, window]) },
    ...(synthetic ? [{ label: WORDS.note, value: WORDS.madeUp }] : []),
  ];
}

function joined(all: readonly Words[]): Words {
  if (all.length === 0) return WORDS.nothing;
  return { zh: all.map(({ zh }) => zh).join('；'), en: all.map(({ en }) => en).join('; ') };
}

/** What the library has; it is a convenience, so that one that is away stops nobody. */
async function materialsOnFile(desk: Desk, item: Item, of: Presented): Promise<Materials | 'away' | 'withdrawn'> {
  if (!item.materials.some(({ licence }) => licence !== undefined)) return { onFile: [], complete: true };
  const answer = await desk.ask('affairs/materials', { item: item.code }, of);
  if (answer?.status === 'unknown') return 'withdrawn';
  return (answer?.status === 'ok' && MATERIALS.safeParse(answer.body).data) || 'away';
}

/** The materials that the person lets the library supply. */
async function consented(desk: Desk, item: Item, answer: Materials | 'away'): Promise<readonly Material[]> {
  const onFile = answer === 'away' ? [] : answer.onFile;
  const there = item.materials.flatMap((material) => {
    const found = onFile.find(({ licence }) => licence === material.licence);
    return found ? [{ material, number: found.number }] : [];
  });
  if (there.length === 0) {
    if (answer === 'away' || !answer.complete) await desk.show(WORDS.cannotAsk, [{ label: WORDS.bring, value: namesOf(item.materials) }]);
    return [];
  }
  const rest = item.materials.filter((one) => !there.some(({ material }) => material === one));
  const lines: readonly Line[] = [
    ...there.map(({ material, number }) => ({ label: material.name, value: number })),
    ...(rest.length > 0 ? [{ label: WORDS.bring, value: namesOf(rest) }] : []),
    ...(answer !== 'away' && !answer.complete ? [{ label: WORDS.note, value: WORDS.notAll }] : []),
  ];
  return (await desk.confirm(WORDS.consent, lines)) ? there.map(({ material }) => material) : [];
}

const namesOf = (materials: readonly Material[]): Words => joined(materials.map(({ name }) => name));

/** The form, until the person says that it is right; undefined: it has no blanks that could be put right, and is not wanted. */
async function agreed(desk: Desk, item: Item, taken: readonly Material[]): Promise<Readonly<Record<string, string>> | undefined> {
  for (;;) {
    const form = item.blanks.length > 0 ? await desk.fill(WORDS.form, item.blanks) : {};
    const rest = item.materials.filter((one) => !taken.includes(one));
    const lines: readonly Line[] = [
      { label: WORDS.item, value: item.name },
      ...item.blanks.flatMap((blank) => {
        const typed = form[blank.id];
        const chosen = blank.kind === 'choice' ? blank.choices.find(({ id }) => id === typed)?.label : typed;
        return chosen === undefined ? [] : [{ label: blank.label, value: chosen }];
      }),
      ...(taken.length > 0 ? [{ label: WORDS.onFile, value: namesOf(taken) }] : []),
      ...(rest.length > 0 ? [{ label: WORDS.bring, value: namesOf(rest) }] : []),
    ];
    if (await desk.confirm(WORDS.right, lines)) return form;
    if (item.blanks.length === 0) return undefined;
  }
}

interface Received {
  readonly item: Item;
  readonly kept: string;
  /** undefined: the county has not said so yet. */
  readonly made: { readonly number: string; readonly token: string } | undefined;
  readonly bring: readonly Material[];
  readonly enterprise: Applicant['enterprise'];
}

async function receipt(desk: Desk, { item, kept, made, bring, enterprise }: Received): Promise<void> {
  const say = made ? WORDS.done : WORDS.kept;
  const lines: readonly Line[] = [
    { label: WORDS.item, value: item.name },
    ...(enterprise ? [{ label: APPLICANT.enterprise, value: enterprise.name }] : []),
    made ? { label: WORDS.number, value: made.number } : { label: WORDS.keptNumber, value: kept },
    { label: WORDS.window, value: item.window },
    ...(bring.length > 0 ? [{ label: WORDS.bring, value: namesOf(bring) }] : []),
  ];
  const code = made && receiptCode(made);
  const slip: readonly SlipLine[] = [{ words: say }, { rule: true }, ...lines, ...(code === undefined ? [] : [{ code }])];
  const printed = await desk.print({ kind: 'slip', title: WORDS.receipt, lines: slip });
  const shown = printed === 'printed' ? lines : [...lines, { label: WORDS.receipt, value: WORDS.noPrinter }];
  await desk.show(say, shown, code === undefined ? undefined : await desk.draw(code));
}
