/** The words of the county hall's scene, in both languages. */
import type { Words } from '../contracts.js';

const words = (zh: string, en: string): Words => ({ zh, en });

export const WORDS = {
  what: words('政务服务', 'County hall'),
  byName: words('按名称找事项', 'Find by name'),
  byEvent: words('按人生大事找', 'Find by event of life'),
  byDepartment: words('按部门找', 'Find by department'),
  state: words('查办件进度', 'State of a case'),
  search: words('您要办什么？', 'What do you need?'),
  whichEvent: words('属于哪一类？', 'Which of these is it about?'),
  whichDepartment: words('哪个部门的事项？', 'Of which department?'),
  none: words('事项目录尚未下发，请到人工窗口', 'The list of items has not come yet: please go to a staffed window'),
  begin: words('现在办理这个事项吗？', 'Apply for this now?'),
  who: words('请出示申请人的安康码或证件', 'Show the applicant’s code or card'),
  enterpriseOnly: words('这是企业办理的事项，请从“企业服务”进入', 'Enterprises apply for this: please start at “Enterprises”'),
  withdrawn: words('县里已不在自助机办理这个事项，请到人工窗口', 'This is no longer handled here: please go to the window'),
  consent: words('同意从电子证照库调取以下材料吗？', 'May these be taken from the e-licence library?'),
  form: words('请填写申请表', 'Please fill in the form'),
  right: words('请核对后提交', 'Is this right?'),
  done: words('已提交，请保存办件编号', 'Submitted: please keep the case number'),
  kept: words(
    '已保存，联网后上报；届时凭本人的码在任一自助机查办件编号',
    'Kept here and sent later; then your own code shows the case number at any terminal',
  ),
  receipt: words('办件回执', 'Receipt'),
  item: words('事项', 'Item'),
  applicant: words('谁可以办', 'Who may apply'),
  materials: words('材料', 'Materials'),
  onFile: words('电子证照库已有', 'In the e-licence library'),
  bring: words('请带到窗口', 'To bring to the window'),
  window: words('窗口', 'Window'),
  note: words('说明', 'Note'),
  since: words('日期', 'Since'),
  enough: words('看完了', 'That is all'),
  daysAndFee: words('时限和收费', 'Time limit and fee'),
  place: words('部门和窗口', 'Department and window'),
  madeUp: words('演示事项，并非真实事项', 'A made-up item, for demonstration'),
  number: words('办件编号', 'Case number'),
  keptNumber: words('登记号', 'Number'),
  cannotAsk: words('现在联系不上证照库，请带齐材料', 'The library cannot be asked now: please bring all of them'),
  notAll: words('证照库没有答全，其余请带到窗口', 'The library did not say all: please bring the rest'),
  howState: words('怎么查？', 'How would you like to look?'),
  byReceipt: words('扫回执上的码', 'By the code of a receipt'),
  byMe: words('出示本人的码', 'By my own code'),
  scanReceipt: words('请扫回执上的二维码', 'Scan the code of the receipt'),
  noReceipt: words('这不是办件回执的码', 'This is not the code of a receipt'),
  noCase: words('没有查到办件', 'No case was found'),
  cases: words('您的办件', 'Your cases'),
  oneCase: words('办件进度', 'State of the case'),
  away: words('现在查不了，请稍后再试或到人工窗口', 'This cannot be looked up now: try later or go to the window'),
  free: words('不收费', 'free'),
  atOnce: words('当场办结', 'at once'),
  nothing: words('无', 'none'),
  noPrinter: words('没有打印，请拍下屏幕', 'Not printed: please photograph the screen'),
} as const;

export const STATES = {
  submitted: words('已提交，待受理', 'Submitted'),
  accepted: words('已受理', 'Accepted'),
  returned: words('需要补正', 'Returned: something is missing'),
  decided: words('已办结，待领取', 'Decided, to be collected'),
  delivered: words('已送达', 'Delivered'),
} as const;

export const APPLICANT = { person: words('个人', 'persons'), enterprise: words('企业', 'enterprises') } as const;
