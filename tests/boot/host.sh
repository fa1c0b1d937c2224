#!/usr/bin/env bash
# A disposable Debian host with a real systemd, booted in namespaces of its own. Root only.
#
#	host.sh reason                     prints why it cannot work here, or nothing
#	host.sh root                       makes the host's root under build/ where it is missing; prints its path
#	host.sh run [--tree DIR]... [--state DIR] [--journal FILE] [--read-only] [--initrd DIR] [--bind DIR PLACE]...
#	            SCRIPT [ARG...]
#
# run boots, lets SCRIPT run inside as root when the boot has settled, and ends with its status (124: the
# boot did not settle). The root is never written to: the host writes to an overlay that is thrown away, or
# kept as DIR/upper with --state, so that a second run with the same DIR is a reboot. Each --tree is copied
# over / before the boot. --journal keeps the boot's journal. With --read-only the host can write to /var, which
# then is a tmpfs, and not to the rest of its disk. With --initrd it boots into an initrd first, on a tmpfs, over which DIR is
# copied; the disk is its /sysroot, and systemd switches to it. --bind: DIR is seen at /PLACE, and can only be read.
set -euo pipefail
here=$(realpath "${BASH_SOURCE[0]}")
top=${here%/tests/boot/host.sh}
limit=${BOOT_SECONDS:-300}

cgroups() {
	awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts
}

suite() {
	# shellcheck disable=SC1091
	(. /etc/os-release && [ "$ID" = debian ] && echo "$VERSION_CODENAME")
}

reason() {
	local program
	[ "$(id -u)" -eq 0 ] || { echo "only root can boot a host"; return; }
	for program in mmdebstrap unshare nsenter flock; do
		command -v $program >/dev/null || { echo "$program is not installed"; return; }
	done
	suite >/dev/null || { echo "the host is Debian, this is not: the program would not run in it"; return; }
	[ -n "$(cgroups)" ] && [ -w "$(cgroups)/cgroup.procs" ] || { echo "there is no cgroup2 to write to"; return; }
	unshare --mount --pid --fork true 2>/dev/null || { echo "namespaces cannot be made here"; return; }
}

# Its package has the number of its library in its name, which differs.
sodium() { ldconfig -p | sed -n 's/.*libsodium\.so\.\([0-9]*\) .*/libsodium\1/p' | head -n 1; }

root_path() { echo "$top/build/host-$(suite)"; }

# Once, whoever else asks for it meanwhile.
make_root() {
	local root
	root=$(root_path)
	mkdir -p "$top/build"
	(
		flock 9
		if [ ! -e "$root/.made" ]; then bootstrap "$root"; fi
	) 9>"$top/build/host.lock"
	echo "$root"
}

bootstrap() { # DIRECTORY
	local include
	include=systemd,systemd-sysv,dbus,passwd,$(sodium),libyaml-0-2,libgcrypt20,libpcre2-8-0
	rm -rf "$1"
	mmdebstrap --quiet --variant=minbase --aptopt='Acquire::Check-Valid-Until "false"' \
		--include=$include "$(suite)" "$1" >"$top/build/host.log" 2>&1 ||
		{ tail -n 5 "$top/build/host.log" >&2; exit 2; }
	# no console is there to log in on, and no module may be loaded
	ln -sf /dev/null "$1/etc/systemd/system/console-getty.service"
	ln -sf /dev/null "$1/etc/systemd/system/systemd-modules-load.service"
	touch "$1/.made"
}

# From here on in a mount namespace of our own: what is mounted goes away with us.
inner() {
	local root state='' journal='' read_only='' initrd='' trees=() binds=() scratch disk group pid='' answer='' status=0 deadline number
	root=$(root_path)
	while :; do
		case ${1-} in
		--tree) trees+=("$2") ;;
		--state) state=$(realpath "$2") ;;
		--journal) journal=$2 ;;
		--initrd) initrd=$2 ;;
		--bind)
			binds+=("$2" "$3")
			shift
			;;
		--read-only)
			read_only=1
			shift
			continue
			;;
		*) break ;;
		esac
		shift 2
	done
	scratch=$(mktemp -d)
	group=$(cgroups)/bootseal-host-$$
	mkdir "$group"
	# shellcheck disable=SC2064
	trap "leave '$scratch' '$group'" EXIT
	mount -t tmpfs tmpfs "$scratch"
	disk=${state:-$scratch}
	mkdir -p "$disk/upper" "$disk/work" "$scratch/root" "$scratch/disk"
	mount -t overlay overlay -o "lowerdir=$root,upperdir=$disk/upper,workdir=$disk/work" "$scratch/disk"
	for tree in ${trees[@]+"${trees[@]}"}; do cp -a "$tree/." "$scratch/disk/"; done
	install -m 0755 "$1" "$scratch/disk/.script"
	shift
	if [ -n "$initrd" ]; then
		mount -t tmpfs -o mode=0755 tmpfs "$scratch/root"
		(cd "$root" && tar -c --exclude=./usr/share/{doc,locale,man} --exclude=./var/{cache,lib/{apt,dpkg}} .) | tar -x -C "$scratch/root"
		cp -a "$initrd/." "$scratch/root/"
		touch "$scratch/root/etc/initrd-release"
		mkdir "$scratch/root/sysroot"
		mount --rbind "$scratch/disk" "$scratch/root/sysroot"
	else
		mount --bind "$scratch/disk" "$scratch/root"
	fi
	for ((number = 0; number < ${#binds[@]}; number += 2)); do
		mkdir -p "$scratch/root/${binds[number + 1]}"
		mount --bind "${binds[number]}" "$scratch/root/${binds[number + 1]}"
		mount -o remount,bind,ro "$scratch/root/${binds[number + 1]}"
	done
	(
		echo "$BASHPID" >"$group/cgroup.procs"
		exec unshare --pid --fork --kill-child --mount --uts --ipc --cgroup "$here" init "$scratch" "$read_only"
	) >"$scratch/console" 2>&1 </dev/null &
	deadline=$((SECONDS + limit))
	while [ $SECONDS -lt $deadline ]; do
		pid=$(cat "$scratch/init" 2>/dev/null || : not yet there)
		[ -z "$pid" ] || answer=$(patience=30 within "$pid" systemctl is-system-running 2>/dev/null || : "its status says what its answer says")
		[ ! -e "/proc/${pid:-self}/root/etc/initrd-release" ] || answer= # it is not there yet
		case $answer in running | degraded | maintenance) break ;; esac
		answer=
		[ -n "$(jobs -rp)" ] || break
		sleep 0.1
	done
	if [ -n "$answer" ]; then
		within "$pid" /.script "$@" || status=$?
		[ -z "$journal" ] || within "$pid" journalctl --boot --no-pager >"$journal" 2>/dev/null || : "a journal is a help, no more"
	else
		echo "the host did not settle in $limit s" >&2
		tail -n 20 "$scratch/console" >&2
		status=124
	fi
	[ -z "$pid" ] || kill -KILL "$pid" 2>/dev/null || : it has ended
	exit $status
}

leave() { # SCRATCH GROUP
	local status=$?
	set +e
	[ ! -s "$1/init" ] || kill -KILL "$(cat "$1/init")" 2>/dev/null
	wait
	umount -l "$1/root/sysroot" 2>/dev/null
	umount -l "$1/root" "$1/disk" "$1" 2>/dev/null
	rmdir "$1" 2>/dev/null
	for _ in $(seq 50); do
		find "$2" -depth -type d -exec rmdir {} + 2>/dev/null
		[ -d "$2" ] || break
		sleep 0.1
	done
	exit $status
}

# Process 1 of the host, before it becomes systemd.
init() { # SCRATCH READ-ONLY
	local root=$1/root device pid
	read -r pid _ </proc/self/stat # by the /proc of outside: our number there
	echo "$pid" >"$1/init"
	mount -t proc proc "$root/proc"
	mount -t sysfs -o ro sysfs "$root/sys"
	mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
	mount -t tmpfs -o mode=0755 tmpfs "$root/run"
	mount -t tmpfs tmpfs "$root/tmp"
	mount -t tmpfs -o mode=0755 tmpfs "$root/dev"
	for device in null zero full random urandom tty console; do
		touch "$root/dev/$device"
		mount --bind "/dev/$([ $device = console ] && echo null || echo $device)" "$root/dev/$device"
	done
	mkdir "$root/dev/pts" "$root/dev/shm"
	mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
	mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
	ln -s pts/ptmx "$root/dev/ptmx"
	ln -s /proc/self/fd "$root/dev/fd"
	# As on every host with systemd, which leaves it to the container's manager in a container: services see
	# what is mounted later, and are given their credentials.
	mount --make-rshared "$root"
	if [ -n "$2" ]; then
		mount -t tmpfs -o mode=0755 tmpfs "$root/var"
		mount -o remount,bind,ro "$root"
	fi
	hostname bootseal-host
	exec env -i container=bootseal-host PATH=/usr/sbin:/usr/bin:/sbin:/bin \
		chroot "$root" /lib/systemd/systemd "--unit=$([ -e "$root/etc/initrd-release" ] && echo initrd || echo multi-user).target"
}

# With patience for that many seconds: who switches its root stops all processes of the host for a moment, and nsenter then
# stops itself, outside of it, where nobody continues it.
within() { # PID COMMAND...
	local pid=$1
	shift
	${patience:+timeout "$patience"} nsenter -t "$pid" -m -p -u -i -C -r -w env -i container=bootseal-host HOME=/root \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

command=${1-}
[ $# -eq 0 ] || shift
case $command in
reason) reason ;;
root) make_root ;;
run)
	make_root >/dev/null
	exec unshare --mount --propagation private "$here" inner "$@"
	;;
inner) inner "$@" ;;
init) init "$@" ;;
*)
	sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$here"
	exit 2
	;;
esac
