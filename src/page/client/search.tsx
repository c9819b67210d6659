/**
 * A search at a desk: what is typed, by keyboard or on the screen, goes to the terminal at every key, and what it finds is listed. A combobox
 * with its listbox (WAI-ARIA 1.2): arrows move, Enter takes, and a screen reader says both.
 */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Choice, Found, Words } from '../../contracts.js';
import { BACK, DIGITS, Keys, LETTERS, pressed } from './keys.js';
import { type Look, useLooking } from './looking.js';
import { Actions, Big, Both } from './parts.js';

interface SearchParts {
  ask: Words;
  first: Found;
  look: Look;
  /** null: nothing of it. */
  choose(id: string | null): Promise<void>;
}

const CLEAR = '⌧';
const KEYS = [...LETTERS, ...DIGITS, '0', BACK, CLEAR];
const LONGEST = 40;
const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 };
const words = (zh: string, en: string): Words => ({ zh, en });

export function Search({ ask, first, look, choose }: SearchParts) {
  const [typed, setTyped] = useState(first.typed);
  const [found, setFound] = useState(first);
  const [at, setAt] = useState(0);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  const seek = useLooking(look, (next) => {
    setFound(next);
    setAt(0);
  });
  const type = (text: string): void => {
    const next = text.slice(0, LONGEST);
    setTyped(next);
    seek(next);
  };
  const { choices } = found;
  const onKey = (event: KeyboardEvent): void => {
    const step = STEPS[event.key];
    const chosen = choices[at];
    if (step !== undefined) setAt(Math.min(choices.length - 1, Math.max(0, at + step)));
    // With an input method open, Enter is its own.
    else if (event.key === 'Enter' && chosen && !event.isComposing && found.typed === typed) void choose(chosen.id);
    else return;
    event.preventDefault();
  };
  return (
    <div class="search">
      <div class="sought" data-typed={found.typed}>
        <h1>
          <label for="search">
            <Both words={ask} />
          </label>
        </h1>
        <input
          ref={input}
          id="search"
          role="combobox"
          aria-expanded={choices.length > 0}
          aria-controls={choices.length > 0 ? 'found' : undefined}
          aria-activedescendant={choices.length > 0 ? `found-${at}` : undefined}
          aria-autocomplete="list"
          autocomplete="off"
          value={typed}
          placeholder="汉字、拼音、首字母 · letters"
          onInput={(event) => type(event.currentTarget.value)}
          onKeyDown={onKey}
        />
        <p class="told" role="status">
          <Both words={told(found)} />
        </p>
        <Results found={found} at={at} choose={choose} />
      </div>
      <Keys
        keys={KEYS}
        kind="letters"
        press={(key) => {
          type(key === CLEAR ? '' : pressed(typed, key.toLowerCase()));
          input.current?.focus();
        }}
      />
      <Actions>
        <Big words={words('返回', 'Go back')} onTouch={() => choose(null)} />
      </Actions>
    </div>
  );
}

function told({ choices, more }: Found): Words {
  if (choices.length === 0) return words('没有找到，换个说法试试，或呼叫工作人员', 'Nothing found: try another word, or call staff');
  const all = choices.length + more;
  return more > 0
    ? words(`共 ${all} 项，列出前 ${choices.length} 项`, `${all} found, the first ${choices.length} shown`)
    : words(`共 ${all} 项`, `${all} found`);
}

function Results({ found: { choices, typed }, at, choose }: { found: Found; at: number; choose(id: string): Promise<void> }) {
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => list.current?.children[at]?.scrollIntoView({ block: 'nearest' }), [at, choices]);
  if (choices.length === 0) return null;
  return (
    <ul ref={list} id="found" class="found" role="listbox" aria-label="查到的 · found" data-typed={typed}>
      {choices.map((choice, place) => (
        <Result key={place} choice={choice} place={place} isAt={place === at} choose={choose} />
      ))}
    </ul>
  );
}

interface ResultParts {
  choice: Choice;
  place: number;
  isAt: boolean;
  choose(id: string): Promise<void>;
}

function Result({ choice: { id, label, detail }, place, isAt, choose }: ResultParts) {
  return (
    <li id={`found-${place}`} role="option" aria-selected={isAt} onClick={() => void choose(id)}>
      <Both words={label} />
      {detail && (
        <span class="detail">
          <Both words={detail} />
        </span>
      )}
    </li>
  );
}
