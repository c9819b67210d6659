/** A disk that outlives its guests: each `boot` is a fresh guest with the disk at /data, each `cut` pulls the plug of both. */
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Guest } from './guest.js';
import { type NbdServer, serveNbd } from './nbd.js';
import type { Lab } from './report.js';
import { type CutReport, type Manner, VolatileDisk } from './volatile-disk.js';

const SIZE = 64 << 20;

export class PoweredDisk {
  readonly #lab: Lab;
  readonly #chance: () => number;
  readonly disk: VolatileDisk;
  #server: NbdServer | undefined;
  #guest: Guest | undefined;

  /** With an empty ext4 on it. */
  constructor(lab: Lab, manner: Manner, chance: () => number) {
    const file = join(lab.folder, 'data.ext4');
    writeFileSync(file, '');
    truncateSync(file, SIZE);
    execFileSync('mke2fs', ['-q', '-F', '-t', 'ext4', file]);
    this.#lab = lab;
    this.#chance = chance;
    this.disk = new VolatileDisk(readFileSync(file), manner);
    rmSync(file);
  }

  /** As every boot of a terminal: e2fsck, then mount. Rejects when the file system is past what e2fsck does without being asked. */
  async boot(): Promise<Guest> {
    if (this.#server) await this.cut();
    this.disk.powerOn();
    const socket = join(this.#lab.folder, 'disk');
    this.#server = await serveNbd(this.disk, socket);
    this.#guest = await this.#lab.guest();
    await this.#guest.plug('data', { driver: 'nbd', server: { type: 'unix', path: socket } });
    await this.#guest.must('e2fsck -p /dev/disk/by-id/virtio-data >/run/fsck 2>&1 || [ $? = 1 ] || { cat /run/fsck; exit 1; }');
    await this.#guest.must('mount -t ext4 /dev/disk/by-id/virtio-data /data');
    return this.#guest;
  }

  async cut(): Promise<CutReport> {
    this.#guest?.powerOff();
    const report = this.disk.cut(this.#chance);
    await this.#guest?.off();
    await this.#server?.close();
    this.#server = undefined;
    return report;
  }
}
