/** The organiser's part: one meeting at a time, who is there, who is missing, how long; its list in, its tables out. */
import { useState } from 'preact/hooks';
import type { Words } from '../../contracts.js';
import type { AttendeeView, MeetingSummary, MeetingView, StaffView } from '../organiser-view.js';
import { Curve, clockOf } from './curve.js';
import { Both } from './parts.js';

const words = (zh: string, en: string): Words => ({ zh, en });
const STATES = { before: words('未开始', 'not begun'), on: words('进行中', 'on'), closed: words('已结束', 'closed') } as const;
const THERE = { present: words('在场', 'present'), left: words('已离开', 'left'), absent: words('未到', 'absent') } as const;
/** More rows than anybody reads; exports have them all. */
const MOST_ROWS = 500;

export function Meetings({ view: { meetings, meeting }, choose }: { view: StaffView; choose(id: string): void }) {
  return (
    <main class="row-main">
      <div class="panel">
        <div class="row">
          <label>
            <Both words={words('活动', 'Meeting')} />
            <select value={meeting?.id ?? ''} onChange={(event) => choose(event.currentTarget.value)}>
              <option value="">请选择 · choose</option>
              {meetings.map((one) => (
                <option key={one.id} value={one.id}>
                  {nameOf(one)}
                </option>
              ))}
            </select>
          </label>
          {meetings.length === 0 && <Both words={words('还没有活动，请在服务台新建', 'There is no meeting yet: make one at the desk')} />}
        </div>
      </div>
      {meeting && <OneMeeting key={meeting.id} meeting={meeting} />}
    </main>
  );
}

const nameOf = ({ title, from, state }: MeetingSummary): string =>
  `${dayOf(from)} ${clockOf(from)} ${title} (${STATES[state].zh} ${STATES[state].en})`;

const dayOf = (at: number): string => new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai' }).format(at);

function OneMeeting({ meeting }: { meeting: MeetingView }) {
  const { place, from, until, state } = meeting;
  return (
    <>
      <section class="panel" aria-labelledby="now">
        <h2 id="now">{meeting.title}</h2>
        <p class="about">
          {dayOf(from)} {clockOf(from)}–{clockOf(until)} · {place} · <Both words={STATES[state]} />
        </p>
        <Tiles meeting={meeting} />
        <Curve curve={meeting.curve} from={from} until={until} />
      </section>
      <Files meeting={meeting} />
      <People people={meeting.people} />
    </>
  );
}

function Tiles({ meeting }: { meeting: MeetingView }) {
  const tiles: readonly (readonly [Words, number])[] = [
    [words('在场', 'present'), meeting.present],
    [words('已到', 'came'), meeting.came],
    [words('未到', 'absent'), meeting.absent],
    [words('迟到', 'late'), meeting.late],
    [words('早退', 'left early'), meeting.leftEarly],
    [words('平均分钟', 'minutes on average'), meeting.averageMinutes],
    [words('未放行', 'turned away'), meeting.turned],
  ];
  return (
    <dl class="tiles" aria-live="polite">
      {tiles.map(([said, value], i) => (
        <div key={said.en} class={i === 0 ? 'main' : ''}>
          <dt>
            <Both words={said} />
          </dt>
          <dd data-tile={said.en}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Files({ meeting: { id, state, list } }: { meeting: MeetingView }) {
  const url = `/api/staff/meeting/${id}`;
  const [failed, setFailed] = useState(false);
  const send = async (file: File | undefined): Promise<void> => {
    if (!file) return;
    const { ok } = await fetch(`${url}/list`, { method: 'POST', headers: { 'content-type': 'text/csv' }, body: file });
    setFailed(!ok);
  };
  return (
    <section class="panel" aria-labelledby="files">
      <h2 id="files">
        <Both words={words('名单与导出', 'List and exports')} />
      </h2>
      {state !== 'closed' && (
        <div class="row">
          <label>
            <Both words={words('名单 CSV：姓名、身份证号或手机号', 'List, CSV: name, and ID number or phone')} />
            <input
              type="file"
              accept=".csv,text/csv"
              disabled={list.working !== null}
              onChange={(event) => {
                const input = event.currentTarget;
                void send(input.files?.[0]).finally(() => (input.value = ''));
              }}
            />
          </label>
        </div>
      )}
      {list.working && (
        <p role="status">
          <progress value={list.working.done} max={list.working.of} aria-label="正在读名单 · reading the list" /> {list.working.done} /{' '}
          {list.working.of}
        </p>
      )}
      {failed && (
        <p class="fault" role="alert">
          <Both words={words('名单没有收下：文件过大，或活动已结束', 'The list was not taken: too large, or the meeting is over')} />
        </p>
      )}
      {list.faults.length > 0 && (
        <ul class="faults">
          {list.faults.map(({ line, words: said }) => (
            <li key={`${line}`}>
              <Both words={words(`第 ${line} 行：${said.zh}`, `line ${line}: ${said.en}`)} />
            </li>
          ))}
        </ul>
      )}
      <div class="row">
        <span class="about">
          <Both
            words={
              list.named > 0
                ? words(`本机内存中有 ${list.named} 个姓名`, `${list.named} names in this terminal’s memory`)
                : words('没有姓名，只显示编号', 'no names: numbers only')
            }
          />
        </span>
        {list.named > 0 && (
          <button type="button" onClick={() => void fetch(`${url}/list`, { method: 'DELETE' })}>
            <Both words={words('清除姓名', 'Forget the names')} />
          </button>
        )}
        <a class="button" href={`${url}/attendance.csv`} download>
          CSV
        </a>
        <a class="button" href={`${url}/attendance.xlsx`} download>
          XLSX
        </a>
        {state !== 'closed' && <Close url={url} />}
      </div>
    </section>
  );
}

/** Twice, so that a slip of the hand ends no meeting. */
function Close({ url }: { url: string }) {
  const [sure, setSure] = useState(false);
  if (!sure)
    return (
      <button type="button" class="stop" onClick={() => setSure(true)}>
        <Both words={words('结束活动', 'Close the meeting')} />
      </button>
    );
  return (
    <button type="button" class="stop" onClick={() => void fetch(`${url}/close`, { method: 'POST' })}>
      <Both words={words('确定现在结束', 'Yes, close it now')} />
    </button>
  );
}

function People({ people }: { people: readonly AttendeeView[] }) {
  const [state, setState] = useState('');
  const [text, setText] = useState('');
  const found = people.filter((one) => (state === '' || one.state === state) && `${one.number} ${one.name ?? ''}`.includes(text.trim()));
  return (
    <section class="panel" aria-labelledby="people">
      <h2 id="people">
        <Both words={words('参加情况', 'Who came')} />
      </h2>
      <div class="row">
        <label>
          <Both words={words('状态', 'State')} />
          <select value={state} onChange={(event) => setState(event.currentTarget.value)}>
            <option value="">全部 · all</option>
            {Object.entries(THERE).map(([id, said]) => (
              <option key={id} value={id}>
                {said.zh} · {said.en}
              </option>
            ))}
          </select>
        </label>
        <label>
          <Both words={words('查找', 'Find')} />
          <input value={text} autocomplete="off" onInput={(event) => setText(event.currentTarget.value)} />
        </label>
        <span class="about">
          {found.length > MOST_ROWS ? `${MOST_ROWS} / ${found.length}` : `${found.length}`} <Both words={words('人', 'people')} />
        </span>
      </div>
      <div class="scroll" tabIndex={0} role="region" aria-label="参加情况表 · attendance">
        <table>
          <thead>
            <tr>
              {['序号 No.', '姓名 name', '状态 state', '签到 in', '签退 out', '分钟 minutes', '备注 note'].map((head) => (
                <th key={head} scope="col" class={/No|minutes/.test(head) ? 'number' : ''}>
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {found.slice(0, MOST_ROWS).map((one) => (
              <Person key={one.number} one={one} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Person({ one }: { one: AttendeeView }) {
  const notes = [...(one.late ? ['迟到 late'] : []), ...(one.leftEarly ? ['早退 left early'] : [])];
  return (
    <tr>
      <td class="number">{one.number}</td>
      <td>{one.name ?? '–'}</td>
      <td>
        <span class={`state ${one.state}`}>
          {THERE[one.state].zh} {THERE[one.state].en}
        </span>
      </td>
      <td>{clockOf(one.first)}</td>
      <td>{clockOf(one.last)}</td>
      <td class="number">{one.minutes}</td>
      <td>{notes.join('，')}</td>
    </tr>
  );
}
