/** Keys on the screen, for those who have no keyboard. */

export const BACK = '⌫';
export const DIGITS = ['1', '2', '3', '4', '5', '6', '7', '8', '9'];
export const LETTERS = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];

/** '' leaves a gap. */
export function Keys({ keys, kind, press }: { keys: readonly string[]; kind: 'letters' | 'digits'; press(key: string): void }) {
  return (
    <div class={`keys ${kind}`} role="group" aria-label="键盘 keyboard">
      {keys.map((key) =>
        key === '' ? (
          <span key="gap" />
        ) : (
          <button key={key} type="button" aria-label={key === BACK ? '退格 backspace' : key} onClick={() => press(key)}>
            {key}
          </button>
        ),
      )}
    </div>
  );
}

export const pressed = (value: string, key: string): string => (key === BACK ? value.slice(0, -1) : value + key);
