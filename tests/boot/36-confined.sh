#!/usr/bin/env bash
# What the units' own lines forbid, tried inside of each: a program that tries it stands in the place of bootseal. And
# beside each the same without those lines, so that it is they that forbid it.
. "${0%/*}/../cli/lib.sh"
. "$ROOT/tests/boot/boot.sh"

install_host
add_user someone 4001 /home/someone
add_user tried 4003
install -m 755 "$TOOLS/tries" tree/usr/local/bin/tries
install -m 4755 -o 4003 -g 4003 "$TOOLS/tries" tree/usr/local/bin/tries-as-another
mkdir -p tree/var/lib/systemd/linger tree/home/someone tree/etc/systemd/user
touch tree/var/lib/systemd/linger/someone
chown 4001:4001 tree/home/someone
mkdir -p tree/etc/systemd/system/user@.service.d
printf '[Service]\nPAMName=\nEnvironment=XDG_RUNTIME_DIR=/run/user/%%i\n' >tree/etc/systemd/system/user@.service.d/test.conf

# The unit of FILE, as tried-NAME, and as free-NAME with what is before its sandbox alone. FIRST is the first line of that.
copies() { # NAME FILE DIRECTORY FIRST
	local copy
	for copy in tried free; do
		sed -e '/^\[Install\]/,$d' -e '/^\(Condition\|Before\|After\|Conflicts\|RequiresMountsFor\|Standard\|Type\|Exec\|RemainAfterExit\)/d' \
			-e "/^\[Service\]/a Type=oneshot\nRuntimeDirectory=$copy-$1\nRuntimeDirectoryPreserve=yes" \
			-e "/^\[Service\]/a ExecStart=/usr/local/bin/tries %t/$copy-$1 /usr/local/bin/tries-as-another\nStandardOutput=file:%t/$copy-$1.said" \
			"$ROOT/contrib/systemd/$2" >"$3/$copy-$1.service"
	done
	grep -q "^$4=" "$3/free-$1.service" || fail "$2 has no $4="
	sed -i "/^$4=/,\$d" "$3/free-$1.service"
}
system=tree/etc/systemd/system
copies system bootseal.service $system CapabilityBoundingSet
copies initrd bootseal-initrd.service $system CapabilityBoundingSet
copies credentials bootseal-credentials@.service $system CapabilityBoundingSet
copies user user/bootseal.service tree/etc/systemd/user NoNewPrivileges
copies user-credentials user/bootseal-credentials@.service tree/etc/systemd/user NoNewPrivileges


# What each forbids. Some of it this host, its kernel, or a user may not do anyway: that is no matter, if most of it is.
all="set-user-ID other-user code personality clock trace old-calls user-namespace mount-namespace process-namespace"
root="device packets realtime kernel-log bpf"
boot confined 91 -- "$all" "$root" <<'END'
runtime=/run/user/4001
user() { setpriv --reuid=4001 --regid=4001 --clear-groups env HOME=/home/someone XDG_RUNTIME_DIR=$runtime "$@"; }
forbids() { # DIRECTORY NAME COUNT ATTEMPTS
	local attempt said count=0
	for attempt in $4; do
		is "$2: $attempt" grep -qx "$attempt refused" "$1/tried-$2.said"
		! grep -qx "$attempt done" "$1/free-$2.said" || count=$((count + 1))
	done
	is "$2: it is the unit's lines that forbid it" test "$count" -ge "$3"
}
for name in system initrd credentials; do
	is "$name: all is tried" systemctl start tried-$name free-$name
done
forbids /run system 11 "$1 $2"
forbids /run initrd 12 "$1 $2 internet"
forbids /run credentials 16 "$1 $2 internet mount file-of-root temporary-files tunable control-group"
for name in system initrd; do is "$name: it can mount" grep -qx "mount done" /run/tried-$name.said; done
is "at most 5.0 in systemd's figures" systemd-analyze security --threshold=50 bootseal.service
is "at most 4.5: the initrd's" systemd-analyze security --threshold=45 bootseal-initrd.service
is "at most 2.0: credentials" systemd-analyze security --threshold=20 bootseal-credentials@x.service
if ! later user systemctl --user is-active default.target >/dev/null; then
	echo "skip a user's manager does not start on this host"
	exit 0
fi
for name in user user-credentials; do
	is "$name: all is tried" user systemctl --user start tried-$name free-$name
done
forbids $runtime user 6 "$1 internet"
forbids $runtime user-credentials 6 "$1 internet"
for unit in bootseal.service bootseal-credentials@x.service; do
	is "at most 6.5: a user's $unit" user systemd-analyze --user security --threshold=65 $unit
done
END
