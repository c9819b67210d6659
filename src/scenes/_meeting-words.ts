/** Words of the scene `meeting`. */
import type { Words } from '../contracts.js';

const words = (zh: string, en: string): Words => ({ zh, en });

export const WORDS = {
  which: words('活动与会议', 'Meetings'),
  new: words('新建活动', 'A new meeting'),
  what: words('要做什么？', 'What would you like to do?'),
  title: words('名称', 'Title'),
  place: words('地点', 'Place'),
  when: words('什么时候？', 'When is it?'),
  day: words('日期', 'Date'),
  from: words('开始时刻，如 0930', 'Begins at, such as 0930'),
  until: words('结束时刻，如 1130', 'Ends at, such as 1130'),
  who: words('谁可以参加', 'Who may come'),
  right: words('请核对后确认', 'Is this right?'),
  past: words('结束时刻已经过去，请重新填写', 'That end is past already: please enter it again'),
  full: words('本机的活动已满，请先等旧的到期', 'There are too many meetings here: wait until old ones are forgotten'),
  made: words('活动已建立', 'The meeting is made'),
  code: words('活动码，请用手机扫码', 'The code of the meeting'),
  time: words('时间', 'Time'),
  came: words('已到 / 在场', 'Came / present'),
  invited: words('名单人数', 'On the list'),
  door: words('签到：请出示安康码或社保卡', 'Sign in: show your code or card'),
  doorFirm: words('签到：请出示企业码', 'Sign in: show the code of your enterprise'),
  page: words('组织者页面：参与情况、名单、导出', 'Your page: who came, the list, exports'),
  sure: words('现在结束这场活动？', 'Close this meeting now?'),
  closed: words('活动已结束', 'The meeting is closed'),
  noPrinter: words(
    '本机没有打印机，请在组织者页面或屏幕上使用活动码',
    'This terminal has no printer for posters: use the code on the screen',
  ),
  printed: words('海报已打印', 'The poster is printed'),
  notPrinted: words('没有打印成功，请检查打印机', 'It was not printed: look at the printer'),
  'not-invited': words('不在参加名单上，请联系组织者', 'You are not on the list; please ask the organiser'),
  over: words('活动已结束', 'The meeting is over'),
  crowded: words('人数已满', 'The meeting is full'),
} as const satisfies Record<string, Words>;

export const signedIn = (number: number): Words => words(`签到成功，第 ${number} 号`, `Signed in, number ${number}`);
export const signedOut = (minutes: number): Words => words(`签退成功，参加 ${minutes} 分钟`, `Signed out after ${minutes} minutes`);
export const signedAgain = (number: number): Words => words(`刚刚已登记，第 ${number} 号`, `Signed a moment ago, number ${number}`);
