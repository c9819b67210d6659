/** Codes of other people, and things that are no codes at all. */
import { randomBytes } from 'node:crypto';
import { syntheticCreditCode, syntheticId } from '../../messages/identifiers.js';
import { personCode } from '../issue.js';
import { hexLine, type Kit, type Sample, screenClaims } from './sample.js';

const TOKEN = '0123456789abcdef0123456789abcdef';
const TODAY = 'https://akm.ahzwfw.gov.cn/akm-sj-mgr/index.html#/myAkm?isScan=1&id=akm:qrcode:';

export function* others(kit: Kit): Iterable<Sample> {
  const unknown = (name: string, line: string): Sample => ({ name, line, expect: 'unknown-format' });
  const network = (name: string, line: string): Sample => ({ name, line, expect: 'needs-network' });
  const payment = (name: string, line: string): Sample => ({ name, line, expect: 'not-for-here' });
  yield network('today’s Ankang code', `${TODAY}${TOKEN}&cityNo=340000000000`);
  yield {
    name: 'today’s Ankang code with a token in upper case',
    line: `${TODAY}${TOKEN.toUpperCase()}&cityNo=340000000000`,
    expect: 'unreadable',
  };
  yield { name: 'today’s Ankang code cut short', line: `${TODAY}${TOKEN.slice(0, 20)}`, expect: 'unreadable' };
  yield unknown('the address of today’s Ankang code on another host', `https://akm.ahzwfw.gov.cn.example/#/myAkm?id=akm:qrcode:${TOKEN}`);
  yield network('a business licence', 'http://www.gsxt.gov.cn/index.html?uniscid=91999999MA000001');
  yield network('the credit code of an enterprise', syntheticCreditCode(1));
  yield unknown('a credit code with a wrong check character', `${syntheticCreditCode(1).slice(0, 17)}I`);
  yield unknown('a business licence of a host that only ends alike', 'https://notgsxt.gov.cn/?code=1');
  yield payment('a WeChat payment code', '134567890123456789');
  yield payment('an Alipay payment code', '2812345678901234567');
  yield payment('a UnionPay payment code', '6212345678901234567');
  yield unknown('a resident’s ID number', syntheticId('19900101', 1));
  yield unknown('an address of a shop', 'https://shop.example/V/ABCDEF');
  yield unknown('a health certificate of the European Union', `HC1:${personCode(kit.keys.issuer, screenClaims(kit)).slice(4)}`);
  yield unknown('a WeChat ride code', `TX${'0'.repeat(120)}`);
  yield unknown('a line of Chinese', '请从东门进');
  yield unknown('a command for a shell', '"; rm -rf / #');
  yield unknown('a page with a script', '<script>alert(1)</script>');
  yield unknown('zeros', hexLine(new Uint8Array(64)));
  yield unknown('bytes that are not UTF-8', hexLine(Uint8Array.of(0xc3, 0x28, 0xa0, 0xa1)));
  yield unknown('a thousand random bytes', hexLine(Uint8Array.of(0x01, ...randomBytes(999))));
  yield* tooMuch(kit);
}

function* tooMuch(kit: Kit): Iterable<Sample> {
  const unreadable = (name: string, line: string): Sample => ({ name, line, expect: 'unreadable' });
  yield unreadable('nothing', '');
  yield unreadable('bytes of nothing', 'hex:');
  yield unreadable('half a byte', 'hex:0');
  yield unreadable('hexadecimal that is none', 'hex:zz');
  yield unreadable('base64 that is none', 'base64:====');
  yield unreadable('a code of 1,201 characters', personCode(kit.keys.issuer, screenClaims(kit)).padEnd(1201, '0'));
  yield unreadable('five thousand letters', 'A'.repeat(5000));
  yield unreadable('a million letters', 'A'.repeat(1_000_000));
  yield unreadable('five thousand bytes', hexLine(randomBytes(5000)));
}
