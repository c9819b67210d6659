/** What the county offers enterprises, by industry, size and a word; from the list that came last, also without a network (ENT-03). */
import type { Choice, Desk, Words } from '../contracts.js';
import { localTime } from '../messages/calendar.js';
import { INDUSTRIES, matching, parsePolicies, SIZES } from '../messages/enterprise.js';

const words = (zh: string, en: string): Words => ({ zh, en });

const WORDS = {
  yours: words('您的企业', 'Your enterprise'),
  industry: words('行业', 'Industry'),
  size: words('规模', 'Size'),
  word: words('关键词', 'A word to look for'),
  which: words('符合的政策', 'Policies that match'),
  noneMatch: words('没有符合的政策，可以换个条件再查', 'Nothing matches; try other conditions'),
  noList: words('政策清单尚未下发', 'The list of policies has not come yet'),
  department: words('责任部门', 'Department'),
  ends: words('截止', 'Until'),
  list: words('清单日期', 'List as of'),
};
export const POLICY_WORDS = WORDS;

const NAMES: Readonly<Record<(typeof INDUSTRIES)[number] | (typeof SIZES)[number], Words>> = {
  farming: words('农林牧渔', 'Farming'),
  industry: words('工业制造', 'Manufacturing'),
  construction: words('建筑', 'Construction'),
  trade: words('批发零售', 'Trade'),
  catering: words('住宿餐饮', 'Hotels and catering'),
  transport: words('交通物流', 'Transport'),
  services: words('服务业', 'Services'),
  other: words('其他', 'Other'),
  micro: words('微型', 'Micro'),
  small: words('小型', 'Small'),
  medium: words('中型', 'Medium'),
  large: words('大型', 'Large'),
};
const choices = (ids: readonly (keyof typeof NAMES)[]): readonly Choice[] => ids.map((id) => ({ id, label: NAMES[id] }));
/** More on one screen is a list that nobody reads. */
const MOST_SHOWN = 12;

export async function policies(desk: Desk): Promise<void> {
  const list = parsePolicies(desk.data('policies'));
  if (!list) return desk.show(WORDS.noList);
  const { industry, size, word } = await desk.fill(WORDS.yours, [
    { id: 'industry', label: WORDS.industry, kind: 'choice', choices: choices(INDUSTRIES) },
    { id: 'size', label: WORDS.size, kind: 'choice', choices: choices(SIZES) },
    { id: 'word', label: WORDS.word, kind: 'text', longest: 20, optional: true },
  ]);
  const found = matching(list, {
    industry: INDUSTRIES.find((one) => one === industry) ?? 'other',
    size: SIZES.find((one) => one === size) ?? 'micro',
    day: localTime(desk.at.earliest).day,
    word,
  });
  if (found.length === 0) return desk.show(WORDS.noneMatch);
  const { policy } = await desk.choose(
    WORDS.which,
    found.slice(0, MOST_SHOWN).map((one) => ({ id: one.id, label: one.title, detail: one.department, policy: one })),
  );
  await desk.show(policy.title, [
    { label: WORDS.which, value: policy.summary },
    { label: WORDS.department, value: policy.department },
    ...(policy.until === undefined ? [] : [{ label: WORDS.ends, value: policy.until }]),
    { label: WORDS.list, value: list.asOf },
  ]);
}
