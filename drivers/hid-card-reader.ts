/** Social security cards in HID readers of the family 0483:572B, contactless (third generation) or in the slot. */
import { z } from 'zod';
import type { Driver, Log, Reports, Scanner } from '../src/contracts.js';
import { DK, DK_ACK, type DkAnswer, dkCommand, dkFramer, ISO14443_4 } from '../src/framing/dk-reader.js';
import { answerMs, cardReaderOver, noise, pollMs, question, type Slot } from './_card-reader.js';

const settings = z.strictObject({
  slot: z.enum(['contactless', 'contact']).default('contact').describe('where the card is read'),
  pollMs,
  answerMs,
});
type Settings = z.infer<typeof settings>;

function attach(link: Reports, { slot, pollMs, answerMs }: Settings, log: Log): Scanner & { close(): void } {
  const framer = dkFramer();
  const asked = question<DkAnswer>();
  const unframed = noise(log);
  const write = (report: Uint8Array): void => {
    link
      .write(report)
      .catch((error: unknown) => log.warn('not-written', { reason: error instanceof Error ? error.message : String(error) }));
  };
  let wanted = 0;
  link.onReport((report) => {
    const heard = framer.push(report);
    if (heard === 'more') write(DK_ACK);
    else if (heard === 'broken') unframed.heard();
    else if (typeof heard === 'object' && heard.command === wanted) asked.answer(heard);
  });
  const ask = (command: number, data?: Uint8Array): Promise<DkAnswer> => {
    framer.reset();
    unframed.forget();
    wanted = command;
    return asked.ask(() => write(dkCommand(command, data)), answerMs);
  };
  const { scanner } = cardReaderOver(slotOf(slot, ask), { pollMs, lose: () => void link.close() }, log);
  const close = (): void => {
    asked.close();
    scanner.close();
  };
  return { ...scanner, close };
}

/** To ask for a card is to switch it on: these readers tell of none by themselves. */
function slotOf(slot: Settings['slot'], ask: (command: number, data?: Uint8Array) => Promise<DkAnswer>): Slot {
  const { on, transfer, off } = DK[slot];
  return {
    isPresent: async () => (await ask(on, slot === 'contactless' ? Uint8Array.of(ISO14443_4) : undefined)).ok,
    powerOn: async () => true,
    transmit: async (apdu) => (await ask(transfer, apdu)).data,
    powerOff: async () => void (await ask(off)),
  };
}

export default { role: 'scanner', port: 'hid', settings, attach } satisfies Driver<Reports, Settings, Scanner>;
