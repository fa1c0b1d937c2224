#!/usr/bin/env bash
# contrib/deps.sh, which "make deps" runs, with package managers of this test's own: what each is asked for.
. "${0%/*}/lib.sh"

mkdir bin tools
for program in cat env ls mktemp rm tail; do ln -s "$(command -v $program)" tools/; done
printf '#!/bin/sh\necho "$UID_IS"\n' >tools/id
manager() { # NAME: it says what it was called with, and fails for the first times
	rm -f bin/* calls
	cat >"bin/$1" <<-END
		#!/bin/sh
		echo "$1 \$*" >>"$TMP/calls"
		[ "\$(grep -c . <"$TMP/calls")" -gt "$2" ] || { echo "no such package"; exit 1; }
	END
	chmod 755 "bin/$1"
}
ln -s "$(command -v grep)" tools/
chmod 755 tools/id
shell=$(command -v sh)
deps() { env -i PATH="$TMP/bin:$TMP/tools" UID_IS="${uid:-0}" "$shell" "$ROOT/contrib/deps.sh" "$@"; }

about "Fedora"
libraries='gcc pkgconf-pkg-config libsodium-devel libyaml-devel pcre2-devel libgcrypt-devel'
manager dnf 0
expect_status 0 deps test
expect_output "dnf install -y $libraries check-devel openssh-clients git" cat calls
manager dnf 0
expect_status 0 deps build
expect_output "dnf install -y $libraries" cat calls
manager dnf 9
expect_status 1 deps build
check "what it said" grep -qx 'no such package' .err
check "what is to be done" grep -qx "that failed; as root, run: dnf install -y $libraries" .err

about "Arch"
libraries='gcc pkgconf libsodium libyaml pcre2 libgcrypt'
if [ ! -e /var/lib/pacman/sync ]; then
	manager pacman 0
	expect_status 0 deps test
	expect_output "pacman -Sy
pacman -S --needed --noconfirm $libraries check openssh git" cat calls
fi
manager pacman 9
expect_status 1 deps build
check "what is to be done" grep -qx "that failed; as root, run: pacman -Syu --needed $libraries" .err

about "Debian"
libraries='gcc pkg-config libsodium-dev libyaml-dev libpcre2-dev libgcrypt20-dev'
manager apt-get 1
expect_status 0 deps build
expect_output "apt-get install -y --no-install-recommends $libraries
apt-get update
apt-get install -y --no-install-recommends $libraries" cat calls

about "who is not root"
uid=1000
manager dnf 0
expect_error 'missing: gcc pkgconf-pkg-config' deps build
check "what is to be done" grep -q 'as root, run: dnf install -y gcc' .err
expect_absent calls
printf '#!/bin/sh\nexec "$@"\n' >tools/sudo
chmod 755 tools/sudo
expect_status 0 deps build
check "by sudo" grep -q '^dnf install' calls
rm bin/dnf
expect_error "(these are Debian's names); install them with your package manager" deps build
