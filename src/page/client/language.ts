/** Which of the two languages the page shows: both, until somebody chooses; and both again once they have left. */
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
    if (document.body.dataset['language'] !== 'both') back = window.setTimeout(() => show('both'), BACK_MS);
  };
  for (const event of ['pointerdown', 'keydown']) document.addEventListener(event, wait);
  nav.replaceChildren(...buttons);
  show('both');
}
