/** The port of the page: free, ours and ready, ours and not ready, or somebody else's. */
import { type Check, found, type Outcome, reasonOf, right, skipped } from './check.js';

const PATIENCE_MS = 2000;

export const page: Check = {
  title: { zh: '页面', en: 'page' },
  async look({ configuration }) {
    const port = configuration.page?.port;
    if (!port) return [skipped('没有配置固定的页面端口', 'no fixed port of a page is configured')];
    return [await asked(`http://127.0.0.1:${port}/readyz`)];
  },
};

async function asked(url: string): Promise<Outcome> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS), redirect: 'error' });
    const said = (await answer.text()).slice(0, 300);
    if (!said.startsWith('{"ready":')) return found('page-port-taken', url);
    return answer.ok ? right(`${url} ${said}`) : found('not-ready', `${url} ${said}`);
  } catch (error) {
    if (isRefused(error)) return right(`${url}: 空闲，守护进程未运行 · free, the daemon does not run`);
    return found('page-port-taken', `${url}: ${reasonOf(error)}`);
  }
}

const isRefused = (error: unknown): boolean => ((error as Error).cause as NodeJS.ErrnoException | undefined)?.code === 'ECONNREFUSED';
