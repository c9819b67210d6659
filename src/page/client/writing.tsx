/** Chinese on the screen's keys: letters spell a syllable, the terminal says what it may be written as, a touch writes it. */
import { useState } from 'preact/hooks';
import type { Choice } from '../../contracts.js';
import { BACK, DIGITS, Keys, LETTERS, pressed } from './keys.js';
import { type Look, useLooking } from './looking.js';

interface WritingParts {
  value: string;
  look: Look;
  set(value: string): void;
}

const CHINESE = '中';
const LATIN = '英';
/** So much of what was written is seen while the blank itself is out of sight. */
const TAIL = 16;

export function Writing({ value, look, set }: WritingParts) {
  const [isChinese, setChinese] = useState(true);
  const [spelt, setSpelt] = useState('');
  const [choices, setChoices] = useState<readonly Choice[]>([]);
  const ask = useLooking(look, (found) => setChoices(found.choices));
  const spell = (text: string): void => {
    setSpelt(text);
    if (text === '') setChoices([]);
    ask(text);
  };
  const press = (key: string): void => {
    if (key === CHINESE || key === LATIN) {
      setChinese(key === CHINESE);
      spell('');
    } else if (isChinese && (LETTERS.includes(key) || (key === BACK && spelt !== ''))) spell(pressed(spelt, key.toLowerCase()));
    else set(pressed(value, key));
  };
  const write = (written: string): void => {
    set(value + written);
    spell('');
  };
  return (
    <div class="writing">
      <p class="spelt" role="status">
        {value === '' && spelt === '' && (isChinese ? '拼音 → 汉字 · pinyin' : 'ABC')}
        {value.slice(-TAIL)}
        <u>{spelt}</u>
      </p>
      <div class="written" role="group" aria-label="候选字 characters">
        {spelt !== '' &&
          choices.map(({ id }) => (
            <button key={id} type="button" lang="zh-CN" onClick={() => write(id)}>
              {id}
            </button>
          ))}
      </div>
      <Keys keys={isChinese ? [...LETTERS, LATIN, BACK] : [...LETTERS, ...DIGITS, '0', CHINESE, BACK]} kind="letters" press={press} />
    </div>
  );
}
