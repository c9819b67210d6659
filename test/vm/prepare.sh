#!/bin/bash
# Makes the images of the virtual machine: prepare.sh FOLDER leaves vmlinux, initrd.gz, root.ext4 and app.ext4 in FOLDER.
#
#   kernel-<version>/   vmlinux and modules of Debian's kernel, gpio-sim built for it (Debian ships none)
#   base-<key>/         a bare Debian with systemd
#   root-<key>/         base + modules + node + test/vm/image, as root.ext4 and initrd.gz: knows nothing of the project
#   modules-<key>/      the production packages of package-lock.json
#   FOLDER/app.ext4     build/, config/, systemd/ and those packages: made anew each time, in about a second
#
# All but the last live in ${XDG_CACHE_HOME:-~/.cache}/ankang-vm, each made once and then skipped; what nobody used for 30 days goes.
# The kernel is only downloaded and unpacked, never installed; its GPL sources stay in the cache and out of this repository.
# Missing Debian packages are installed when CI=true, otherwise named. Exit code 77: this machine cannot, and why was said.
set -euo pipefail
export LC_ALL=C DEBIAN_FRONTEND=noninteractive

out=$(realpath -m "${1:?a folder for the images}")
here=$(dirname "$(realpath "$0")")
project=$(realpath "$here/../..")
cache=${XDG_CACHE_HOME:-$HOME/.cache}/ankang-vm
apt='apt-get -q -o DPkg::Lock::Timeout=300 -o APT::Sandbox::User=root'
bare=systemd,systemd-sysv,udev,kmod,libstdc++6,libusb-1.0-0,procps

step() { printf 'vm: %4ss %s\n' "$SECONDS" "$*" >&2; }
cannot() { printf 'vm: %s\n' "$*" >&2; exit 77; }
digest() { sha256sum | cut -c1-12; }
# The mirror, suite and proxy are the machine's own: nothing is named here.
mirror() { apt-get indextargets --format '$(REPO_URI)' 'Identifier: Packages' 'Component: main' 'Origin: Debian' "Codename: $suite" | head -1; }
# Modules that "$@" need, in the order of loading, as paths inside $kernel/tree.
module_files() { for m in "$@"; do modprobe -S "$version" -d "$kernel/tree" --show-depends "$m" | awk '$1 == "insmod" { print $2 }'; done | awk '!seen[$0]++'; }

# ── what is there, what is missing ───────────────────────────────────────────────────────────────────────────────────
[ "$(uname -m)" = x86_64 ] || cannot 'the virtual machine needs an x86_64 host'
command -v apt-get >/dev/null || cannot 'the virtual machine is built from Debian packages; this is no Debian'
suite=$(. /etc/os-release; echo "${VERSION_CODENAME:-}")
[ -n "$(mirror)" ] || [ "${CI:-}" != true ] || $apt update >&2
[ -n "$(mirror)" ] || cannot "apt knows no Debian mirror for '$suite': run apt-get update"
version=$(apt-cache depends linux-image-amd64 | sed -n 's/^ *Depends: linux-image-//p' | head -1)
[ -f "$project/build/test/vm/run.js" ] || cannot 'the project is not built: run npm run build'

kernel=$cache/kernel-$version
base=$cache/base-$(echo "$suite $bare $(sed -n '/^make_base/,/^}/p' "$0")" | digest)
root=$cache/root-$({ echo "$version $base $(node -v)"; sed -n '/^make_root/,/^}/p;/^module_files/p' "$0"; cat "$here"/image/*; } | digest)
modules=$cache/modules-$({ node -p 'process.versions.modules'; cat "$project/package-lock.json"; } | digest)

wanted='qemu-system-x86 qemu-utils e2fsprogs'
[ -f "$kernel/done" ] || wanted+=" xz-utils kmod make linux-headers-$version"
[ -f "$base/done" ] || wanted+=' debootstrap'
[ -f "$root/done" ] || wanted+=' kmod cpio busybox-static'
missing=$(for p in $wanted; do dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null | grep -qx installed || echo "$p"; done)
[ -f "$base/done" ] || [ "$(id -u)" = 0 ] || cannot 'debootstrap needs root the first time: run this once as root'
if [ -n "$missing" ]; then
  [ "${CI:-}" = true ] || cannot "missing: apt-get install --no-install-recommends $(echo $missing)"
  $apt install -y --no-install-recommends $missing >&2
fi

# ── the layers; each ends with a file `done`, so that a broken run is made again ─────────────────────────────────────
make_kernel() {
  (cd "$kernel" && $apt download "linux-image-$version" "linux-source-${version%.*}" >&2)
  dpkg-deb -x "$kernel"/linux-image-*.deb "$kernel/tree"
  depmod -b "$kernel/tree" "$version"
  # The payload of vmlinuz costs five seconds of xz under TCG; QEMU boots the ELF inside it (PVH) as well.
  local zipped=$kernel/tree/boot/vmlinuz-$version at
  for at in $(grep -aobP '\xFD7zXZ\x00' "$zipped" | cut -d: -f1); do
    tail -c "+$((at + 1))" "$zipped" | xz -dc >"$kernel/vmlinux" 2>/dev/null || true    # what follows the payload is not xz
    [ "$(head -c4 "$kernel/vmlinux" | tail -c3)" = ELF ] && break
  done
  [ "$(head -c4 "$kernel/vmlinux" | tail -c3)" = ELF ] || cannot "no ELF kernel inside vmlinuz-$version"
  make_gpio_sim
  rm -f "$kernel"/*.deb
}

make_gpio_sim() {
  local source=linux-source-${version%.*} made=$kernel/gpio
  mkdir -p "$made"
  dpkg-deb --fsys-tarfile "$kernel"/linux-source-*.deb | tar -xO "./usr/src/$source.tar.xz" | xz -dc | tar -x -C "$made" --strip-components=3 \
    "$source/drivers/gpio/gpio-sim.c" "$source/drivers/gpio/gpiolib.h" "$source/kernel/irq/irq_sim.c"
  # irq_to_desc is not exported to modules; the chip's data leads to the same descriptor.
  sed -i 's/irq_to_desc(irqnum)/irq_data_to_desc(irq_get_irq_data(irqnum))/; s|#include <linux/slab.h>|&\n#include <linux/module.h>|' "$made/irq_sim.c"
  echo 'MODULE_LICENSE("GPL");' >>"$made/irq_sim.c"
  echo 'obj-m := irq_sim.o gpio-sim.o' >"$made/Kbuild"
  make -s -C "/usr/src/linux-headers-$version" "M=$made" modules >"$made/make.log" 2>&1 || { cat "$made/make.log" >&2; return 1; }
  strip -g "$made"/*.ko
}

make_base() {
  local http_proxy=
  eval "$(apt-config shell http_proxy Acquire::http::Proxy)"
  http_proxy=$http_proxy debootstrap --variant=minbase "--include=$bare" "$suite" "$base/tree" "$(mirror)" >"$base/log" 2>&1 || { tail -5 "$base/log" >&2; return 1; }
  rm -rf "$base"/tree/{var/cache/apt,var/lib/apt/lists,usr/share/doc,usr/share/man,usr/share/locale,usr/share/info}
}

make_root() {
  local tree=$root/tree lib=lib/modules/$version file n=0
  cp -a "$base/tree" "$tree"
  mkdir -p "$tree/$lib/extra" "$tree"/opt/ankang "$tree"/data "$root/initrd"/{bin,lib,dev,proc,sys,new,run}
  cp "$kernel"/gpio/*.ko "$tree/$lib/extra/"
  module_files $(cat "$here/image/modules") | while read -r file; do install -D -m 644 "$file" "$tree/$lib/${file#*"/$lib/"}"; done
  cp "$kernel/tree/$lib"/modules.{order,builtin,builtin.modinfo} "$tree/$lib/"
  depmod -b "$tree" "$version"
  cp "$(node -p process.execPath)" "$tree/usr/local/bin/node"
  printf '#!/bin/sh\nexec node /opt/ankang/build/src/cli/ankang.js "$@"\n' | install -m 755 /dev/stdin "$tree/usr/local/bin/ankang"
  echo terminal >"$tree/etc/hostname"; : >"$tree/etc/machine-id"; : >"$tree/etc/fstab"
  install -m 755 "$here/image/agent" "$tree/usr/local/sbin/agent"
  install -m 644 "$here/image/agent.service" "$tree/etc/systemd/system/"
  mkdir -p "$tree/etc/systemd/journald.conf.d" && printf '[Journal]\nStorage=volatile\n' >"$tree/etc/systemd/journald.conf.d/vm.conf"
  # Nothing of its own may move while a test looks: no log-ins, no timers, no clock but the host's.
  systemctl --root="$tree" -q enable agent.service
  systemctl --root="$tree" -q mask getty@tty1.service serial-getty@ttyS0.service systemd-timesyncd.service systemd-random-seed.service \
    apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer fstrim.timer e2scrub_all.timer e2scrub_reap.service systemd-tmpfiles-clean.timer
  truncate -s 900M "$root/root.ext4"
  mke2fs -q -t ext4 -O ^has_journal -d "$tree" "$root/root.ext4"

  cp /bin/busybox "$root/initrd/bin/"
  for file in sh mount insmod switch_root mkdir sleep; do ln -s busybox "$root/initrd/bin/$file"; done
  module_files virtio_blk virtio_pci ext4 overlay | while read -r file; do n=$((n + 1)); cp "$file" "$root/initrd/lib/$(printf %02d $n)-${file##*/}"; done
  install -m 755 "$here/image/init" "$root/initrd/init"
  (cd "$root/initrd" && find . | cpio -o -H newc --quiet | gzip -1) >"$root/initrd.gz"
  rm -rf "$tree" "$root/initrd"
}

make_modules() {
  local path
  cd "$project"
  node -p 'Object.entries(JSON.parse(fs.readFileSync("package-lock.json")).packages).filter(([path, of]) => path && !of.dev && !of.devOptional && fs.existsSync(path)).map(([path]) => path).join("\n")' |
    tar -c --exclude=better-sqlite3/deps --exclude=better-sqlite3/src --exclude='*.map' --exclude='obj.target' -T - | tar -x -C "$modules"
}

layer() { # NAME FOLDER FUNCTION
  if [ -f "$2/done" ]; then touch "$2"; return; fi
  rm -rf "$2"; mkdir -p "$2"; "$3"; touch "$2/done"; step "$1: $(du -sh "$2" | cut -f1)"
}

mkdir -p "$cache" "$out"
exec 9>"$cache/lock"; flock 9
layer 'kernel and gpio-sim' "$kernel" make_kernel
layer 'bare Debian' "$base" make_base
layer 'root image' "$root" make_root
layer 'production packages' "$modules" make_modules
find "$cache" -mindepth 1 -maxdepth 1 -type d -mtime +30 -exec rm -rf {} +
flock -u 9

# ── the project, fresh from build/ ───────────────────────────────────────────────────────────────────────────────────
app=$(mktemp -d "$out/app.XXXXXX")
chmod 755 "$app"; mkdir -p "$app/build/test"
cp -a "$project/package.json" "$app/"
for part in build/src build/drivers build/vendor build/test/vm config systemd; do [ ! -e "$project/$part" ] || cp -a "$project/$part" "$app/$part"; done
cp -a "$modules/node_modules" "$app/"
rm -f "$out/app.ext4"; truncate -s "$(($(du -sm "$app" | cut -f1) * 5 / 4 + 16))M" "$out/app.ext4"
mke2fs -q -t ext4 -O ^has_journal -d "$app" "$out/app.ext4"
rm -rf "$app"
ln -sf "$kernel/vmlinux" "$root/initrd.gz" "$root/root.ext4" "$out/"
step "images in $out"
