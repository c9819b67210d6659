/** Digital lines at a workbench (`ankang demo`, bench, tests); when the terminal dies the workbench lets them fall. */
import { z } from 'zod';
import type { Lines, Port } from '../contracts.js';
import { openAtBench } from './_bench-link.js';

const name = z
  .string()
  .regex(/^[a-z][A-Za-z0-9-]{0,31}$/, '须为字母、数字、-，以小写字母开头 · letters, digits, -, the first a small letter');
const address = z.strictObject({
  path: z.string().min(1).max(107).describe('unix socket of the workbench'),
  name: z.string().min(1).max(64).describe('what the workbench calls it'),
  outputs: z.array(name).max(32).default([]),
  inputs: z.array(name).max(32).default([]),
});
export type SimulatedLinesAddress = z.infer<typeof address>;

async function open({ path, name, outputs, inputs }: SimulatedLinesAddress): Promise<Lines> {
  const resting = Object.fromEntries(outputs.map((output) => [output, false]));
  const bench = await openAtBench(path, { open: 'lines', name, outputs: resting, inputs });
  const level = new Map(Object.entries({ ...resting, ...bench.levels }));
  const known = (line: string): string => {
    if (!level.has(line)) throw new Error(`no line is called ${line}`);
    return line;
  };
  bench.onWord((word) => 'edge' in word && void level.set(word.edge.name, word.edge.active));
  return {
    kind: 'lines',
    closed: bench.closed,
    set: (values) => {
      for (const [line, active] of Object.entries(values)) level.set(known(line), active);
      bench.send({ set: values });
    },
    get: (line) => level.get(known(line)) ?? false,
    onEdge: (listener) => bench.onWord((word) => 'edge' in word && listener(word.edge)),
    close: () => bench.close(),
  };
}

export default { address, open } satisfies Port<Lines, SimulatedLinesAddress>;
