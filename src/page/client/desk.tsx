/** A desk in the browser: shows the one thing that is asked now and says back what was touched. It decides nothing and keeps nothing. */
import { render } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { DeskAction, Found, Prompt, Words } from '../../contracts.js';
import { yuan } from '../../messages/money.js';
import type { DeskView } from '../view.js';
import { Form } from './form.js';
import type { Look } from './looking.js';
import { Menu } from './menu.js';
import { Actions, Big, Both, Heading, Lines, Notice } from './parts.js';
import { Search } from './search.js';

type Visit = NonNullable<DeskView['visit']>;

const post = (station: string, action: DeskAction): Promise<Response> =>
  fetch('/api/act', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ station, action }),
  });

async function act(station: string, action: DeskAction): Promise<void> {
  // 409: what was touched is not asked any more; the next view is on its way.
  await post(station, action);
}

/** undefined: nothing is typed there any more. */
async function look(station: string, action: Extract<DeskAction, { do: 'type' }>): Promise<Found | undefined> {
  const answer = await post(station, action);
  return answer.ok ? ((await answer.json()) as Found) : undefined;
}

const words = (zh: string, en: string): Words => ({ zh, en });
const LEAVE = words('退出', 'Leave');

export function renderDesks(into: HTMLElement, desks: readonly DeskView[]): void {
  render(
    <>
      {desks.map((desk) => (
        <Desk key={desk.station} desk={desk} />
      ))}
    </>,
    into,
  );
}

/** The page was opened anew: whoever began before it is gone. */
export function openDesks(desks: readonly DeskView[]): void {
  for (const { station } of desks) void act(station, { do: 'opened' });
}

function Desk({ desk }: { desk: DeskView }) {
  const { station, screen, visit, staffCalled, told } = desk;
  return (
    <section class={`desk ${screen}`} data-station={station} data-prompt={visit?.prompt.kind ?? 'menu'} data-step={visit?.step ?? 0}>
      {screen === 'serving' ? (
        visit ? (
          <Conversation station={station} visit={visit} />
        ) : (
          <Menu menu={desk.menu} held={desk.held} start={(scene) => act(station, { do: 'start', scene })} />
        )
      ) : (
        <Closed screen={screen} />
      )}
      {/* There before it says something: else a screen reader would not. */}
      <p class="heard" role="status">
        {told && !staffCalled && <Both words={told} />}
      </p>
      {staffCalled && <Notice words={words('已呼叫工作人员，请稍候', 'A member of staff has been called, please wait')} />}
      <div class="desk-foot">
        <Big words={words('呼叫工作人员', 'Call staff')} quiet onTouch={() => act(station, { do: 'call-staff' })} />
        {visit && <Big words={LEAVE} quiet onTouch={() => act(station, { do: 'leave', visit: visit.id })} />}
      </div>
      {visit?.fading && <Fading station={station} visit={visit} />}
    </section>
  );
}

function Closed({ screen }: { screen: Exclude<DeskView['screen'], 'serving'> }) {
  const said = {
    starting: words('正在准备，请稍候', 'Getting ready, please wait'),
    leave: words('请尽快离开', 'Please leave at once'),
    'out-of-order': words('本机暂停使用，请到人工窗口', 'This terminal is out of order; please go to a staffed window'),
  }[screen];
  return (
    <div class="middle">
      <p class="sign" aria-hidden="true">
        !
      </p>
      <Heading words={said} at={screen} />
      {screen === 'out-of-order' && (
        <p class="number">
          <Both words={words('编号 116', 'No. 116')} />
        </p>
      )}
    </div>
  );
}

function Conversation({ station, visit }: { station: string; visit: Visit }) {
  const { id, step, title, prompt } = visit;
  const answer = (value: Extract<DeskAction, { do: 'answer' }>['value']): Promise<void> =>
    act(station, { do: 'answer', visit: id, step, value });
  return (
    <>
      <p class="title">
        <Both words={title} />
      </p>
      <div class="middle" key={step}>
        <Asked
          prompt={prompt}
          faults={visit.faults}
          at={`${id} ${step}`}
          answer={answer}
          look={(text) => look(station, { do: 'type', visit: id, step, text })}
        />
      </div>
    </>
  );
}

interface AskedParts {
  prompt: Prompt;
  faults: Visit['faults'];
  /** What this is the answer to: a new heading is read out. */
  at: string;
  answer(value: Extract<DeskAction, { do: 'answer' }>['value']): Promise<void>;
  look: Look;
}

function Asked({ prompt, faults, at, answer, look }: AskedParts) {
  switch (prompt.kind) {
    case 'identify':
      return (
        <>
          {prompt.turned && <Notice words={prompt.turned.words} more={prompt.turned.next} number={prompt.turned.number} bad />}
          {prompt.said && <Notice words={prompt.said.words} bad={!prompt.said.good} large />}
          <p class="sign scan" aria-hidden="true">
            ▢
          </p>
          <Heading words={prompt.ask} at={at} />
        </>
      );
    case 'scan':
      return (
        <>
          <p class="sign scan" aria-hidden="true">
            ▢
          </p>
          <Heading words={prompt.ask} at={at} />
          <Actions>
            <Big words={words('没有码，下一步', 'There is no code: go on')} onTouch={() => answer(null)} />
          </Actions>
        </>
      );
    case 'pay':
      return (
        <>
          {prompt.turned && (
            <Notice words={prompt.turned} more={words('没有扣款，可以再出示一次', 'Nothing was charged; you may try again')} bad />
          )}
          <p class="amount">{`¥${yuan(prompt.amount)}`}</p>
          <Heading words={prompt.ask} at={at} />
          <p>
            <Both words={words('请把付款码对准读码器', 'Hold your payment code before the scanner')} />
          </p>
          <Actions>
            <Big words={words('不付了', 'Do not pay')} onTouch={() => answer(null)} />
          </Actions>
        </>
      );
    case 'choose':
      return (
        <>
          <Heading words={prompt.ask} at={at} />
          <ul class="choices">
            {prompt.choices.map(({ id, label, detail }) => (
              <li key={id}>
                <Big words={label} {...(detail && { detail })} onTouch={() => answer(id)} />
              </li>
            ))}
          </ul>
        </>
      );
    case 'search':
      return <Search ask={prompt.ask} first={prompt} look={look} choose={answer} />;
    case 'confirm':
      return (
        <>
          <Heading words={prompt.ask} at={at} />
          <Lines lines={prompt.lines} />
          <Actions>
            <Big words={words('不对，返回', 'No, go back')} onTouch={() => answer(false)} />
            <Big words={words('确认', 'Yes')} main onTouch={() => answer(true)} />
          </Actions>
        </>
      );
    case 'fill':
      return (
        <>
          <Heading words={prompt.ask} at={at} />
          <Form blanks={prompt.blanks} faults={faults} submit={answer} look={look} />
        </>
      );
    case 'show':
      return (
        <>
          <Heading words={prompt.say} at={at} />
          <div class={prompt.picture ? 'pictured' : 'plain'}>
            {prompt.picture && <img class="picture" src={prompt.picture} alt="二维码 · QR code" />}
            <Lines lines={prompt.lines} />
          </div>
          <Actions>
            {prompt.link && <LinkTo link={prompt.link} />}
            <Big words={words('好的', 'OK')} main onTouch={() => answer(null)} />
          </Actions>
        </>
      );
    case 'busy':
      return (
        <>
          <p class="sign busy" aria-hidden="true">
            …
          </p>
          <Heading words={words('正在办理，请稍候', 'One moment, please')} at={at} />
        </>
      );
  }
}

/** A page of this terminal: here, where there is one screen. */
function LinkTo({ link: { href, words: said } }: { link: NonNullable<Extract<Prompt, { kind: 'show' }>['link']> }) {
  return (
    <a class="big" href={href}>
      <Both words={said} />
    </a>
  );
}

function Fading({ station, visit: { id } }: { station: string; visit: Visit }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog ref={dialog} aria-labelledby="still-there">
      <h2 id="still-there">
        <Both words={words('您还在办理吗？', 'Are you still there?')} />
      </h2>
      <p>
        <Both words={words('不操作将自动退出，并清除屏幕内容', 'Otherwise this ends by itself and the screen is cleared')} />
      </p>
      <Actions>
        <Big words={LEAVE} onTouch={() => act(station, { do: 'leave', visit: id })} />
        <Big words={words('继续办理', 'I am still here')} main onTouch={() => act(station, { do: 'stay', visit: id })} />
      </Actions>
    </dialog>
  );
}
