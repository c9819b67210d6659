/**
 * The county's towns and townships as tiles, laid out roughly as they lie: a schematic, not a map. Names as the county writes them; north is
 * up, `column` and `row` are places in a grid. Pure data: another county puts its own here.
 */
import type { Words } from '../contracts.js';

export interface Township extends Words {
  readonly column: number;
  readonly row: number;
}

const at = (column: number, row: number, zh: string, en: string): Township => ({ zh, en, column, row });

export const TOWNSHIPS: readonly Township[] = [
  at(2, 0, '高桥湾产业园', 'Gaoqiaowan Park'),
  at(3, 0, '经济开发区', 'Development Zone'),
  at(4, 0, '下符桥镇', 'Xiafuqiao'),
  at(1, 1, '诸佛庵镇', "Zhufo'an"),
  at(2, 1, '黑石渡镇', 'Heishidu'),
  at(3, 1, '衡山镇', 'Hengshan'),
  at(4, 1, '但家庙镇', 'Danjiamiao'),
  at(1, 2, '落儿岭镇', "Luo'erling"),
  at(2, 2, '佛子岭镇', 'Foziling'),
  at(3, 2, '东西溪乡', 'Dongxixi'),
  at(4, 2, '与儿街镇', "Yu'erjie"),
  at(0, 3, '漫水河镇', 'Manshuihe'),
  at(1, 3, '大化坪镇', 'Dahuaping'),
  at(2, 3, '磨子潭镇', 'Mozitan'),
  at(3, 3, '单龙寺镇', 'Shanlongsi'),
  at(0, 4, '太平畈乡', 'Taipingfan'),
  at(1, 4, '上土市镇', 'Shangtushi'),
  at(2, 4, '太阳乡', 'Taiyang'),
];

/** Where a checkpoint is that nobody said anything of. */
export const UNKNOWN_TOWNSHIP: Words = { zh: '未定', en: 'not said' };

/** `text`: the name in Chinese, with or without 镇 or 乡, or in English. undefined: the county has none of that name. */
export function townshipOf(text: string): Township | undefined {
  const wanted = plain(text);
  return TOWNSHIPS.find(({ zh, en }) => [zh, zh.replace(/[镇乡]$/, ''), en].some((name) => plain(name) === wanted));
}

const plain = (text: string): string => text.trim().toLowerCase().replaceAll("'", '').replaceAll('’', '');
