#!/bin/sh
# Lets KrypticTrack count keys, clicks and wheel steps on Wayland, where no program sees another one's input.
#
#   sudo sh extensions/input/install.sh [USER]     sets it up
#   sudo sh extensions/input/install.sh --remove   takes it away again
#
# Reading the input devices would let a program see every key. So that neither KrypticTrack nor anything else of yours
# needs that permission, it is given to one small program, owned by the administrator, which tells counts of ten seconds
# (in four parts at most, where the window changes) and nothing else; read it: collectors/desktop/input/counter.py.
# systemd starts it, locked in, for as long as KrypticTrack listens; without your consent to the source "input rhythm"
# that is never. It counts whoever types on this machine.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=${DESTDIR:-}
program=$root/usr/local/lib/kryptictrack/input_counts.py
units=$root/etc/systemd/system

if [ "${1:-}" = --remove ]; then
  [ -n "$root" ] || systemctl disable --now kryptic-input.socket
  rm -f "$program" "$units/kryptic-input.socket" "$units/kryptic-input@.service"
  [ -n "$root" ] || systemctl daemon-reload
  echo "The counter of input is removed."
  exit
fi

user=${1:-${SUDO_USER:-}}
if [ -z "$user" ] || ! id "$user" >/dev/null 2>&1; then
  echo "Whose input is to be counted? sudo sh $0 USER" >&2
  exit 2
fi
mkdir -p "$(dirname "$program")" "$units"
install -m 0755 "$here/../../collectors/desktop/input/counter.py" "$program"
sed "s/@USER@/$user/" "$here/kryptic-input.socket" > "$units/kryptic-input.socket"
install -m 0644 "$here/kryptic-input@.service" "$units/kryptic-input@.service"
if [ -z "$root" ]; then
  systemctl daemon-reload
  systemctl enable --now kryptic-input.socket
fi
echo "Input is counted for $user once the source is allowed. To take it away: sudo sh $0 --remove"
