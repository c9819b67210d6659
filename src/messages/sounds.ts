/** What the terminal says aloud. Never colour, illness, money or a name: others stand near. The WAV files of config/voice are made of these words. */
import type { Sound, Words } from '../contracts.js';

const words = (zh: string, en: string): Words => ({ zh, en });

export const SPOKEN: Readonly<Record<Sound, Words>> = {
  admitted: words('请通行', 'Please go through'),
  refused: words('请看屏幕', 'Please look at the screen'),
  again: words('好的，请下一位上车', 'Thank you, the next one please'),
  'out-of-order': words('本机暂停使用', 'This terminal is out of order'),
  leave: words('请尽快离开', 'Please leave at once'),
  scan: words('请出示安康码或刷卡', 'Please show your code or card'),
  'scan-goods': words('请扫条码', 'Please scan the bar code'),
  pay: words('请出示付款码', 'Please show your payment code'),
  choose: words('请在屏幕上选择', 'Please choose on the screen'),
  enter: words('请在屏幕上填写', 'Please fill in on the screen'),
  confirm: words('请核对后确认', 'Please check and confirm'),
  wait: words('正在办理，请稍候', 'One moment, please'),
  done: words('请看办理结果', 'Please see the result'),
  'try-again': words('请再试一次', 'Please try again'),
  'still-there': words('您还在办理吗', 'Are you still there?'),
  'staff-called': words('已呼叫工作人员', 'A member of staff has been called'),
};
