/** Social security cards in serial readers: those that pass our commands on (CCID frames), and those that send a line with the result. */
import { z } from 'zod';
import type { Bytes, Driver, Log, Scanner } from '../src/contracts.js';
import { type CcidAnswer, type CcidEvent, COMMAND, ccidCommand, ccidFramer } from '../src/framing/ccid.js';
import { answerMs, cardReaderOver, noise, pollMs, question, type Slot } from './_card-reader.js';
import { gapMs, resultLines } from './_result-lines.js';

const settings = z.strictObject({
  speaks: z.enum(['ccid', 'lines']).describe('ccid: GemPC Twin and its kin. lines: fields with | between them, names in GBK'),
  pollMs,
  answerMs,
  gapMs,
});
type Settings = z.infer<typeof settings>;

function attach(link: Bytes, settings: Settings, log: Log): Scanner & { close(): void } {
  return settings.speaks === 'lines' ? resultLines(link, settings, log) : ccid(link, settings, log);
}

function ccid(link: Bytes, { pollMs, answerMs }: Settings, log: Log): Scanner & { close(): void } {
  const talk = conversation(link, answerMs, log);
  const { scanner, wake, taken } = cardReaderOver(slotOf(talk.ask), { pollMs, lose: () => void link.close() }, log);
  talk.onCard((present) => {
    if (present) wake();
    else taken();
  });
  const close = (): void => {
    talk.close();
    scanner.close();
  };
  return { ...scanner, close };
}

/** Of the reader itself; every card begins with 1. */
const STATUS_SEQUENCE = 0;
/** How often a question is put before the reader counts as silent. */
const TRIES = 3;

type Ask = (type: number, sequence: number, data?: Uint8Array) => Promise<CcidAnswer>;

function conversation(link: Bytes, answerMs: number, log: Log) {
  const framer = ccidFramer();
  const asked = question<CcidAnswer | 'again'>();
  const unframed = noise(log);
  let wanted = STATUS_SEQUENCE;
  let onCard = (_present: boolean): void => undefined;
  const hear = (event: CcidEvent): void => {
    if (event.event === 'card') onCard(event.present);
    else if (event.event === 'again') asked.answer('again');
    else if (event.event === 'broken') unframed.heard();
    else if (event.sequence !== wanted) return;
    else if (event.command === 2) asked.extend();
    else asked.answer(event);
  };
  link.onData((chunk) => {
    for (const event of framer.push(chunk)) hear(event);
  });
  const ask: Ask = async (type, sequence, data) => {
    wanted = sequence;
    for (let attempt = 1; attempt <= TRIES; attempt++) {
      framer.reset();
      unframed.forget();
      const answer = await asked.ask(() => link.write(ccidCommand(type, sequence, data)), answerMs);
      if (answer !== 'again') return answer;
    }
    throw new Error('the reader does not understand us');
  };
  return { ask, onCard: (listener: typeof onCard) => void (onCard = listener), close: () => asked.close() };
}

function slotOf(ask: Ask): Slot {
  let sequence = STATUS_SEQUENCE;
  const next = (): number => {
    sequence = (sequence % 255) + 1;
    return sequence;
  };
  return {
    isPresent: async () => (await ask(COMMAND.slotStatus, STATUS_SEQUENCE)).icc !== 2,
    async powerOn() {
      sequence = STATUS_SEQUENCE;
      return (await ask(COMMAND.powerOn, next())).command === 0;
    },
    transmit: async (apdu) => (await ask(COMMAND.transfer, next(), apdu)).data,
    powerOff: async () => void (await ask(COMMAND.powerOff, next())),
  };
}

export default { role: 'scanner', port: 'serial', settings, attach } satisfies Driver<Bytes, Settings, Scanner>;
