#!/usr/bin/env bash
# The boot tests on another Debian than this one: the program is built there, and so are the hosts that boot.
#
#	tests/boot/suite.sh SUITE [NAME...]     suite.sh forky 31-late openclaw/41-recipes; without names all of
#	                                        tests/boot/NN-*.sh
#
# As root, with mmdebstrap and, the first time, a network. build/suite-SUITE is the machine to build on, with a copy
# of what git knows of this tree, as it is now, in /src. What a test says is said; the last line is their sum. Node and
# OpenClaw are lent to it, where they are here (OPENCLAW_DIR).
set -euo pipefail
cd "$(dirname "$0")/../.."
[ $# -gt 0 ] || { sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$0"; exit 2; }
suite=$1 root=$PWD/build/suite-$1
shift
[ $# -gt 0 ] || set -- $(cd tests/boot && ls [0-9]*.sh)
include=gcc,libc6-dev,make,pkg-config,libsodium-dev,libyaml-dev,libgcrypt20-dev,libpcre2-dev,check,dpkg-dev,systemd,openssh-client,gnupg,mmdebstrap,rpm,podman,crun,conmon,netavark

# One that was made with fewer programs is made again.
if [ "$(cat "$root/.made" 2>/dev/null)" != "$include" ]; then
	mkdir -p build
	rm -rf "$root"
	mmdebstrap --quiet --variant=minbase --aptopt='Acquire::Check-Valid-Until "false"' --include=$include "$suite" "$root" >"$root.log" 2>&1 ||
		{ tail -n 5 "$root.log" >&2; exit 2; }
	echo "$include" >"$root/.made"
fi
mkdir -p "$root/src"
git ls-files -z | tar --null --files-from=- -cf - | tar -xf - -C "$root/src"
cp /etc/resolv.conf "$root/etc/resolv.conf"
openclaw=${OPENCLAW_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/bootseal-openclaw}
[ -d "$openclaw" ] || openclaw=
# A mount of its own, so that what runs there can have mounts of its own.
exec unshare --mount --propagation private sh -euc '
	root=$1 openclaw=$2
	shift 2
	mount --bind "$root" "$root"
	[ -z "$openclaw" ] || { mkdir -p "$root/opt/openclaw" && mount --bind "$openclaw" "$root/opt/openclaw"; }
	mount -t proc proc "$root/proc"
	mount --rbind /dev "$root/dev"
	mount --rbind /sys "$root/sys"
	mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
	exec chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 OPENCLAW_DIR=/opt/openclaw ${BOOT_KEEP:+BOOT_KEEP="$BOOT_KEEP"} bash -euc '\''
		cd /src
		make -s -j2 programs >/tmp/make.log 2>&1 || { tail -n 20 /tmp/make.log; exit 2; }
		for name; do
			case $name in */*) ;; *) name=boot/$name ;; esac
			set -- "$@" "tests/${name%.sh}.sh"
			shift
		done
		tests/run.sh -j 1 "$@"
	'\'' suite "$@"
' suite "$root" "$openclaw" "$@"
