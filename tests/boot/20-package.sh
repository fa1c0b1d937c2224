#!/usr/bin/env bash
# The Debian package on a host under systemd: installed, upgraded, there after a reboot, removed. What it opens at
# boot stays through an upgrade, and is gone when the package is.
. "${0%/*}/../cli/lib.sh"

. "$ROOT/tests/boot/boot.sh"
need dpkg-deb dpkg-shlibdeps strip gzip make

# --- two packages of this program, one newer than the other
package() { # VERSION
	rm -rf package
	make_install package
	expect_output "bootseal_$1.deb" sh "$ROOT/contrib/debian/build.sh" "$1" package "bootseal_$1.deb"
}
package 0.1.0-1
package 0.1.0-2
dpkg-deb --field bootseal_0.1.0-1.deb Depends >depends
for library in libc6 libgcrypt20 libpcre2-8-0 libsodium libyaml-0-2; do check "needs $library" grep -q $library depends; done
# KiB, man pages and all: what it stands in for has 44 MB.
check "it is small" [ "$(dpkg-deb --field bootseal_0.1.0-1.deb Installed-Size)" -lt 4096 ]
dpkg-deb --ctrl-tarfile bootseal_0.1.0-1.deb | tar -tvf - >inside
dpkg-deb --contents bootseal_0.1.0-1.deb >>inside
if awk '$2 != "root/root" && $2 != "0/0"' inside | grep .; then fail "not all is root's"; else ok "all is root's"; fi

# --- the host's disk: secrets of two manifests, the second with a directory of its own
secret=sealed-$(head -c 18 /dev/urandom | base64 | tr '+/' '-_')
mkdir -p disk/etc/ssh disk/etc/bootseal disk/root
install -m 600 "$vectors/host_key" disk/etc/ssh/ssh_host_ed25519_key
echo "TOKEN: $secret" >disk/etc/bootseal/sealed.yaml
"$BOOTSEAL" encrypt -i --age "$("$BOOTSEAL" ssh-to-age <"$vectors/host_key.pub")" disk/etc/bootseal/sealed.yaml
echo 'secrets: {token: {file: sealed.yaml, key: TOKEN}}' >disk/root/host.yaml
printf 'directory: /run/more\nsecrets: {token: {file: sealed.yaml, key: TOKEN}}\n' >disk/etc/bootseal/more.yaml
cp bootseal_*.deb disk/root/

cat >on-host.sh <<'EOF2'
#!/bin/bash
boot=$1 secret=$2
is() { # NAME COMMAND...
	local name=$1 said
	shift
	if said=$("$@" 2>&1); then echo "ok $name"; else echo "not $name: $(head -c 300 <<<"$said" | tr '\n' ' ')"; fi
}
same() { [ "$1" = "$2" ] || { echo "$1, not $2"; return 1; }; }
not() { ! "$@"; }
token() { cat /run/secrets/token; }
case $boot in
first)
	is "installed" dpkg -i /root/bootseal_0.1.0-1.deb
	is "enabled" systemctl is-enabled bootseal.service
	is "not started: there is no manifest" not systemctl is-active bootseal.service
	is "nothing failed" same "$(systemctl is-system-running)" running
	cp /root/host.yaml /etc/bootseal/host.yaml
	is "started" systemctl start bootseal.service
	is "open" same "$(token)" "$secret"
	is "no other unit is enabled" same "$(find /etc/systemd -name 'bootseal*' -printf '%f ')" "bootseal.service "
	is "another manifest's" bootseal activate /etc/bootseal/more.yaml
	is "the administrator enables credentials" systemctl enable --now bootseal-credentials.socket
	is "for users, too" systemctl --global enable bootseal.service
	is "the generator has run" grep -q RequiresMountsFor /run/systemd/generator/bootseal.service.d/50-bootseal-mounts.conf
	invocation=$(systemctl show -P InvocationID bootseal.service)
	is "upgraded" dpkg -i /root/bootseal_0.1.0-2.deb
	is "that restarts nothing" same "$(systemctl show -P InvocationID bootseal.service)" "$invocation"
	is "still open" same "$(token)" "$secret"
	is "still enabled" systemctl is-enabled bootseal-credentials.socket
	is "still listening" systemctl is-active bootseal-credentials.socket
	is "systemd knows the unit as it is now" same "$(systemctl show -P NeedDaemonReload bootseal.service)" no
	;;
second)
	is "started by the boot" systemctl is-active bootseal.service
	is "open after the reboot" same "$(token)" "$secret"
	is "another manifest's" bootseal activate /etc/bootseal/more.yaml
	is "credentials are listened for" test -S /run/bootseal.credentials
	is "both are mounted" same "$(grep -c '^bootseal ' /proc/self/mounts)" 2
	is "removed" dpkg -r bootseal
	is "no unit" not systemctl is-active bootseal.service
	is "no socket" not systemctl is-active bootseal-credentials.socket
	is "nor its file" test ! -e /run/bootseal.credentials
	# the package's own goes when it is purged, and is masked until then
	is "no link that somebody enabled" same "$(find /etc/systemd -name 'bootseal*' ! -lname /dev/null -printf '%P ')" "system/sysinit.target.wants/bootseal.service "
	is "no generator" same "$(find /usr/lib/systemd /run/systemd/generator -name '*bootseal*')" ""
	is "no mount" not grep -q '^bootseal ' /proc/self/mounts
	is "nothing in /run" same "$(ls -A /run | grep -E 'secrets|more' | tr '\n' ' ')" ""
	is "what is the administrator's stays" test -s /etc/bootseal/host.yaml
	is "purged" dpkg -P bootseal
	is "nothing of it but that" same "$(find /etc /usr /var/lib/systemd -name '*bootseal*' -not -path '/etc/bootseal*' 2>/dev/null | tr '\n' ' ')" ""
	is "nothing failed" same "$(systemctl is-system-running)" running
	is "the plaintext is nowhere" not grep -rqsF "$secret" /etc /var /root /usr /run /tmp /dev/shm
	;;
esac
EOF2

package_boot() { # NAME TESTS
	local status=0 line
	about "$1 boot"
	bash "$machine" run --tree disk --state state on-host.sh "$1" "$secret" >said || status=$?
	[ $status -eq 0 ] || { fail "status $status" "$(tail -n 3 said)"; }
	while read -r line; do
		case $line in
		"ok "*) ok "${line#ok }" ;;
		"not "*) fail "${line#not }" ;;
		esac
	done <said
	expect_output "$2" grep -c . said
}
mkdir state
package_boot first 17
rm -r disk/* # it is on the host's disk now
package_boot second 18
