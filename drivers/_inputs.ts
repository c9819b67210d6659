/** Contacts on lines: fire, tamper, the staff's key switch, the driver's key. A line is active while its contact is closed. */
import { z } from 'zod';
import type { InputName, Inputs, Lines } from '../src/contracts.js';

const INPUTS = ['fire', 'tamper', 'staff-free', 'staff-lock', 'repeat'] as const satisfies readonly InputName[];

const contact = z.enum(['normally-open', 'normally-closed']);

export const inputSettings = z.strictObject({
  contacts: z
    .partialRecord(z.enum(INPUTS), contact)
    .refine(
      ({ fire }) => fire !== 'normally-open',
      '消防触点必须常闭，断线即火警 · the fire contact must be normally closed, so that a cut cable is a fire',
    )
    .describe('what is wired, each input named so'),
});
export type InputSettings = z.infer<typeof inputSettings>;

export function inputsOver(link: Lines, { contacts }: InputSettings): Inputs {
  const means = (name: InputName, closed: boolean): boolean => (contacts[name] === 'normally-closed') !== closed;
  const listeners: Parameters<Inputs['onInput']>[0][] = [];
  const wired = INPUTS.filter((name) => contacts[name] !== undefined);
  for (const name of wired) link.get(name);
  link.onEdge(({ name, active }) => {
    const input = wired.find((one) => one === name);
    if (input) for (const listener of listeners) listener(input, means(input, active));
  });
  return {
    role: 'inputs',
    state: (name) => wired.includes(name) && means(name, link.get(name)),
    onInput: (listener) => void listeners.push(listener),
  };
}
