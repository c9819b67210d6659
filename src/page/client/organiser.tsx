/** The page of organisers and clerks: signs in by the code of the desk, then shows what its role may see. It decides nothing and keeps nothing. */
import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Words } from '../../contracts.js';
import type { StaffView } from '../organiser-view.js';
import { Clerk } from './clerk.js';
import { Meetings } from './meetings.js';
import { Both } from './parts.js';

const words = (zh: string, en: string): Words => ({ zh, en });

/** null: nobody is signed in. undefined: not known yet. */
type Seen = StaffView | null | undefined;

async function begin(code: string): Promise<boolean> {
  const { ok } = await fetch('/api/staff/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code }),
  });
  return ok;
}

async function viewOf(meeting: string): Promise<Seen> {
  const answer = await fetch(`/api/staff/view?meeting=${meeting}`);
  return answer.ok ? ((await answer.json()) as StaffView) : null;
}

/** The newest view, whenever the terminal says so; once the session is over, null. */
function listen(meeting: string, seen: (view: Seen) => void): () => void {
  const events = new EventSource(`/api/staff/events?meeting=${meeting}`);
  events.addEventListener('view', (event) => seen(JSON.parse((event as MessageEvent<string>).data) as StaffView));
  events.addEventListener('error', () => void viewOf(meeting).then(seen, () => undefined));
  return () => events.close();
}

const signOut = (): Promise<unknown> => fetch('/api/staff/session', { method: 'DELETE' });

/** On the screen of the desk the next person must not find it open: nobody touches it so long, and it goes back to the desk. */
const IDLE_MS = 3 * 60_000;

function leaveWhenIdle(): () => void {
  let timer = 0;
  const touched = (): void => {
    clearTimeout(timer);
    timer = window.setTimeout(() => void signOut().finally(() => location.replace('/')), IDLE_MS);
  };
  const events = ['pointerdown', 'keydown'] as const;
  for (const event of events) document.addEventListener(event, touched);
  touched();
  return () => {
    clearTimeout(timer);
    for (const event of events) document.removeEventListener(event, touched);
  };
}

function Page() {
  const [view, setView] = useState<Seen>();
  /** Opened on the screen of the desk itself. */
  const [here, setHere] = useState(false);
  const [meeting, setMeeting] = useState('');
  useEffect(() => {
    const code = /^#(\d{8})$/.exec(location.hash)?.[1];
    // A code is good once: nobody finds it in the history.
    history.replaceState(null, '', location.pathname);
    setHere(code !== undefined);
    void (code === undefined ? Promise.resolve() : begin(code)).then(async () => setView(await viewOf('')));
  }, []);
  const signedIn = view !== null && view !== undefined;
  useEffect(() => (signedIn ? listen(meeting, setView) : undefined), [signedIn, meeting]);
  useEffect(() => (here ? leaveWhenIdle() : undefined), [here]);
  if (view === undefined) return <main aria-busy="true" />;
  if (view === null) return <SignIn done={async () => setView(await viewOf(meeting))} />;
  return (
    <>
      <header>
        <h1>
          {view.role === 'organiser' ? <Both words={words('会议与活动', 'Meetings')} /> : <Both words={words('核验统计', 'Report')} />}
        </h1>
        <span class="about">{view.terminal}</span>
        <a class="button" href="/" onClick={(event) => goBack(event, here)}>
          <Both words={words('回到终端', 'Back to the terminal')} />
        </a>
        <button type="button" onClick={() => void signOut().then(() => setView(null))}>
          <Both words={words('退出登录', 'Sign out')} />
        </button>
      </header>
      {view.role === 'organiser' ? <Meetings view={view} choose={setMeeting} /> : <Clerk />}
    </>
  );
}

/** To the desk that it was opened at, where it was; on its screen, signed out. */
function goBack(event: Event, here: boolean): void {
  event.preventDefault();
  const back = (): void => (history.length > 1 ? history.back() : location.assign('/'));
  if (here) void signOut().finally(back);
  else back();
}

function SignIn({ done }: { done(): Promise<void> }) {
  const [code, setCode] = useState('');
  const [wrong, setWrong] = useState(false);
  const submit = async (): Promise<void> => {
    if (await begin(code.replace(/\s/g, ''))) await done();
    else setWrong(true);
  };
  return (
    <main>
      <form
        class="panel code"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <h1>
          <Both words={words('组织者与工作人员', 'Organisers and clerks')} />
        </h1>
        <p>
          <Both
            words={words(
              '请先在服务台用本人的码和 PIN 登录，再输入屏幕上的 8 位代码。',
              'Sign in at the desk first, then enter its code of 8 digits.',
            )}
          />
        </p>
        <label>
          <Both words={words('代码', 'Code')} />{' '}
          <input
            inputMode="numeric"
            autocomplete="off"
            maxLength={9}
            value={code}
            aria-invalid={wrong}
            onInput={(event) => setCode(event.currentTarget.value)}
          />
        </label>
        {wrong && (
          <p class="fault" role="alert">
            <Both words={words('代码不对或已用过', 'That code is wrong or was used')} />
          </p>
        )}
        <button type="submit" class="main">
          <Both words={words('登录', 'Sign in')} />
        </button>
      </form>
    </main>
  );
}

const root = document.querySelector<HTMLElement>('#staff');
if (root) render(<Page />, root);
