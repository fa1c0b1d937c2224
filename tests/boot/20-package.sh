#!/usr/bin/env bash
# The Debian package on a host under systemd: installed, upgraded, there after a reboot, removed, purged.
. "${0%/*}/../cli/lib.sh"
. "$ROOT/tests/boot/boot.sh"
. "$ROOT/tests/boot/package.sh"
need dpkg-deb dpkg-shlibdeps strip gzip make

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

holds() { # NAME FILE...: below the package's /usr
	local file
	for file in "${@:2}"; do
		grep -qE " \\./usr/${file//./\\.}( -> |$)" inside || { fail "$1" "$file"; return; }
	done
	ok "$1"
}
mapfile -t pages < <(cd "$ROOT/man" && for page in *; do echo "share/man/man${page##*.}/$page.gz"; done)
mapfile -t units < <(cd "$ROOT/contrib/systemd" && find . -type f -printf 'lib/systemd/system/%P\n' | sed 's|system/user/|user/|')
holds "all man pages" "${pages[@]}"
holds "all units" "${units[@]}" lib/systemd/system-generators/bootseal-generator
holds "completions" share/bash-completion/completions/bootseal share/fish/vendor_completions.d/bootseal.fish share/zsh/vendor-completions/_bootseal

package_disk
cp bootseal_*.deb tree/root/
cat >>on-host-lib.sh <<'EOF'
install_old() { dpkg -i /root/bootseal_0.1.0-1.deb; }
install_new() { dpkg -i /root/bootseal_0.1.0-2.deb; }
version() { dpkg-query -W -f '${Version}' bootseal; }
remove() { dpkg -r bootseal; }
left_enabled() { echo "system/sysinit.target.wants/bootseal.service "; }
purge() { dpkg -P bootseal; }
EOF
about "deb"
package_boots 0.1.0-1 0.1.0-2
