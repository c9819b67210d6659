/** sd_notify(3) without a native addon of our own: one AF_UNIX datagram to the socket that systemd names. */
import koffi from 'koffi';

const AF_UNIX = 1;
const SOCK_DGRAM_CLOEXEC = 0o2000002;
const MSG_NOSIGNAL = 0x4000;

export interface Notifier {
  /** `READY=1`, `STATUS=…`, `WATCHDOG=1`, `STOPPING=1`. @throws when the socket that systemd named is not there. */
  notify(message: string): void;
}

/** `socketPath`: the value of NOTIFY_SOCKET. A leading @ means the abstract name space. */
export function openNotifier(socketPath: string): Notifier {
  const libc = koffi.load('libc.so.6');
  const socket = libc.func('int socket(int, int, int)');
  const sendto = libc.func('long sendto(int, const void *, size_t, int, const void *, uint32_t)');
  const fd = Number(socket(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0));
  if (fd < 0) throw new Error(`sd_notify: socket failed, errno ${koffi.errno()}`);
  const address = Buffer.concat([Uint8Array.of(AF_UNIX, 0), Buffer.from(socketPath.replace(/^@/, '\0'))]);
  return {
    notify(message) {
      const bytes = Buffer.from(message);
      const sent = Number(sendto(fd, bytes, bytes.length, MSG_NOSIGNAL, address, address.length));
      if (sent < 0) throw new Error(`sd_notify: sendto failed, errno ${koffi.errno()}`);
    },
  };
}
