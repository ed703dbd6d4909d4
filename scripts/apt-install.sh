#!/bin/sh
# Installs one Debian package for the sake of its program alone: apt-install.sh PACKAGE, as root.
#
# Debian starts a service as soon as it is installed, and again with the machine. policy-rc.d says no to the first; one
# that is there already is somebody's own, and stays. A service that came with this very install is disabled, one that
# was there before is left as it is; so it is with what comes along, such as the daemon of a package that this one needs.
set -u
package=$1
policy=/usr/sbin/policy-rc.d
export DEBIAN_FRONTEND=noninteractive

if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  trap 'exit 130' HUP INT TERM
  printf '#!/bin/sh\nexit 101\n' > "$policy" && chmod 755 "$policy"
fi

# What systemd starts with the machine, a path a line.
started() { find /etc/systemd/system -path '*.wants/*' 2> /dev/null | sort; }

before=$(started)
status=$(dpkg-query --show --showformat '${Status}' "$package" 2> /dev/null) || status=none
apt-get update -q || echo 'The package lists could not all be renewed; going on with what is there.'
apt-get install -q -y --no-install-recommends -o DPkg::Lock::Timeout=120 "$package" || exit 1

if [ "$status" != 'install ok installed' ]; then
  update-rc.d "$package" disable > /dev/null 2>&1 || true
  if command -v systemctl > /dev/null; then systemctl --quiet disable --now "$package.service" 2> /dev/null || true; fi
fi
if command -v systemctl > /dev/null; then
  started | while read -r unit; do
    printf '%s\n' "$before" | grep -qxF "$unit" || systemctl --quiet disable --now "${unit##*/}" 2> /dev/null || true
  done
fi
