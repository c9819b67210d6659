/** Days and money as people read them. Pure. */
import type { Words } from '../../contracts.js';
import { words } from './_words.js';

/** 1230 → ¥12.30; less than nothing → -¥12.30. */
export function yuan(fen: number): string {
  const all = Math.abs(fen);
  return `${fen < 0 ? '-' : ''}¥${Math.floor(all / 100)}.${String(all % 100).padStart(2, '0')}`;
}

const WEEK = ['日', '一', '二', '三', '四', '五', '六'];
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** 2026-11-30 → 11月30日 周一 · Mon 30 Nov. */
export function dayWords(day: string): Words {
  const date = new Date(`${day}T00:00:00Z`);
  const [month, of, week] = [date.getUTCMonth(), date.getUTCDate(), date.getUTCDay()];
  return words(`${month + 1}月${of}日 周${WEEK[week]}`, `${WEEKDAYS[week]} ${of} ${MONTHS[month]}`);
}

export const sumOf = (amounts: readonly number[]): number => amounts.reduce((sum, amount) => sum + amount, 0);
