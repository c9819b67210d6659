/** The demo's receipt printer: a virtual one at the workbench, whose last slip lies on the page. */
import { createVirtualPrinter } from '../print/virtual-printer.js';
import type { Workbench } from './_workbench.js';

export interface DemoPrinter {
  /** How many papers came out, and the last of them as PNG. */
  readonly papers: { readonly count: number; readonly last: Buffer | undefined };
  paper(is: 'in' | 'out'): void;
}

/** 80 mm. */
const DOTS = 576;
const ROLL = 400_000;

export function demoPrinter(bench: Workbench): DemoPrinter {
  const wire = bench.scanner('printer');
  let papers: DemoPrinter['papers'] = { count: 0, last: undefined };
  const printer = createVirtualPrinter({
    dots: DOTS,
    answer: (bytes) => void wire.send(bytes),
    onPaper: (last) => {
      papers = { count: papers.count + 1, last };
    },
  });
  wire.onWritten((bytes) => printer.hear(bytes));
  return {
    get papers() {
      return papers;
    },
    paper: (is) => printer.set({ paper: is === 'in' ? ROLL : 0 }),
  };
}
