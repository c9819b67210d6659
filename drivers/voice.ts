/** A voice: says what a lane decided and what a desk asks, through a loudspeaker. */
import { z } from 'zod';
import { type Driver, type Signaller, SOUNDS, type Sounds } from '../src/contracts.js';

const sound = z.enum(SOUNDS);
const settings = z.strictObject({
  says: z
    .strictObject({ admitted: sound.optional(), refused: sound.optional(), attention: sound.optional(), fault: sound.optional() })
    .default({ admitted: 'admitted', refused: 'refused', attention: 'again', fault: 'out-of-order' })
    .describe('what is said at which signal; a signal that is left out is silent'),
});
export type VoiceSettings = z.infer<typeof settings>;

function attach(link: Sounds, { says }: VoiceSettings): Signaller {
  return {
    role: 'signal',
    show(signal) {
      const words = signal === 'idle' || signal === 'reading' ? undefined : says[signal];
      if (words) link.play(words);
    },
    say: (words) => link.play(words),
  };
}

export default { role: 'signal', port: 'audio', settings, attach } satisfies Driver<Sounds, VoiceSettings, Signaller>;
