/** One virtual machine: QEMU under TCG, its monitor, its agent; booted once, then restored from the snapshot `ready` for each test. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, type Outcome } from './agent.js';
import { connect, eachLine } from './lines.js';
import { Monitor } from './monitor.js';
import { Reports } from './reports.js';

const KERNEL_LINE =
  'console=ttyS0 quiet loglevel=4 panic=-1 mitigations=off nokaslr no_timer_check random.trust_cpu=on ' +
  'systemd.show_status=no systemd.log_level=warning';

/** TCG only: it runs everywhere. vmgenid tells a restored kernel to draw new random numbers. */
const BOARD =
  '-M pc -accel tcg,thread=single,tb-size=256 -cpu max -smp 1 -m 512 -display none -nodefaults -no-reboot -device vmgenid,guid=auto ' +
  '-device virtio-blk-pci,drive=root';

/** What a guest is made of; a snapshot only fits the very same machine, so this is also its identity. */
export interface Machine {
  readonly kernel: string;
  readonly initrd: string;
  /** A qcow2 overlay on root.ext4; holds the snapshot. */
  readonly disk: string;
}

export function machineArguments({ kernel, initrd, disk }: Machine): string[] {
  const drive = `if=none,id=root,file=${disk},format=qcow2,cache=unsafe`;
  return ['-drive', drive, ...BOARD.split(' '), '-kernel', kernel, '-initrd', initrd, '-append', KERNEL_LINE];
}

/** Every QEMU this process started and has not seen the end of, and its folder. */
const living = new Map<ChildProcess, string>();

/** For the end of the runner, however it ends. */
export function killAll(): void {
  for (const [qemu, folder] of living) {
    qemu.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

export class Guest {
  readonly #qemu: ChildProcess;
  readonly #folder: string;
  readonly #agent: Agent;
  readonly #ended: Promise<void>;
  readonly monitor: Monitor;
  /** What programs in the guest wrote to /dev/ttyS2. */
  readonly reports = new Reports();

  private constructor(parts: { qemu: ChildProcess; folder: string; agent: Agent; monitor: Monitor; ended: Promise<void> }) {
    this.#qemu = parts.qemu;
    this.#folder = parts.folder;
    this.#agent = parts.agent;
    this.#ended = parts.ended;
    this.monitor = parts.monitor;
  }

  /** Boots from nothing and waits for the agent. */
  static async boot(machine: Machine): Promise<Guest> {
    const guest = await Guest.#start(machine, []);
    const late = sleep(180_000, undefined, { ref: false }).then(() =>
      Promise.reject(new Error(`no boot within 3 minutes\n${guest.console()}`)),
    );
    await Promise.race([guest.#agent.greeting, late]);
    return guest;
  }

  /** Goes on where the snapshot was taken, with the host's time. */
  static async restore(machine: Machine): Promise<Guest> {
    const guest = await Guest.#start(machine, ['-loadvm', 'ready']);
    await guest.must(`date -s @${(Date.now() / 1000).toFixed(3)} >/dev/null`);
    return guest;
  }

  static async #start(machine: Machine, extra: readonly string[]): Promise<Guest> {
    const folder = mkdtempSync(join(tmpdir(), 'ankang-vm-'));
    const at = (name: string): string => join(folder, name);
    const socket = (name: string): string => `unix:${at(name)},server=on,wait=off`;
    const serial = ['-serial', `file:${at('console')}`, '-serial', socket('agent'), '-serial', socket('report'), '-qmp', socket('monitor')];
    const qemu = spawn('qemu-system-x86_64', [...machineArguments(machine), ...serial, ...extra], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    living.set(qemu, folder);
    const ended = new Promise<void>((resolve) => qemu.once('exit', () => resolve()).once('error', () => resolve())).then(() => {
      living.delete(qemu);
      rmSync(folder, { recursive: true, force: true });
    });
    const dead = ended.then(() => Promise.reject(new Error('QEMU ended while starting')));
    try {
      const parts = Promise.all([Agent.connect(at('agent')), connect(at('report')), Monitor.connect(at('monitor'))]);
      const [agent, report, monitor] = await Promise.race([parts, dead]);
      const guest = new Guest({ qemu, folder, agent, monitor, ended });
      eachLine(report, (line) => guest.reports.take(line));
      return guest;
    } catch (error) {
      qemu.kill('SIGKILL');
      await ended;
      throw error;
    } finally {
      dead.catch(() => {});
    }
  }

  run(script: string, withinMs = 120_000): Promise<Outcome> {
    return this.#agent.run(script, withinMs);
  }

  /** The output of a script that must end with 0. */
  async must(script: string, withinMs?: number): Promise<string> {
    const { code, text } = await this.run(script, withinMs);
    if (code !== 0) throw new Error(`exit ${code}: ${script}\n${text}`);
    return text;
  }

  /** Starts a program of the project that stays; returns its process id. Its output is in /run/NAME.log, its input is `tell`. */
  async start(name: string, ...words: readonly string[]): Promise<number> {
    const command = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
    const script = `cd /opt/ankang; rm -f /run/${name}.in; mkfifo /run/${name}.in
setsid ${command} <>/run/${name}.in >/run/${name}.log 2>&1 & echo $!`;
    return Number(await this.must(script));
  }

  /** A line for a started program. */
  async tell(name: string, line: string): Promise<void> {
    await this.must(`timeout 10 sh -c 'cat >/run/${name}.in' <<'END'\n${line}\nEND`);
  }

  /** Ends a program so that nothing of it can run once more, and waits until the kernel has cleaned up behind it. */
  async kill(pid: number): Promise<void> {
    await this.must(`kill -KILL ${pid}; while kill -0 ${pid} 2>/dev/null; do sleep 0.02; done`);
  }

  /** Copies a small folder of the host. */
  async put(folder: string, into: string): Promise<void> {
    const packed = execFileSync('tar', ['-cz', '-C', folder, '.']).toString('base64');
    if (packed.length > 32_768) throw new RangeError(`${folder} is too large for the serial line`);
    await this.must(`mkdir -p ${into}; base64 -d <<'END' | tar -xz --no-same-owner -C ${into}\n${packed}\nEND`);
  }

  /** Repeats a script until it ends with 0. Rejects with its last output. */
  async until(script: string, withinMs = 60_000): Promise<string> {
    return this.must(
      `end=$(($(date +%s) + ${Math.ceil(withinMs / 1000)}))
check() { ${script}
}
until (check) >/run/until 2>&1; do [ $(date +%s) -lt $end ] || { cat /run/until; exit 1; }; sleep 0.1; done; cat /run/until`,
      withinMs + 30_000,
    );
  }

  /** Hot-plugs a raw disk, which becomes /dev/disk/by-id/virtio-NAME; `protocol` as in QEMU's blockdev-add. */
  async plug(name: string, protocol: { readonly driver: string; readonly [option: string]: unknown }): Promise<void> {
    const readOnly = protocol['read-only'] === true;
    await this.monitor.execute('blockdev-add', { driver: 'raw', 'node-name': name, 'read-only': readOnly, file: protocol });
    await this.monitor.execute('device_add', { driver: 'virtio-blk-pci', drive: name, id: `disk-${name}`, serial: name });
    await this.until(`[ -b /dev/disk/by-id/virtio-${name} ]`, 30_000);
  }

  console(): string {
    return readFileSync(join(this.#folder, 'console'), 'utf8').slice(-2000);
  }

  /** As if the plug were pulled: the guest's memory is gone at once. */
  powerOff(): void {
    this.#qemu.kill('SIGKILL');
  }

  async off(): Promise<void> {
    this.powerOff();
    await this.#ended;
  }
}

/** An overlay for `root.ext4`, of the same size. */
export function overlay(root: string, disk: string): void {
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', root, '-F', 'raw', disk]);
}
