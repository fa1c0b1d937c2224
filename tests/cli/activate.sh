# For the scripts that activate: sourced behind lib.sh. As root they run in a mount namespace of
# their own with an empty /run, where nothing of the host is touched.

# Begins the script anew in a mount namespace; must come before lib.sh makes its directory.
own_mounts() {
	if [ "$(id -u)" -eq 0 ] && [ -z "${OWN_MOUNTS-}" ] && unshare --mount --propagation unchanged true 2>/dev/null; then
		# in a chroot the root is no mount, whose propagation could be changed
		if unshare --mount --propagation private true 2>/dev/null; then
			OWN_MOUNTS=1 exec unshare --mount --propagation private bash "$0"
		fi
		OWN_MOUNTS=1 exec unshare --mount --propagation unchanged bash "$0"
	fi
}

VECTORS=$(realpath "${BASH_SOURCE[0]%/*}/../vectors/activate")

# A host's folder: keys, sealed files, and the manifest on stdin as host.yaml.
host() {
	cp "$VECTORS"/*.yaml "$VECTORS"/*_key .
	cat >host.yaml
	chmod go-w ./*
	chmod 600 ./*_key
}

# Seals a file to host_key.
seal() { # FILE [OPTIONS...]
	"$BOOTSEAL" encrypt -i --age "$("$BOOTSEAL" ssh-to-age -i "$VECTORS/host_key.pub")" "${@:2}" "$1"
}

empty_run() {
	[ -n "${OWN_MOUNTS-}" ] || skip "needs root and a mount namespace"
	mount -t tmpfs -o mode=755 tmpfs /run
	chmod 755 "$TMP"
}

# Says what it is called with and does no more; its status is in $TMP/systemctl.status, and it does not know
# the units in $TMP/systemctl.unknown; at one in $TMP/systemctl.kill it kills its caller.
fake_systemctl() {
	[ -x /usr/bin/systemctl ] || skip "there is no systemctl to stand in for"
	mkdir -p /run/systemd/system
	[ -x "$TOOLS/systemctl" ] || skip "tests/tools/systemctl is not built"
	echo "#!$TOOLS/systemctl $TMP" >"$TMP/systemctl"
	chmod 755 "$TMP/systemctl"
	mount --bind "$TMP/systemctl" /usr/bin/systemctl
}

# Changes the first byte of a sealed value, whatever it is.
bend() { # KEY <FILE
	sed "/^$1: ENC\[AES256_GCM,data:/{s/data:A/data:B/;t;s/data:./data:A/}"
}

# Owner, mode and name of all below a directory, sorted.
listing() {
	(cd "$1" && find . -mindepth 1 -printf '%p %y %U:%G %m %s %l\n' | sort)
}

# With so many seconds of a processor at most, however busy it is.
within() { # SECONDS COMMAND...
	(ulimit -t "$1" && shift && exec "$@")
}

# It must succeed; what the command said stays in said and noted.
run() { # NAME COMMAND...
	expect_status 0 "${@:2}"
	cp .out said
	cp .err noted
}
