/**
 * A made-up list of items as a county's hall has it: what its offices deal with, times what can be done with each. Every row is marked as
 * made up; none of them is an item of a real county, and their codes are only shaped like real ones.
 */
import type { Items } from '../../messages/items.js';
import { COLUMN_NAMES, COLUMNS, type Column } from './columns.js';
import { importItems } from './import.js';
import { type Office, PEOPLE } from './subjects.js';
import { BUSINESS } from './subjects-business.js';
import { csvLine } from './table.js';

/** As many as the county's programme counts (GOV-01). */
export const CATALOGUE_SIZE = 1172;

type Row = Readonly<Record<Column, string>>;
type Way = 'licence' | 'record' | 'payment';

interface Verb {
  readonly zh: string;
  readonly en: string;
  readonly days: string;
  readonly fee: string;
  readonly form: string;
}

const PHONE = '联系电话/Phone|digits|11|11';
const ADDRESS = '联系地址/Address|text|60';
const verb = (zh: string, en: string, [days, fee, form]: readonly [string, string, string]): Verb => ({ zh, en, days, fee, form });
const NUMBER = '证件编号/Certificate number|text|30';
const DELIVERY = '领取方式/How to receive it|choice|窗口自取/At the window,邮寄送达/By post';

const VERBS: Readonly<Record<Way, readonly Verb[]>> = {
  licence: [
    verb('核发', 'issue', ['10', '不收费', `${PHONE}；${ADDRESS}；${DELIVERY}；备注?/Remarks|text|100`]),
    verb('变更', 'change', ['5', '不收费', `${NUMBER}；变更内容/What changes|text|100；${PHONE}`]),
    verb('延续', 'renewal', ['5', '不收费', `${NUMBER}；有效期至/Valid until|date；${PHONE}`]),
    verb('补办', 'replacement', ['3', '10', `${NUMBER}；原因/Reason|choice|遗失/Lost,损坏/Damaged；${PHONE}；${DELIVERY}`]),
    verb('注销', 'cancellation', ['1', '不收费', `${NUMBER}；原因/Reason|choice|不再使用/No longer used,终止/Ended,其他/Other；${PHONE}`]),
  ],
  record: [
    verb('办理', 'application', ['3', '不收费', `${PHONE}；${ADDRESS}；办理日期?/Wanted from|date`]),
    verb('信息变更', 'change of details', ['1', '不收费', `变更内容/What changes|text|100；${PHONE}`]),
    verb('查询', 'enquiry', ['0', '不收费', `起始年份/From the year|number|1980|2100；${PHONE}`]),
    verb('证明打印', 'certificate', ['0', '不收费', `份数/Copies|number|1|5；用途/Purpose|text|40`]),
    verb('终止', 'ending', ['3', '不收费', `终止日期/Last day|date；${PHONE}`]),
  ],
  payment: [
    verb('申领', 'claim', [
      '15',
      '不收费',
      `家庭月收入（元）/Monthly income of the household|number|0|1000000；银行卡号/Bank card|digits|16|19；${PHONE}`,
    ]),
    verb('资格年审', 'yearly check', ['5', '不收费', `年度/Year|number|2020|2100；${PHONE}`]),
    verb('账户变更', 'change of account', ['1', '不收费', `新银行卡号/New bank card|digits|16|19；${PHONE}`]),
    verb('停发', 'ending', ['1', '不收费', `停发月份/From|date；${PHONE}`]),
    verb('查询', 'enquiry', ['0', '不收费', `年度/Year|number|2000|2100`]),
  ],
};

const TYPE: Readonly<Record<Way, string>> = { licence: '行政许可', record: '公共服务', payment: '行政给付' };

const ID = '居民身份证/Resident ID card@id-card';
const FIRM = '营业执照/Business licence@business-licence；法定代表人身份证/Representative’s ID card@id-card';
/** What is wanted beside, by the event that the office's items belong to. */
const BESIDE: Readonly<Record<string, string>> = {
  户籍身份: '居民户口簿/Household register@household',
  就业社保: '社会保障卡/Social security card@social-card',
  看病就医: '社会保障卡/Social security card@social-card；医疗费用票据/Medical invoices',
  婚育养老: '居民户口簿/Household register@household；结婚证/Marriage certificate@marriage',
  入学升学: '居民户口簿/Household register@household；学籍证明/School record',
  住房安居: '不动产权证书/Real estate certificate@real-estate；居民户口簿/Household register@household',
  退役军人: '退役军人优待证/Veteran’s card@veteran',
  救助帮扶: '居民户口簿/Household register@household；家庭经济状况声明/Statement of means',
  开办企业: '场所使用证明/Proof of premises',
  纳税缴费: '涉税资料/Tax papers',
  项目建设: '项目方案/Project plan；用地证明/Proof of land use@land-use',
  生产经营: '场所使用证明/Proof of premises；人员资格证明/Staff certificates',
  农业生产: '土地承包合同/Land contract@land-contract',
  惠企扶持: '上年度财务报表/Accounts of last year；项目说明/Description of the project',
  水电气网: '不动产权证书/Real estate certificate@real-estate',
};

function materialsOf({ event, who }: Office, way: Way): string {
  const beside = BESIDE[event.split('/')[0] ?? ''] ?? '';
  const form = way === 'licence' ? '申请表/Application form' : '';
  return [who === '企业' ? FIRM : ID, beside, form].filter((part) => part !== '').join('；');
}

/** `subject`: `Chinese=English~name in use`. */
function rowsOf(office: Office, way: Way, of: { readonly subject: string; readonly main: number }): readonly Row[] {
  const [words = '', inUse] = of.subject.split('~');
  const [zh = '', en = ''] = words.split('=');
  return VERBS[way].map((verb, at) => ({
    code: `0001${office.code}${String(of.main).padStart(3, '0')}${String(at).padStart(3, '0')}`,
    name: `${zh}${zh.endsWith(verb.zh) ? '' : verb.zh}`,
    name_en: `${en}: ${verb.en}`,
    aliases: inUse === undefined ? '' : `${inUse}${verb.zh}`,
    department: office.name,
    type: TYPE[way],
    events: office.event,
    who: office.who,
    conditions:
      office.who === '企业'
        ? '在本县登记的经营主体/Registered in this county'
        : '本县户籍或在本县居住、经营/Living or working in this county',
    materials: materialsOf(office, way),
    days: verb.days,
    fee: verb.fee,
    window: office.window,
    form: verb.form,
    synthetic: '是',
  }));
}

/** @throws when the offices have fewer items than that */
export function catalogue(size = CATALOGUE_SIZE): readonly Row[] {
  const rows = [...PEOPLE, ...BUSINESS].flatMap((office) => {
    const all = (['licence', 'record', 'payment'] as const).flatMap((way) =>
      (office[way] ?? '').split(',').flatMap((subject) => (subject === '' ? [] : [{ way, subject }])),
    );
    return all.flatMap(({ way, subject }, at) => rowsOf(office, way, { subject, main: at + 1 }));
  });
  if (rows.length < size) throw new RangeError(`the offices have ${rows.length} items, fewer than ${size}`);
  return rows.slice(0, size);
}

/** As a county keeps it: a CSV with Chinese headings. */
export function catalogueCsv(size?: number): string {
  const header = csvLine(COLUMN_NAMES.map((name) => COLUMNS[name].zh));
  return `\uFEFF${header}${catalogue(size)
    .map((row) => csvLine(COLUMN_NAMES.map((name) => row[name])))
    .join('')}`;
}

/** The list as terminals would get it. */
export function demoItems(size?: number): Items {
  const header = COLUMN_NAMES.map((name) => COLUMNS[name].zh);
  const lines = [header, ...catalogue(size).map((row) => COLUMN_NAMES.map((name) => row[name]))];
  const { items, faults } = importItems(
    lines.map((cells, at) => ({ line: at + 1, cells })),
    1,
  );
  if (!items || faults.length > 0) throw new Error(`the made-up catalogue: ${JSON.stringify(faults[0])}`);
  return items;
}
