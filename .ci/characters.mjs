// Writes src/messages/characters.ts: which characters a syllable may be, for names typed at a desk without an input method. Surnames come
// first, then what given names and places are written with, then the rest of GB 2312. Run again when pinyin-pro is updated.
import { writeFileSync } from 'node:fs';
import { pinyin, polyphonic } from 'pinyin-pro';

const SURNAMES =
  '王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高梁郑罗宋谢唐韩曹许邓萧冯曾程蔡彭潘袁于董余苏叶吕魏蒋田杜丁沈姜范江傅钟卢汪戴崔任陆廖姚方金邱夏谭韦贾邹石熊孟秦阎薛侯雷白龙段郝孔邵史毛常万顾赖武康贺严尹钱施牛洪龚汤陶黎温莫易樊乔文安殷颜庄章鲁倪庞邢俞翟蓝聂齐向申葛柴伍覃骆关焦柳欧祝纪尚毕耿芦左季管符辛苗詹曲欧阳靳祁路涂兰甘裴梅童翁霍游阮尤岳柯牟滕谷舒卜成饶宁凌盛查单冉鲍华包屈房喻解蒲卫简时连车项闵邬吉党阳司费蒙席晏隋古强穆姬宫景米麦谈柏瞿艾沙鄢桂窦郁缪畅巩卓褚栾戚全娄甄郎池丛边岑农苟迟保商臧佘卞虞刁冷应匡栗仇练楚揭师官佟封燕桑巫敖原植邝仲荆储宗楼干苑寇盖南屠鞠荣井乐银奚明麻雍花闻冼木郜廉衣蔺和冀占公门帅利满';
const NAMES =
  '伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂红玲梅芬文辉志建国华玉萍荣珍贞凤洁琳素云莲真环雪爱妹香月莺媛瑞凡佳嘉琼勤叶璧璐娅琦晶妍茜秋珊莎锦黛青倩婷姣婉娴瑾颖露瑶怡婵雁蓓纨仪荷丹蓉眉君琴蕊薇菁梦岚苑婕馨瑗琰韵融园艺咏卿聪澜纯毓悦昭冰爽琬茗羽希宁欣飘育滢馥筠柔竹霭凝晓欢霄枫芸菲寒伊亚宜可姬舒影荔枝思丽浩宇轩然博涵子梓皓哲翔泽晨辰睿俊豪鑫鹏飞龙海山波斌彬林森峰岩松柏福贵祥德仁义礼智信忠孝和顺安康健全民生春夏冬金木水火土永兴发旺昌盛长庆乐新正中天成大光东西南北';
const PLACES = '省市县区乡镇村组队路街巷号幢栋楼单元室桥河江湖山岭店庙寺塘冲湾畈坪潭岗坳庄院坊园苑里东南西北上下前后新老大小霍六合肥徽庐州舒城岳';
const FAMILY = new Map(Object.entries({ 单: 'shan', 解: 'xie', 仇: 'qiu', 查: 'zha', 盖: 'ge', 翟: 'zhai', 覃: 'qin', 乐: 'yue', 曾: 'zeng', 区: 'ou', 朴: 'piao' }));

const gb = new TextDecoder('gb18030');
const all = [];
for (let row = 0xb0; row <= 0xf7; row++) for (let cell = 0xa1; cell <= 0xfe; cell++) all.push(gb.decode(Uint8Array.of(row, cell)));
const ordered = [...new Set([...SURNAMES, ...NAMES, ...PLACES, ...all.filter((one) => /^\p{Script=Han}$/u.test(one))])];

const syllables = new Map();
const put = (syllable, character) => {
  const key = syllable.replaceAll('ü', 'v').replace(/[^a-z]/g, '');
  if (key === '') return;
  const known = syllables.get(key) ?? [];
  if (!known.includes(character)) known.push(character);
  syllables.set(key, known);
};
// What a character is read as usually, before what it may be read as too.
for (const one of ordered) put(FAMILY.get(one) ?? pinyin(one, { toneType: 'none' }), one);
for (const one of ordered) for (const reading of (polyphonic(one, { toneType: 'none', type: 'array' })[0] ?? [])) put(reading, one);

const words = [...syllables].sort(([a], [b]) => (a < b ? -1 : 1)).map(([syllable, characters]) => syllable + characters.join(''));
const lines = [''];
for (const word of words) {
  for (const piece of pieces(word)) {
    const last = lines.at(-1);
    if (last.length + piece.length > 132) lines.push(piece);
    else lines[lines.length - 1] = last === '' ? piece : `${last} ${piece}`;
  }
}

/** A syllable of many characters goes on in the next line, under its own name. */
function pieces(word) {
  const [, syllable, characters] = /^([a-z]+)(.*)$/u.exec(word);
  const cut = [];
  for (let at = 0; at < characters.length; at += 100) cut.push(syllable + characters.slice(at, at + 100));
  return cut;
}

writeFileSync(
  'src/messages/characters.ts',
  `/** Characters by syllable, the likeliest in a name first. Made by .ci/characters.mjs from the tables of pinyin-pro (MIT); do not edit. */\nexport const CHARACTERS = \`\n${lines.join('\n')}\n\`;\n`,
);
console.log(`${syllables.size} syllables, ${lines.length} lines`);
