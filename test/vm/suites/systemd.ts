/** The terminal under systemd with the unit and the rules of the project: sandboxed, restarted, watched, and its gate shut meanwhile. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GpioChip } from '../gpio-chip.js';
import type { Guest } from '../guest.js';
import type { Lab, Suite } from '../report.js';

const CLI = fileURLToPath(new URL('../../../src/cli/ankang.js', import.meta.url));
const CONFIGURATION = fileURLToPath(new URL('../../../../test/vm/fixtures/terminal.yaml', import.meta.url));
const ANKANG = 'ankang.service';
const LOG = `journalctl -u ${ANKANG} -o cat --no-pager`;

/** /etc/ankang with TEST keys of a county of its own. */
function makeEtc(folder: string): string {
  const county = join(folder, 'county');
  const etc = join(folder, 'etc');
  const keys = join(etc, 'keys');
  mkdirSync(etc);
  execFileSync('node', [CLI, 'county', 'init', '--county', county]);
  execFileSync('node', [
    CLI,
    'county',
    'terminal',
    'add',
    'vm-gate',
    '--county',
    county,
    '--checkpoint',
    'vm-east',
    '--test-keys',
    '--kit',
    keys,
  ]);
  cpSync(CONFIGURATION, join(etc, 'terminal.yaml'));
  for (const path of [etc, keys]) chmodSync(path, 0o755);
  chmodSync(join(keys, 'root.spki'), 0o644);
  return etc;
}

async function install(guest: Guest, folder: string): Promise<void> {
  await guest.put(makeEtc(folder), '/etc/ankang');
  await guest.must(`cp /opt/ankang/systemd/*.service /etc/systemd/system/
for rules in /opt/ankang/systemd/*.rules; do [ ! -f "$rules" ] || cp "$rules" /etc/udev/rules.d/; done
udevadm control --reload; systemctl daemon-reload`);
}

const property = (guest: Guest, name: string): Promise<string> => guest.must(`systemctl show -P ${name} ${ANKANG}`);

async function activeAgain(guest: Guest, restarts: number): Promise<void> {
  await guest.until(`[ "$(systemctl show -P NRestarts ${ANKANG})" = ${restarts} ] && systemctl -q is-active ${ANKANG}`, 120_000);
}

/** The gate was opened for the `time`-th time since the machine started. */
async function gateUp(guest: Guest, time: number): Promise<void> {
  await guest.until(`[ "$(${LOG} | grep device-up | grep -c relay-gpiochip)" = ${time} ] || { ${LOG} | grep relay-gpiochip; false; }`);
}

/** The staff's key is turned to free: the gate is energised until it is turned back. */
async function openGate(chip: GpioChip): Promise<void> {
  await chip.pull([['TAMPER', 1]]);
  await chip.becomes('GATE_IN', 1);
}

async function checks(lab: Lab, guest: Guest, chip: GpioChip): Promise<void> {
  const neverEnergised = async (): Promise<void> => assert.match((await chip.driven('GATE_IN')).map(({ level }) => level).join(''), /^0+$/);

  const ready = await lab.check(
    'the unit is ready when the lane is served, the devices are open in the sandbox, and the gate did not move',
    async () => {
      await chip.record();
      await guest.must(`systemctl start ${ANKANG} || { ${LOG} | tail -20; exit 1; }`);
      await gateUp(guest, 1);
      await neverEnergised();
    },
  );
  if (!ready) return;
  await lab.check('it runs as nobody in particular and may not leave a core behind', async () => {
    const pid = await property(guest, 'MainPID');
    assert.notEqual(await guest.must(`stat -c %u /proc/${pid}`), '0');
    assert.match(await guest.must(`grep 'Max core' /proc/${pid}/limits`), /Max core file size +0 +0 /);
  });
  await lab.check('killed while the gate is open: the gate falls at once, systemd starts it again, the gate stays shut', async () => {
    await openGate(chip);
    const pid = await property(guest, 'MainPID');
    await guest.kill(Number(pid));
    assert.equal(await chip.level('GATE_IN'), 0);
    await chip.pull([['TAMPER', 0]]);
    await chip.record();
    await activeAgain(guest, 1);
    await gateUp(guest, 2);
    await neverEnergised();
  });
  await lab.check('frozen while the gate is open: the watchdog ends it, the gate falls, systemd starts it again', async () => {
    await openGate(chip);
    await guest.must(`kill -STOP $(systemctl show -P MainPID ${ANKANG})`);
    await chip.becomes('GATE_IN', 0);
    await chip.pull([['TAMPER', 0]]);
    await activeAgain(guest, 2);
    assert.match(await guest.must(LOG), /Watchdog timeout/);
  });
  await lab.check('stopped on purpose it ends well, and its journal has every start in one whole chain', async () => {
    await guest.must(`systemctl stop ${ANKANG}`);
    assert.equal(await property(guest, 'Result'), 'success');
    const journal = '/var/lib/private/ankang/journal.db';
    assert.equal((JSON.parse(await guest.must(`ankang journal verify --json --journal ${journal}`)) as { ok: boolean }).ok, true);
    assert.equal(await guest.must(`ankang journal export --journal ${journal} | grep -c '"start"'`), '3');
  });
}

export default {
  title: 'systemd',
  async run(lab) {
    const guest = await lab.guest();
    await install(guest, lab.folder);
    const chip = new GpioChip(guest);
    await chip.plug();
    await checks(lab, guest, chip);
  },
} satisfies Suite;
