/** The board as a page: Chinese first, English beside it, no outside asset, nothing that a browser keeps. */

export const BOARD_HTML = `<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>安康码 · 县平台看板</title>
<link rel="stylesheet" href="/board.css">
<script src="/board.js" type="module"></script>
</head>
<body>
<header>
  <h1>安康码县平台看板 <small lang="en">Ankang county board</small></h1>
  <p id="about" role="status">正在读取… <span lang="en">reading…</span></p>
</header>
<main>
  <section aria-labelledby="h-totals"><h2 id="h-totals">总量 <small lang="en">Totals</small></h2><div id="totals" class="tiles"></div></section>
  <section aria-labelledby="h-terminals"><h2 id="h-terminals">终端 <small lang="en">Terminals</small></h2><div class="wide"><table id="terminals"></table></div></section>
  <section aria-labelledby="h-scenes"><h2 id="h-scenes">按场景 <small lang="en">By scene</small></h2><div class="wide"><table id="scenes"></table></div></section>
  <section aria-labelledby="h-checkpoints"><h2 id="h-checkpoints">按检查点 <small lang="en">By checkpoint</small></h2><div class="wide"><table id="checkpoints"></table></div></section>
  <section aria-labelledby="h-days"><h2 id="h-days">按日 <small lang="en">By day</small></h2><div class="wide"><table id="days"></table></div></section>
  <section aria-labelledby="h-alarms"><h2 id="h-alarms">告警与拒收 <small lang="en">Alarms and refused messages</small></h2><div class="wide"><table id="alarms"></table><table id="rejected"></table></div></section>
</main>
</body>
</html>
`;

export const BOARD_CSS = `:root { color-scheme: light dark; --line: #8884; --strong: #0b6e4f; --bad: #b3261e; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 76rem; padding: 1rem 1.5rem 3rem; font: 16px/1.5 system-ui, "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; }
h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
small { font-weight: 400; font-size: .75em; opacity: .75; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); gap: 1rem; }
.tile { border: 1px solid var(--line); border-radius: .6rem; padding: .8rem 1rem; }
.tile b { display: block; font-size: 2rem; font-variant-numeric: tabular-nums; }
.tile progress { width: 100%; accent-color: var(--strong); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin-bottom: 1rem; }
th, td { text-align: start; padding: .35rem .6rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
td.n, th.n { text-align: end; font-variant-numeric: tabular-nums; }
.bad { color: var(--bad); font-weight: 600; }
@media (prefers-color-scheme: dark) { :root { --strong: #4cc38a; --bad: #ff8a80; } }
`;

export const BOARD_JS = `const $ = (id) => document.getElementById(id);
const number = new Intl.NumberFormat('zh-CN');
const stamp = new Intl.DateTimeFormat('zh-CN', { timeZone: 'Asia/Shanghai', dateStyle: 'short', timeStyle: 'medium' });

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function table(id, heads, rows) {
  const head = element('tr');
  for (const [zh, en, kind] of heads) {
    const cell = element('th', zh + ' ', kind);
    cell.scope = 'col';
    const small = element('small', en);
    small.lang = 'en';
    cell.append(small);
    head.append(cell);
  }
  const body = rows.map((cells) => {
    const row = element('tr');
    cells.forEach((cell, i) => row.append(element('td', String(cell.text ?? cell), [heads[i][2], cell.bad ? 'bad' : ''].join(' ').trim())));
    return row;
  });
  $(id).replaceChildren(head, ...body);
}

function tile(zh, en, value, target) {
  const box = element('div', undefined, 'tile');
  box.append(element('span', zh + ' '), element('small', en), element('b', number.format(value)));
  if (target) {
    const bar = element('progress');
    bar.max = target;
    bar.value = value;
    bar.setAttribute('aria-label', zh);
    box.append(bar, element('small', '目标 target ' + number.format(target)));
  }
  return box;
}

const COUNTS = [['亮码', 'presented', 'n'], ['核验', 'verified', 'n'], ['放行', 'admitted', 'n'], ['拒绝', 'refused', 'n'], ['时间存疑', 'clock unsure', 'n']];
const counts = (line) => [line.presented, line.verified, line.admitted, Object.values(line.refused).reduce((a, b) => a + b, 0), line.unsure].map((n) => number.format(n));
const lines = (id, zh, en, of) => table(id, [[zh, en], ...COUNTS], of.map((line) => [line.by, ...counts(line)]));

const HEALTH = { serving: '服务中 serving', degraded: '降级 degraded', 'out-of-order': '停用 out of order', offline: '离线 offline' };
function terminalRow(line, now) {
  const said = line.state;
  const stored = line.journals.reduce((sum, journal) => sum + journal.stored, 0);
  const gaps = line.journals.reduce((sum, journal) => sum + journal.ahead, 0);
  const forks = line.journals.reduce((sum, journal) => sum + journal.forks, 0);
  const health = line.struck ? '已注销 struck off' : said ? HEALTH[said.health] ?? said.health : '未上报 not heard';
  return [
    line.id, line.checkpoint,
    { text: health, bad: line.struck || said?.health !== 'serving' },
    line.at ? stamp.format(line.at) : '–',
    said ? number.format(said.backlog.entries) : '–',
    said?.trustAge != null ? (said.trustAge / 3600).toFixed(1) : '–',
    number.format(stored), { text: gaps, bad: gaps > 0 }, { text: forks, bad: forks > 0 },
    { text: said?.alarms?.join(' ') ?? '', bad: true },
  ];
}

function show(board) {
  const trust = board.manifest ? '信任清单 manifest ' + board.manifest.seq + ' · ' + (board.manifest.ageSeconds / 3600).toFixed(1) + ' h' : '';
  $('about').textContent = '区划 region ' + board.region + ' · ' + stamp.format(board.now) + ' · ' + trust;
  $('totals').replaceChildren(
    tile('已申领', 'holders', board.holders, board.targets.holders),
    tile('亮码', 'presented', board.total.presented, board.targets.presented),
    tile('核验', 'verified', board.total.verified, board.targets.verified),
    tile('今日亮码', 'presented today', board.today.presented),
    tile('今日核验', 'verified today', board.today.verified),
  );
  table('terminals',
    [['终端', 'terminal'], ['检查点', 'checkpoint'], ['状态', 'state'], ['上报', 'heard'], ['积压', 'backlog', 'n'], ['信任时长(时)', 'trust age, h', 'n'], ['已入库', 'stored', 'n'], ['缺口后', 'after a gap', 'n'], ['分叉', 'forks', 'n'], ['告警', 'alarms']],
    board.terminals.map((line) => terminalRow(line, board.now)));
  lines('scenes', '场景', 'scene', board.scenes);
  lines('checkpoints', '检查点', 'checkpoint', board.checkpoints);
  lines('days', '日', 'day', [...board.days].reverse());
  table('alarms', [['时间', 'time'], ['终端', 'terminal'], ['告警', 'alarm'], ['内容', 'facts']],
    board.alarms.map((alarm) => [stamp.format(alarm.at), alarm.terminal, { text: alarm.kind, bad: true }, JSON.stringify(alarm.facts)]));
  table('rejected', [['终端', 'terminal'], ['拒收原因', 'refused because'], ['次数', 'times', 'n']],
    board.rejected.map((line) => [line.terminal || '？', line.reason, number.format(line.count)]));
}

const events = new EventSource('/api/events');
events.addEventListener('board', (event) => show(JSON.parse(event.data)));
events.addEventListener('error', () => { $('about').textContent = '与县平台的连接中断，正在重连… disconnected, trying again…'; });
`;
