/** What a person may choose from before a visit: all of it at once; in large print and on small screens a group first, then what is in it. */
import { useEffect, useState } from 'preact/hooks';
import type { Words } from '../../contracts.js';
import type { DeskView } from '../view.js';
import { Big, Heading } from './parts.js';

type Item = DeskView['menu'][number];

/** `title` undefined: scenes of no group, each for itself. */
interface Group {
  readonly title: Words | undefined;
  readonly items: readonly Item[];
}

/** So few are seen at once at every size. */
const FEW = 6;
/** Nobody reads a list for longer: the next person begins at the beginning. */
const BACK_MS = 60_000;

const words = (zh: string, en: string): Words => ({ zh, en });
const ASK = words('请选择业务', 'What would you like to do?');
const HELD = words('已读到您的码，请选择业务', 'Your code was read; please choose');

interface MenuParts {
  readonly menu: DeskView['menu'];
  /** Somebody held up a code before choosing. */
  readonly held: boolean;
  start(scene: string): Promise<void>;
}

export function Menu({ menu, held, start }: MenuParts) {
  const [opened, setOpened] = useState<string>();
  useEffect(() => {
    const back = opened === undefined ? undefined : setTimeout(() => setOpened(undefined), BACK_MS);
    return () => clearTimeout(back);
  }, [opened]);
  const groups = groupsOf(menu);
  const open = groups.find(({ title }) => title && title.en === opened);
  const isLong = menu.length > FEW && groups.length > 1;
  // Which of the lists is seen is the style sheet's: it knows how large print and screen are.
  return (
    <div class={`middle${isLong ? ' grouped' : ''}${open ? ' opened' : ''}`}>
      <Heading words={held ? HELD : ASK} at={`menu ${held} ${opened}`} />
      <List items={menu} start={start} />
      {isLong && <Groups groups={groups} start={start} open={setOpened} />}
      {open && <Opened items={open.items} start={start} back={() => setOpened(undefined)} />}
    </div>
  );
}

/** In the order of the menu; a group stands where its first scene stands. */
function groupsOf(menu: readonly Item[]): readonly Group[] {
  const titles = new Map(menu.map(({ group }) => [group?.en, group]));
  return [...titles].map(([name, title]) => ({ title, items: menu.filter(({ group }) => group?.en === name) }));
}

interface GroupsParts {
  readonly groups: readonly Group[];
  readonly start: MenuParts['start'];
  open(title: string): void;
}

function Groups({ groups, start, open }: GroupsParts) {
  return (
    <ul class="choices menu groups">
      {groups.map(({ title, items }) =>
        title ? (
          <li key={title.en}>
            <Big words={title} onTouch={async () => open(title.en)} />
          </li>
        ) : (
          items.map((item) => <Entry key={item.scene} item={item} start={start} />)
        ),
      )}
    </ul>
  );
}

function Opened({ items, start, back }: { items: readonly Item[]; start: MenuParts['start']; back(): void }) {
  return (
    <ul class="choices menu group">
      {items.map((item) => (
        <Entry key={item.scene} item={item} start={start} />
      ))}
      <li>
        <Big words={words('返回', 'Back')} quiet onTouch={async () => back()} />
      </li>
    </ul>
  );
}

function List({ items, start }: { items: readonly Item[]; start: MenuParts['start'] }) {
  return (
    <ul class="choices menu">
      {items.map((item) => (
        <Entry key={item.scene} item={item} start={start} />
      ))}
    </ul>
  );
}

function Entry({ item: { scene, title }, start }: { item: Item; start: MenuParts['start'] }) {
  return (
    <li>
      <Big words={title} onTouch={() => start(scene)} />
    </li>
  );
}
