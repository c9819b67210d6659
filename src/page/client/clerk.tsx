/** The clerk's report: what this terminal verified, by scene, station and outcome, and to take away. */
import { useEffect, useState } from 'preact/hooks';
import type { Report, Words } from '../../contracts.js';
import { clockOf } from './curve.js';
import { Both } from './parts.js';

const words = (zh: string, en: string): Words => ({ zh, en });

const PERIODS: readonly (readonly [number, Words])[] = [
  [1, words('今天', 'Today')],
  [7, words('最近 7 天', 'The last 7 days')],
  [31, words('最近 31 天', 'The last 31 days')],
];

const day = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai' });

export function Clerk() {
  const [days, setDays] = useState(1);
  const [report, setReport] = useState<Report>();
  useEffect(() => {
    void fetch(`/api/staff/report?days=${days}`).then(async (answer) => answer.ok && setReport((await answer.json()) as Report));
  }, [days]);
  return (
    <main class="panel">
      <div class="row">
        {PERIODS.map(([of, said]) => (
          <button key={of} type="button" aria-pressed={days === of} onClick={() => setDays(of)}>
            <Both words={said} />
          </button>
        ))}
        <a class="button" href={`/api/staff/report.csv?days=${days}`} download>
          CSV
        </a>
        <a class="button" href={`/api/staff/report.xlsx?days=${days}`} download>
          XLSX
        </a>
      </div>
      {report && <Rows report={report} />}
    </main>
  );
}

function Rows({ report: { from, since, rows } }: { report: Report }) {
  const total = (admitted: boolean): number => rows.reduce((sum, row) => ((row.refusal === '') === admitted ? sum + row.count : sum), 0);
  return (
    <>
      <p class="about">
        <Both
          words={words(
            `自 ${day.format(from)} 起；本机记录自 ${day.format(since)} ${clockOf(since)} 起`,
            `from ${day.format(from)}; this terminal has entries from ${day.format(since)} ${clockOf(since)}`,
          )}
        />
      </p>
      <dl class="tiles">
        <div class="main">
          <dt>
            <Both words={words('放行', 'admitted')} />
          </dt>
          <dd>{total(true)}</dd>
        </div>
        <div>
          <dt>
            <Both words={words('拒绝', 'refused')} />
          </dt>
          <dd>{total(false)}</dd>
        </div>
      </dl>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reached by the keyboard */}
      <div class="scroll" tabIndex={0} role="region" aria-label="统计表 · report">
        <table>
          <thead>
            <tr>
              <th scope="col">场景 scene</th>
              <th scope="col">通道 station</th>
              <th scope="col">结果 outcome</th>
              <th scope="col" class="number">
                次数 count
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ scene, station, refusal, count }) => (
              <tr key={`${scene} ${station} ${refusal}`}>
                <td>{scene}</td>
                <td>{station}</td>
                <td>{refusal === '' ? '放行 admitted' : refusal}</td>
                <td class="number">{count}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
