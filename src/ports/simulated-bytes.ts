/** A byte stream from a workbench (`ankang demo`, bench, tests): what a serial line is, without the hardware. */
import { z } from 'zod';
import type { Bytes, Port } from '../contracts.js';
import { openAtBench } from './_bench-link.js';

const address = z.strictObject({
  path: z.string().min(1).max(107).describe('unix socket of the workbench'),
  name: z.string().min(1).max(64).describe('what the workbench calls it'),
});
export type SimulatedBytesAddress = z.infer<typeof address>;

async function open({ path, name }: SimulatedBytesAddress): Promise<Bytes> {
  const bench = await openAtBench(path, { open: 'bytes', name, outputs: {}, inputs: [] });
  return {
    kind: 'bytes',
    closed: bench.closed,
    onData: (listener) => bench.onWord((word) => 'data' in word && listener(Buffer.from(word.data, 'base64'))),
    write: (bytes) => bench.send({ data: Buffer.from(bytes).toString('base64') }),
    close: () => bench.close(),
  };
}

export default { address, open } satisfies Port<Bytes, SimulatedBytesAddress>;
