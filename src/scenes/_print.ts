/** What a person is told of a paper that was printed, or was not: what happened, and what to do now. The visit goes on either way. */
import type { Line, Printed, Words } from '../contracts.js';

const words = (zh: string, en: string): Words => ({ zh, en });

export const PRINT_WORDS = {
  printed: words('已打印，请取走', 'Printed: please take it'),
  noPrinter: words('本机不打印，请记下或拍下本页', 'Nothing is printed here: note this page down or take a picture of it'),
  paperOut: words(
    '打印机没有纸了：请叫工作人员加纸，先记下本页',
    'The printer is out of paper: please call staff, and note this page down',
  ),
  coverOpen: words('打印机的盖开着：请叫工作人员，先记下本页', 'The printer is open: please call staff, and note this page down'),
  failed: words('没有打印出来：请叫工作人员，先记下本页', 'It was not printed: please call staff, and note this page down'),
  slip: words('凭条', 'Slip'),
  poster: words('海报', 'Poster'),
  label: words('标签', 'Label'),
  validUntil: words('有效期至', 'Valid until'),
} satisfies Readonly<Record<string, Words>>;

const SAID: Readonly<Record<Printed, Words>> = {
  printed: PRINT_WORDS.printed,
  'no-printer': PRINT_WORDS.noPrinter,
  'paper-out': PRINT_WORDS.paperOut,
  'cover-open': PRINT_WORDS.coverOpen,
  failed: PRINT_WORDS.failed,
};

export const printedLine = (label: Words, printed: Printed): Line => ({ label, value: SAID[printed] });
