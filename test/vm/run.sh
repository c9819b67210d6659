#!/bin/bash
# Tests in the virtual machine, the one way in: run.sh [SUITE…]. GPIO, USB, systemd and power cuts on a real kernel, by QEMU without KVM.
#
# Prints one line a check and last `vm: N passed, N failed, N skipped`; exit code 0 when none failed. Where something is missing it says what
# to install and skips, except with CI=true: there it installs, and what it cannot get is a failure. ANKANG_VM_MINUTES bounds the tests (12).
set -uo pipefail

here=$(dirname "$(realpath "$0")")
images=$(mktemp -d "${TMPDIR:-/tmp}/ankang-vm-images.XXXXXX")
trap 'rm -rf "$images"' EXIT
trap 'kill -TERM "${runner:-}" 2>/dev/null; wait "${runner:-}"; exit 1' INT TERM

timeout -k 10 600 "$here/prepare.sh" "$images"
case $? in
  0) ;;
  77) [ "${CI:-}" = true ] && { echo 'vm: 0 passed, 1 failed, 0 skipped'; exit 1; }
      echo 'vm: 0 passed, 0 failed, 1 skipped'; exit 0 ;;
  *) echo 'vm: the images could not be made'; echo 'vm: 0 passed, 1 failed, 0 skipped'; exit 1 ;;
esac

node "$here/../../build/test/vm/run.js" --images "$images" --minutes "${ANKANG_VM_MINUTES:-12}" "$@" &
runner=$!
wait "$runner"
