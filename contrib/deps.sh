#!/bin/sh
# deps.sh build|test: says which packages a build (and the tests) lack, and installs them with the system's
# package manager. Says nothing where all is there.
set -u

has() { pkg-config --exists "$1" 2>/dev/null; }

missing=
# what, and its package in Debian, Fedora, Arch
lack() {
	case $manager in
	apt-get) missing="$missing $1" ;;
	dnf) missing="$missing $2" ;;
	pacman) missing="$missing $3" ;;
	*) missing="$missing $1" ;;
	esac
}

manager=
for manager in apt-get dnf pacman none; do
	command -v $manager >/dev/null && break
done

{ command -v cc || command -v "${CC:-cc}"; } >/dev/null || lack gcc gcc gcc
command -v pkg-config >/dev/null || lack pkg-config pkgconf-pkg-config pkgconf
has libsodium || lack libsodium-dev libsodium-devel libsodium
has yaml-0.1 || lack libyaml-dev libyaml-devel libyaml
has libpcre2-8 || lack libpcre2-dev pcre2-devel pcre2
has libgcrypt || command -v libgcrypt-config >/dev/null || lack libgcrypt20-dev libgcrypt-devel libgcrypt
if [ "${1-}" != build ]; then
	has check || lack check check-devel check
	command -v ssh-keygen >/dev/null || lack openssh-client openssh-clients openssh
	command -v git >/dev/null || lack git git git
fi
[ -n "$missing" ] || exit 0

advice=
case $manager in
apt-get) install="apt-get install -y --no-install-recommends$missing" ;;
dnf) install="dnf install -y$missing" ;;
pacman)
	install="pacman -S --needed --noconfirm$missing"
	# With lists of packages that are older than the mirror's; all of the system is for its owner to renew.
	advice="pacman -Syu --needed$missing"
	;;
*)
	echo "missing:$missing (these are Debian's names); install them with your package manager" >&2
	exit 1
	;;
esac
advice=${advice:-$install}
as_root=
if [ "$(id -u)" -ne 0 ]; then
	if command -v sudo >/dev/null; then
		as_root=sudo
	else
		echo "missing:$missing; as root, run: $advice" >&2
		exit 1
	fi
fi
echo "installing what is missing:$missing" >&2
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
try() { $as_root env DEBIAN_FRONTEND=noninteractive "$@" >"$log" 2>&1 </dev/null; }
# As new containers have them: with old lists of packages, or none.
case $manager in
apt-get) try $install || try apt-get update ;;
pacman) ls /var/lib/pacman/sync/*.db >/dev/null 2>&1 || try pacman -Sy ;;
esac
try $install && exit 0
tail -n 5 "$log" >&2
echo "that failed; as root, run: $advice" >&2
exit 1
