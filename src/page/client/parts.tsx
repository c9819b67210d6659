/** What every screen of a desk is made of: words in both languages, large buttons, lines. Text only, never markup. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Line, Words } from '../../contracts.js';

/** What is the same in both, such as a name or an amount, stands once. */
export function Both({ words: { zh, en } }: { words: Words }) {
  if (zh === en) return <span lang="zh-CN">{zh}</span>;
  return (
    <>
      <span class="zh" lang="zh-CN">
        {zh}
      </span>{' '}
      <span class="en" lang="en">
        {en}
      </span>
    </>
  );
}

/** Takes the focus whenever `at` changes, so that a screen reader says what is asked now. */
export function Heading({ words, at }: { words: Words; at: string }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), [at]);
  return (
    <h1 ref={heading} tabIndex={-1}>
      <Both words={words} />
    </h1>
  );
}

interface BigParts {
  words: Words;
  detail?: Words;
  /** The usual way on. */
  main?: boolean;
  /** Always there, not what this step is about. */
  quiet?: boolean;
  /** Absent: it submits the form that it stands in. */
  onTouch?(): Promise<void>;
}

export function Big({ words, detail, main = false, quiet = false, onTouch }: BigParts) {
  return (
    <button
      type={onTouch ? 'button' : 'submit'}
      class={`big${main ? ' main' : ''}${quiet ? ' quiet' : ''}`}
      onClick={() => void onTouch?.()}
    >
      <Both words={words} />
      {detail && (
        <span class="detail">
          <Both words={detail} />
        </span>
      )}
    </button>
  );
}

export function Actions({ children }: { children: ComponentChildren }) {
  return <div class="actions">{children}</div>;
}

export function Lines({ lines }: { lines: readonly Line[] }) {
  if (lines.length === 0) return null;
  return (
    <dl class="lines">
      {lines.map(({ label, value }, i) => (
        <div key={i}>
          <dt>
            <Both words={label} />
          </dt>
          <dd>{typeof value === 'string' ? value : <Both words={value} />}</dd>
        </div>
      ))}
    </dl>
  );
}

interface NoticeParts {
  words: Words;
  more?: Words;
  number?: number;
  bad?: boolean;
  /** To be read in passing. */
  large?: boolean;
}

export function Notice({ words, more, number, bad = false, large = false }: NoticeParts) {
  return (
    <div class={`notice${bad ? ' bad' : ''}${large ? ' large' : ''}`} role={bad ? 'alert' : 'status'}>
      <p>
        <Both words={words} />
      </p>
      {more && (
        <p class="more">
          <Both words={more} />
        </p>
      )}
      {number !== undefined && (
        <p class="number">
          <Both words={{ zh: `编号 ${number}`, en: `No. ${number}` }} />
        </p>
      )}
    </div>
  );
}
