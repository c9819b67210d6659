/** Scene `pharmacy`: a purchase of a watched kind of medicine, within its limit (DRUG-01). */
import { decodeCbor } from '../../../crypto/cbor.js';
import { type Drugs, parseDrugs, type Watched } from '../../../messages/drugs.js';
import type { CountyStore } from '../../store.js';
import { type Filling, type Offer, words } from '../_offer.js';

const DAY = 86_400_000;
const MEDICINE = words('药品类别', 'Kind of medicine');
const QUANTITY = words('数量', 'Quantity');

const PURPOSES = [
  { id: 'self', label: words('本人使用', 'For myself') },
  { id: 'family', label: words('家人使用', 'For my family') },
  { id: 'stock', label: words('家庭备药', 'To keep at home') },
];

async function drugsOf(store: CountyStore): Promise<Drugs | undefined> {
  const bytes = (await store.data()).get('drugs');
  return bytes && parseDrugs(decodeCbor(bytes));
}

const limitOf = ({ most, days, unit }: Watched) => words(`${days} 天内 ${most} ${unit.zh}`, `${most} ${unit.en} within ${days} days`);

const labelOf = (watched: Watched) => words(`${watched.name.zh}（${limitOf(watched).zh}）`, `${watched.name.en} (${limitOf(watched).en})`);

export default {
  async form({ store }) {
    const drugs = await drugsOf(store);
    if (!drugs) return { closed: words('药品目录尚未发布，请到柜台登记', 'There is no list of medicines yet: register at the counter') };
    const choices = drugs.classes.map((watched) => ({ id: watched.id, label: labelOf(watched) }));
    return {
      heading: words('药品购买登记', 'Register a purchase of medicine'),
      lines: [],
      blanks: [
        { id: 'class', label: MEDICINE, kind: 'choice', optional: false, choices },
        { id: 'quantity', label: QUANTITY, kind: 'number', least: 1, most: Math.max(...drugs.classes.map(({ most }) => most)) },
        ...(drugs.classes.some(({ purpose }) => purpose)
          ? [{ id: 'purpose', label: words('用途', 'What is it for?'), kind: 'choice' as const, optional: true, choices: PURPOSES }]
          : []),
      ],
    };
  },
  async registration({ store, now, subject, values }: Filling) {
    const drugs = await drugsOf(store);
    const watched = drugs?.classes.find(({ id }) => id === values['class']);
    if (!drugs || !watched) return { refused: words('这类药品已不在目录中', 'This kind of medicine is not on the list any more') };
    const purpose = values['purpose'] ?? '';
    if (watched.purpose && purpose === '') return { refused: words('这类药品须填写用途', 'Say what this kind of medicine is for') };
    const quantity = Number(values['quantity']);
    return {
      kind: 'drug-sale',
      facts: { class: watched.id, quantity, version: drugs.version },
      personal: purpose === '' ? {} : { purpose },
      notice: { event: watched.id, what: 'drug-sale', quantity },
      limit: { kind: 'drug-sale', where: { class: watched.id }, subject, since: now - watched.days * DAY, most: watched.most },
      done: words('登记完成，请到柜台付款取药', 'Registered: pay and take the medicine at the counter'),
      lines: [
        { label: MEDICINE, value: watched.name },
        { label: QUANTITY, value: words(`${quantity} ${watched.unit.zh}`, `${quantity} ${watched.unit.en}`) },
      ],
    };
  },
} satisfies Offer;
