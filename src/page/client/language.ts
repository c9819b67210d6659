/** Which language the page shows and how large: both and plain, until somebody chooses; and again once they have left. */
import { element } from './render.js';

const CHOICES = [
  { language: 'both', words: '中文 + EN', lang: 'zh-CN' },
  { language: 'zh', words: '中文', lang: 'zh-CN' },
  { language: 'en', words: 'English', lang: 'en' },
] as const;

/** The next person is not left with the last one's choice. */
const BACK_MS = 60_000;

let back = 0;

/** Buttons into `nav`; a touch anywhere on the page counts as somebody being there. */
export function chooseLanguage(nav: HTMLElement): void {
  const buttons = CHOICES.map(({ language, words, lang }) => {
    const button = element('button', '', words) as HTMLButtonElement;
    button.type = 'button';
    button.lang = lang;
    button.addEventListener('click', () => show(language));
    return button;
  });
  const show = (language: (typeof CHOICES)[number]['language']): void => {
    document.body.dataset['language'] = language;
    document.documentElement.lang = language === 'en' ? 'en' : 'zh-CN';
    buttons.forEach((button, i) => button.setAttribute('aria-pressed', String(CHOICES[i]?.language === language)));
    wait();
  };
  const wait = (): void => {
    clearTimeout(back);
    const chosen = document.body.dataset['language'] !== 'both' || document.documentElement.dataset['size'] !== undefined;
    if (!chosen) return;
    back = window.setTimeout(() => {
      show('both');
      resize(false);
    }, BACK_MS);
  };
  const large = element('button', 'size') as HTMLButtonElement;
  large.type = 'button';
  large.append(element('span', '', '大字'), ' ', english('Large'));
  const resize = (on: boolean): void => {
    if (on) document.documentElement.dataset['size'] = 'large';
    else delete document.documentElement.dataset['size'];
    large.setAttribute('aria-pressed', String(on));
    wait();
  };
  large.addEventListener('click', () => resize(document.documentElement.dataset['size'] !== 'large'));
  for (const event of ['pointerdown', 'keydown']) document.addEventListener(event, wait);
  const languages = element('span', 'languages');
  languages.append(...buttons);
  nav.replaceChildren(languages, large);
  show('both');
  resize(false);
}

function english(text: string): HTMLElement {
  const made = element('span', '', text);
  made.lang = 'en';
  return made;
}
