#!/usr/bin/env bash
# The rpm package on a host under systemd: installed, upgraded, there after a reboot, removed. The host is Debian, with
# the rpm of the machine that tests in /opt/rpm: its scripts run as on a host of rpm's, which has no database here.
. "${0%/*}/../cli/lib.sh"
. "$ROOT/tests/boot/boot.sh"
. "$ROOT/tests/boot/package.sh"
need rpm rpmbuild make

package_disk
make_rpm 0.1.0
cp "$file" tree/root/old.rpm
make_rpm 0.2.0
cp "$file" tree/root/new.rpm

# rpm, with what it is linked to and the host has not
mkdir -p tree/opt/rpm/lib tree/usr/local/bin tree/usr/lib
cp "$(command -v rpm)" tree/opt/rpm/
for library in $(ldd "$(command -v rpm)" | awk '$2 == "=>" { print $3 }'); do
	[ -e "$host_root/$library" ] || cp "$library" tree/opt/rpm/lib/
done
cp -r /usr/lib/rpm tree/usr/lib/rpm
printf '#!/bin/sh\nLD_LIBRARY_PATH=/opt/rpm/lib exec /opt/rpm/rpm --dbpath /var/lib/rpm "$@"\n' >tree/usr/local/bin/packages
chmod 755 tree/usr/local/bin/packages

cat >>on-host-lib.sh <<'EOF'
install_old() { packages -i --nodeps /root/old.rpm; }
install_new() { packages -U --nodeps /root/new.rpm; }
version() { packages -q --qf '%{version}' bootseal; }
remove() { packages -e bootseal; }
left_enabled() { :; }
purge() { :; }
EOF
about "rpm"
package_boots 0.1.0 0.2.0
