/** A lines port of the terminal on its own: `node link.js PORT ADDRESS`. Commands: set {name: bool}, get "name", close. */
import type { Lines, Port } from '../../../src/contracts.js';
import { obey, report } from './words.js';

const [name = '', address = '{}'] = process.argv.slice(2);

try {
  const { default: port } = (await import(`../../../src/ports/${name}.js`)) as { default: Port<Lines> };
  const link = await port.open(port.address.parse(JSON.parse(address)));
  link.onEdge(({ name, active }) => report({ edge: name, active }));
  void link.closed.then((lost) => report({ closed: lost?.reason ?? null }));
  obey({
    set: (values: Record<string, boolean>) => link.set(values),
    get: (line: string) => report({ get: line, active: link.get(line) }),
    close: () => void link.close(),
  });
  report({ open: name });
} catch (error) {
  report({ failed: String(error) });
  process.exitCode = 1;
}
