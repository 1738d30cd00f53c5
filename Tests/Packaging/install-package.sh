# The life of a package, on a machine that may be changed: run by packaging-test.sh inside of one.
set -euo pipefail
package=/run/test/kasparro.deb
calls=/run/test/calls
touch "$calls"

expect() { "$@" || { echo "failed: $*" >&2; exit 1; }; }
called() { expect grep -qx "$1" "$calls"; : >"$calls"; }

files() { find /usr /etc -xdev -name '*kasparro*' | sort; }
files >/run/test/before

# What a service manager would be told; nothing of the machine itself is asked.
mkdir /run/test/bin
printf '#!/bin/sh\necho "$@" >>%s\ntest "$1" != is-enabled || test ! -e /run/test/disabled\n' "$calls" >/run/test/bin/systemctl
chmod +x /run/test/bin/systemctl
export PATH=/run/test/bin:$PATH DEBIAN_FRONTEND=noninteractive

# Without systemd.
dpkg -i "$package" </dev/null
expect test ! -s "$calls"
expect /usr/bin/kasparro version
expect test "$(stat -c '%U %G %a' /var/lib/kasparro)" = "kasparro kasparro 750"
expect test "$(stat -c %a /etc/kasparro/kasparro.env)" = 600
expect test "$(getent passwd kasparro | cut -d: -f6-7)" = "/var/lib/kasparro:/usr/sbin/nologin"
expect test -s /usr/share/doc/kasparro/copyright
expect test -s /usr/share/man/man5/kasparro.conf.5.gz
/usr/bin/kasparro check --config /etc/kasparro/kasparro.conf
dpkg --verify kasparro

# The settings of the administrator live through an upgrade and a removal, the data through all.
echo '{ every: "2h" } // mine' >/etc/kasparro/kasparro.conf
echo rows >/var/lib/kasparro/rows
mkdir -p /run/systemd/system
dpkg -i "$package" </dev/null
expect grep -q mine /etc/kasparro/kasparro.conf
called "try-restart kasparro.service"
dpkg --remove kasparro
called "stop kasparro.service"
expect test ! -e /usr/bin/kasparro
expect grep -q mine /etc/kasparro/kasparro.conf
expect test -e /var/lib/kasparro/rows
# What came back runs again, unless it is not to.
dpkg -i "$package" </dev/null
called "start kasparro.service"
dpkg --remove kasparro
: >"$calls"
touch /run/test/disabled
dpkg -i "$package" </dev/null
expect grep -qx "is-enabled --quiet kasparro.service" "$calls"
expect test -z "$(grep start "$calls")"
rm /run/test/disabled
dpkg --remove kasparro
dpkg --purge kasparro
expect test ! -e /etc/kasparro
expect test -e /var/lib/kasparro/rows
expect diff /run/test/before <(files)

# With systemd, anew.
: >"$calls"
dpkg -i "$package" </dev/null
expect grep -qx "enable kasparro.service" "$calls"
called "start kasparro.service"
expect test -e /var/lib/kasparro/rows
