/** The snapshot `ready`: a guest with systemd up, modules loaded and node in its page cache; made once for a machine, then kept. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { constants, copyFileSync, existsSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Guest, type Machine, machineArguments, overlay } from './guest.js';

const WARM_UP = `modprobe -a uhid hid-generic usbhid cdc-acm libcomposite usb_f_hid usb_f_acm irq_sim gpio-sim ext4
systemctl is-system-running --wait
udevadm settle
node -e 'require("crypto"); import("node:fs/promises")'
stat -c %n /dev/uhid /sys/kernel/config/gpio-sim /sys/kernel/config/usb_gadget && sync`;

/** Leaves a machine with the snapshot in `folder`; `images` is what prepare.sh filled. Returns how it was come by. */
export async function readyMachine(images: string, folder: string): Promise<{ machine: Machine; made: boolean }> {
  const [kernel, initrd, root] = ['vmlinux', 'initrd.gz', 'root.ext4'].map((name) => realpathSync(join(images, name))) as [
    string,
    string,
    string,
  ];
  const kept = join(dirname(root), `ready-${identity(kernel, initrd, root)}.qcow2`);
  const made = !existsSync(kept);
  if (made) await makeSnapshot({ kernel, initrd, disk: `${kept}.${process.pid}` }, root, kept);
  const disk = join(folder, 'disk.qcow2');
  copyFileSync(kept, disk, constants.COPYFILE_FICLONE);
  return { machine: { kernel, initrd, disk }, made };
}

function identity(kernel: string, initrd: string, root: string): string {
  const version = execFileSync('qemu-system-x86_64', ['--version']);
  const times = [kernel, initrd, root].map((file) => statSync(file).mtimeMs).join();
  return createHash('sha256')
    .update(version)
    .update(times)
    .update(WARM_UP)
    .update(machineArguments({ kernel, initrd, disk: '' }).join(' '))
    .digest('hex')
    .slice(0, 12);
}

async function makeSnapshot(machine: Machine, root: string, kept: string): Promise<void> {
  overlay(root, machine.disk);
  try {
    const guest = await Guest.boot(machine);
    try {
      await guest.must(WARM_UP);
      await guest.monitor.human('savevm ready');
    } finally {
      await guest.off();
    }
    renameSync(machine.disk, kept);
  } finally {
    rmSync(machine.disk, { force: true });
  }
}
