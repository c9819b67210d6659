/** A USB serial scanner (CDC-ACM) in a guest: a gadget on a dummy host controller, so that plug, driver and udev are the real ones. */
import type { Guest } from './guest.js';

const GADGET = '/sys/kernel/config/usb_gadget/scanner';

export class UsbScanner {
  readonly #guest: Guest;
  /** Stays the same whatever number the kernel gives the line. */
  readonly path = '/dev/serial/by-id/usb-Example_Code_scanner_SN0001-if00';

  constructor(guest: Guest) {
    this.#guest = guest;
  }

  async make(): Promise<void> {
    await this.#guest.must(`modprobe dummy_hcd is_super_speed=0 is_high_speed=1
mkdir -p ${GADGET}/strings/0x409 ${GADGET}/configs/c.1 ${GADGET}/functions/acm.usb0; cd ${GADGET}
echo 0x1eab >idVendor; echo 0x0e06 >idProduct; echo SN0001 >strings/0x409/serialnumber; echo Example >strings/0x409/manufacturer
echo 'Code scanner' >strings/0x409/product; ln -s functions/acm.usb0 configs/c.1/`);
  }

  async plug(): Promise<void> {
    await this.#guest.must(`echo dummy_udc.0 >${GADGET}/UDC`);
    await this.#guest.until(`[ -c ${this.path} ]`);
  }

  async unplug(): Promise<void> {
    await this.#guest.must(`echo '' >${GADGET}/UDC`);
    await this.#guest.until(`[ ! -e ${this.path} ]`);
  }

  /** The scanner sends; `text` goes through printf(1). */
  async send(text: string): Promise<void> {
    await this.#guest.must(`exec 4<>/dev/ttyGS0; stty raw -echo <&4; printf '${text}' >&4`);
  }
}
