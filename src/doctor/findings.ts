/** Everything the doctor can find, as data: a number that never changes its meaning, words, and what to do. Pure. New ones go to the end. */
import type { Words } from '../contracts.js';

export interface Finding {
  readonly number: number;
  readonly words: Words;
  readonly fix: Words;
  /** Said, but no reason to call the terminal unfit. */
  readonly advice?: true;
}

const finding = (number: number, [zh, en]: Pair, [fixZh, fixEn]: Pair): Finding => ({
  number,
  words: { zh, en },
  fix: { zh: fixZh, en: fixEn },
});
type Pair = readonly [zh: string, en: string];

export const FINDINGS = {
  configuration: finding(
    201,
    ['配置有误', 'the configuration is wrong'],
    ['按给出的文件、行和字段改正', 'correct the field at the file and line that is named'],
  ),
  'clock-not-synchronised': finding(
    202,
    ['时钟未与 NTP 同步', 'NTP does not keep the clock'],
    [
      '执行 timedatectl set-ntp true，放行 UDP 123，或指定可达的 NTP 服务器',
      'timedatectl set-ntp true; let UDP 123 out, or name a time server that can be reached',
    ],
  ),
  'clock-before-build': finding(
    203,
    ['系统时间早于本程序的构建时间', 'the clock is before the day this program was built'],
    ['先联网校时，或执行 timedatectl set-time', 'connect to the network first, or set it: timedatectl set-time'],
  ),
  'rtc-unreadable': finding(
    204,
    ['配置写有后备时钟，但读不到', 'the configuration says that there is a battery clock, and it cannot be read'],
    [
      '检查 RTC 模块、电池和 dtoverlay=i2c-rtc，或改为 clock.rtc: false',
      'check the module, its battery and dtoverlay=i2c-rtc, or write clock.rtc: false',
    ],
  ),
  'rtc-absent': {
    ...finding(
      205,
      [
        '没有后备时钟：断电且断网后要等校时才能放行',
        'no battery clock: after a power cut without network the lane refuses until it knows the time',
      ],
      ['加装 RTC 并写 clock.rtc: true', 'fit one and write clock.rtc: true'],
    ),
    advice: true,
  },
  'key-unusable': finding(
    206,
    ['密钥或证书文件不能使用', 'a key or certificate file cannot be used'],
    [
      '检查路径、读取权限和格式（SM2：SPKI、PKCS#8 DER；TLS：PEM）',
      'check path, permission to read and form (SM2: SPKI and PKCS#8 DER; TLS: PEM)',
    ],
  ),
  'key-exposed': finding(
    207,
    ['私钥文件可被他人读取', 'others may read a private key'],
    ['执行 chmod 600；如已外泄，请按“密钥泄露”演练更换', 'chmod 600; if it leaked, replace it as in the drill for a leaked key'],
  ),
  'test-root': finding(
    208,
    ['正式模式下使用了测试根密钥', 'a TEST root in production mode'],
    ['换成本县正式根公钥；只有试验机才写 terminal.mode: test', 'install the root of the county; only a trial box says terminal.mode: test'],
  ),
  'sm2-missing': finding(
    209,
    ['本机的 OpenSSL 算不对 SM2 或 SM3', 'the OpenSSL of this Node.js does not get SM2 or SM3 right'],
    ['使用随安装包提供的 Node.js', 'use the Node.js that comes with the package'],
  ),
  'trust-absent': finding(
    210,
    ['还没有信任清单', 'there is no trust manifest yet'],
    ['启动终端并连上平台；清单到达后自动保存', 'start the terminal and connect it; the manifest is kept when it arrives'],
  ),
  'trust-foreign': finding(
    211,
    ['信任清单不是由配置的根密钥签发，或已损坏', 'the trust manifest is not signed by the configured root, or is damaged'],
    ['核对 keys.root；删除状态目录中的 trust 后联网重取', 'compare keys.root; remove trust in the state folder and fetch it again'],
  ),
  'trust-expired': finding(
    212,
    ['信任清单已过期', 'the trust manifest has expired'],
    ['恢复网络；仍不更新时请平台签发新清单', 'restore the network; if nothing comes, have the platform issue a new one'],
  ),
  'trust-ends-soon': finding(
    213,
    ['信任清单将在 24 小时内过期', 'the trust manifest expires within 24 hours'],
    ['检查与平台的连接', 'check the line to the platform'],
  ),
  'trust-old': finding(
    214,
    ['密钥或名单超过场景允许的时限', 'keys or lists are older than a scene here allows'],
    ['恢复网络，等待新清单', 'restore the network and wait for a new manifest'],
  ),
  'device-absent': finding(
    215,
    ['设备不在', 'a device is not there'],
    [
      '检查线缆和供电；用 ls /dev/serial/by-id 或 lsusb 核对地址',
      'check cable and power; compare the address with ls /dev/serial/by-id or lsusb',
    ],
  ),
  'device-forbidden': finding(
    216,
    ['服务无权打开设备文件', 'the service may not open the device file'],
    [
      '安装 systemd/60-ankang.rules，执行 udevadm control --reload && udevadm trigger',
      'install systemd/60-ankang.rules, then udevadm control --reload && udevadm trigger',
    ],
  ),
  'device-path-moves': finding(
    217,
    ['设备路径重插后会变', 'the path of a device changes when it is plugged in again'],
    ['改用 /dev/serial/by-id/ 或 /dev/ankang/ 下的名字', 'use its name in /dev/serial/by-id/ or /dev/ankang/'],
  ),
  'scanner-types': finding(
    218,
    ['键盘模式的扫码器同时在向系统打字', 'a scanner in keyboard mode also types into the system'],
    [
      '按 60-ankang.rules 的示例写 ATTR{inhibited}="1"，或把扫码器改为 HID POS 或串口模式',
      'write ATTR{inhibited}="1" as 60-ankang.rules shows, or set the scanner to HID POS or serial mode',
    ],
  ),
  'modem-manager': finding(
    219,
    ['ModemManager 会占用这个串口并发送 AT 命令', 'ModemManager seizes this serial line and types AT commands'],
    [
      '安装 60-ankang.rules（ID_MM_DEVICE_IGNORE=1）后重插，或 systemctl disable --now ModemManager',
      'install 60-ankang.rules (ID_MM_DEVICE_IGNORE=1) and plug in again, or systemctl disable --now ModemManager',
    ],
  ),
  'gpio-chip-absent': finding(
    220,
    ['没有这个标签的 GPIO 芯片', 'no GPIO chip has this label'],
    ['用 gpiodetect 查看标签，改正 address.chip', 'look at the labels with gpiodetect and correct address.chip'],
  ),
  'gpio-line-absent': finding(
    221,
    ['GPIO 芯片上没有这条线', 'the GPIO chip has no such line'],
    ['用 gpioinfo 查看线名，改正 line', 'look at the names with gpioinfo and correct line'],
  ),
  'gpio-line-taken': finding(
    222,
    ['GPIO 线被别的程序占用', 'another program holds a GPIO line'],
    ['停用占用者（驱动、dtoverlay 或程序），或换一条线', 'stop what holds it (driver, dtoverlay or program), or use another line'],
  ),
  'pcscd-absent': finding(
    223,
    ['pcscd 没有运行', 'pcscd does not run'],
    ['执行 apt install pcscd && systemctl enable --now pcscd.socket', 'apt install pcscd && systemctl enable --now pcscd.socket'],
  ),
  'broker-unreachable': finding(
    224,
    ['连不上消息代理', 'the broker cannot be reached'],
    ['检查 uplink.url、域名解析、网络和防火墙', 'check uplink.url, name resolution, network and firewall'],
  ),
  'broker-certificate': finding(
    225,
    ['与消息代理的 TLS 握手失败', 'TLS with the broker fails'],
    [
      '先校时；核对 uplink.ca 与代理证书的有效期和域名',
      'set the time first; compare uplink.ca, and the dates and names of the broker’s certificate',
    ],
  ),
  'broker-refuses': finding(
    226,
    ['消息代理拒绝本终端', 'the broker refuses this terminal'],
    ['检查客户端证书或用户名是否已登记，且未被注销', 'check that its certificate or user is known there and not struck off'],
  ),
  'certificate-expired': finding(
    227,
    ['证书不在有效期内', 'a certificate is outside its dates'],
    ['先核对时钟；再由平台换发证书', 'look at the clock first; then have the county issue a new one'],
  ),
  'certificate-ends-soon': finding(
    228,
    ['证书将在 14 天内到期', 'a certificate ends within 14 days'],
    ['向平台申请换发，到期前装好', 'have the county issue a new one, and install it before this one ends'],
  ),
  'certificate-foreign': finding(
    229,
    ['客户端证书不属于本终端，或与私钥不符', 'the client certificate is not of this terminal, or not of its key'],
    ['证书通用名须等于 terminal.id；成对更换证书与私钥', 'its common name must be terminal.id; replace certificate and key together'],
  ),
  'disk-short': finding(
    230,
    ['磁盘空间不够存满日志', 'there is not enough disk for the journal'],
    ['清理磁盘、换大卡，或减小 journal.limitMiB', 'make room, use a larger card, or lower journal.limitMiB'],
  ),
  'disk-read-only': finding(
    231,
    ['状态目录所在文件系统为只读', 'the file system of the state folder is read-only'],
    [
      '查看 dmesg；e2fsck 修复后重新挂载；反复出现请换卡',
      'look at dmesg; repair with e2fsck and mount it again; replace the card if it returns',
    ],
  ),
  'state-volatile': finding(
    232,
    ['状态目录在内存文件系统上，断电即失', 'the state folder is in memory: a power cut loses it'],
    ['把 terminal.state 放到单独的 ext4 分区', 'put terminal.state on an ext4 partition of its own'],
  ),
  'fsck-off': finding(
    233,
    ['开机时不检查状态目录所在的文件系统', 'the file system of the state folder is not checked at start'],
    ['在 /etc/fstab 把该行第六列改为 2（根分区为 1）', 'in /etc/fstab set the sixth column of its line to 2 (1 for the root)'],
  ),
  'journal-broken': finding(
    234,
    ['日志的哈希链断了，或文件损坏', 'the hash chain of the journal is broken, or the file is damaged'],
    [
      '停止终端，整份复制留证；重启后自动另开新日志并写明',
      'stop the terminal and copy the file as evidence; at its start it begins a new journal and says so',
    ],
  ),
  'journal-foreign': finding(
    235,
    ['日志属于另一台终端', 'the journal belongs to another terminal'],
    ['核对 terminal.id；换机请用空的状态目录', 'compare terminal.id; another box begins with an empty state folder'],
  ),
  'card-worn': finding(
    236,
    ['存储接近或已到寿命', 'the storage is at or near the end of its life'],
    ['备份后更换存储', 'back up and replace it'],
  ),
  'under-voltage': finding(
    237,
    ['供电电压不足', 'the supply voltage is too low'],
    ['更换电源或线缆；USB 设备改用有源集线器', 'replace supply or cable; put USB devices on a powered hub'],
  ),
  'page-port-taken': finding(
    238,
    ['页面端口被别的程序占用', 'another program has the port of the page'],
    ['停用该程序，或改 page.port', 'stop it, or change page.port'],
  ),
  'not-ready': finding(
    239,
    ['守护进程在运行，但未就绪', 'the daemon runs and is not ready'],
    ['看给出的部分与 journalctl -u ankang', 'see the part that is named, and journalctl -u ankang'],
  ),
  'not-working': finding(
    240,
    ['这项检查自身出错', 'this check itself failed'],
    ['以 root 身份重试；仍出错请报告', 'try again as root; report it if it stays'],
  ),
  'not-enrolled': finding(
    241,
    ['本机还没有登记', 'this box is not enrolled'],
    [
      '用 ankang county ticket 开登记码，放到本机扫码口；没有扫码器时用 ankang enrol',
      'hold a ticket (ankang county ticket) before its scanner, or hand it in with ankang enrol',
    ],
  ),
} as const satisfies Readonly<Record<string, Finding>>;

export type FindingWord = keyof typeof FINDINGS;
