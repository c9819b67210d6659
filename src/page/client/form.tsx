/** A form of a desk, with keys on the screen for those who have no keyboard. What is typed is checked by the terminal, not here. */
import { useState } from 'preact/hooks';
import type { Blank, Words } from '../../contracts.js';
import { BACK, DIGITS, Keys, LETTERS, pressed } from './keys.js';
import type { Look } from './looking.js';
import { Actions, Big, Both } from './parts.js';
import { Writing } from './writing.js';

interface FormParts {
  blanks: readonly Blank[];
  faults: Readonly<Record<string, Words>>;
  submit(typed: Record<string, string>): Promise<void>;
  /** What pinyin may be written as. */
  look: Look;
}

export function Form({ blanks, faults, submit, look }: FormParts) {
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({});
  const [at, setAt] = useState(blanks[0]?.id);
  const set = (id: string, value: string): void => setTyped((before) => ({ ...before, [id]: value }));
  const current = blanks.find(({ id }) => id === at);
  return (
    <form
      class="form"
      noValidate
      autocomplete="off"
      onSubmit={(event) => {
        event.preventDefault();
        void submit({ ...typed });
      }}
    >
      <div class="fields">
        {blanks.map((blank) => (
          <Field
            key={blank.id}
            blank={blank}
            value={typed[blank.id] ?? ''}
            fault={faults[blank.id]}
            at={() => setAt(blank.id)}
            set={(value) => set(blank.id, value)}
          />
        ))}
      </div>
      {current?.kind === 'text' && (
        <Writing key={current.id} value={typed[current.id] ?? ''} look={look} set={(value) => set(current.id, value)} />
      )}
      {current && current.kind !== 'choice' && current.kind !== 'text' && (
        <Keys
          keys={KEYS[current.kind] ?? [...DIGITS, '', '0', BACK]}
          kind={current.kind === 'credit-code' ? 'letters' : 'digits'}
          press={(key) => set(current.id, pressed(typed[current.id] ?? '', key))}
        />
      )}
      <Actions>
        <Big words={{ zh: '下一步', en: 'Next' }} main />
      </Actions>
    </form>
  );
}

interface FieldParts {
  blank: Blank;
  value: string;
  fault: Words | undefined;
  at(): void;
  set(value: string): void;
}

function Field({ blank, value, fault, at, set }: FieldParts) {
  const { id, label, kind } = blank;
  const name = (
    <>
      <Both words={label} />
      {blank.optional && <Both words={{ zh: '（可不填）', en: '(optional)' }} />}
    </>
  );
  const wrong = fault && (
    <p class="fault" id={`${id}-fault`} role="alert">
      <Both words={fault} />
    </p>
  );
  if (kind === 'choice')
    return (
      <fieldset class="field" aria-describedby={fault ? `${id}-fault` : undefined}>
        <legend>{name}</legend>
        <div class="options">
          {blank.choices.map((choice) => (
            <label key={choice.id} class="option">
              <input type="radio" name={id} checked={value === choice.id} onChange={() => set(choice.id)} />
              <Both words={choice.label} />
            </label>
          ))}
        </div>
        {wrong}
      </fieldset>
    );
  return (
    <div class="field">
      <label for={`blank-${id}`}>{name}</label>
      <input
        id={`blank-${id}`}
        {...(kind === 'digits' && blank.hidden && { type: 'password' as const })}
        value={value}
        inputMode={isLettered(blank) ? 'text' : 'numeric'}
        placeholder={kind === 'date' ? '1950-01-31' : ''}
        autocomplete="off"
        aria-invalid={fault !== undefined}
        aria-describedby={fault ? `${id}-fault` : undefined}
        onFocus={at}
        onInput={(event) => set(event.currentTarget.value)}
      />
      {wrong}
    </div>
  );
}

/** Of blanks that take more than digits. */
const KEYS: Readonly<Partial<Record<Blank['kind'], readonly string[]>>> = {
  date: [...DIGITS, '-', '0', BACK],
  'id-number': [...DIGITS, 'X', '0', BACK],
  'credit-code': [...LETTERS, ...DIGITS, '0', BACK],
};

const isLettered = ({ kind }: Blank): boolean => kind === 'text' || kind === 'credit-code';
