/** The driver's key pad: digits and Enter say which stop it is; a key takes one more rider on the last code. */
import { z } from 'zod';
import type { Driver, Log, Place, Text } from '../src/contracts.js';
import { stopName, teller } from './_places.js';

const key = z
  .string()
  .regex(/^[\x21-\x7e]{1,8}$/, '键盘在回车前送出的 1–8 个可打印字符 · what the key pad sends before its Enter: 1–8 printable characters');

const settings = z
  .strictObject({
    stops: z.record(z.string().regex(/^\d{1,4}$/, '须为 1–4 位数字 · 1–4 digits'), stopName).describe('by the number the driver types'),
    repeat: key.default('*').describe('one more rider on the last code'),
    clear: key.default('#').describe('the stop is not known any more; a GPS receiver may say it again'),
  })
  .refine(({ stops }) => Object.keys(stops).length > 0, '没有车站 · there are no stops')
  .refine(({ stops, repeat, clear }) => repeat !== clear && !(repeat in stops) && !(clear in stops), '按键重复 · two keys are the same');
type Settings = z.infer<typeof settings>;

function attach(link: Text, { stops, repeat, clear }: Settings, log: Log): Place {
  const { place, at, repeat: again } = teller();
  const known = new Map(Object.entries(stops));
  link.onLine((line) => {
    const typed = line.trim();
    const stop = known.get(typed);
    if (typed === repeat) again();
    else if (typed === clear) at(undefined);
    else if (stop !== undefined) at(stop);
    // The place stays what it was: a slip of the finger moves no bus.
    else log.warn('stop-unknown', { digits: /^\d{1,4}$/.test(typed) ? typed : null });
  });
  return place;
}

export default { role: 'place', port: 'serial-lines', settings, attach } satisfies Driver<Text, Settings, Place>;
