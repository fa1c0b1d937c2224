# For the scripts that boot a host: sourced behind lib.sh. Skips them where that cannot be, and makes the host's
# disk below tree/: the program, its units, a host key, and users on demand.

machine=$ROOT/tests/boot/host.sh
vectors=$ROOT/tests/vectors/activate
_reason=$(bash "$machine" reason)
[ -z "$_reason" ] || skip "$_reason"
# A sanitizer's libraries are not on the host.
if ldd "$BOOTSEAL" | grep -qE 'lib(asan|ubsan|tsan)'; then skip "this is a build with sanitizers"; fi
host_root=$(bash "$machine" root)

random() { head -c 18 /dev/urandom | base64 | tr '+/' '-_'; }

# A fresh tree: what "make install PREFIX=/usr" puts there.
install_host() {
	local unit
	rm -rf tree
	mkdir -p tree/etc/{ssh,bootseal,systemd/system} tree/usr/{bin,local/bin,lib/systemd/{system,user,system-generators}} tree/var/log/journal
	install -m 755 "$BOOTSEAL" tree/usr/bin/bootseal
	ln -s ../../../bin/bootseal tree/usr/lib/systemd/system-generators/bootseal-generator
	for unit in "$ROOT"/contrib/systemd/*.s*; do
		sed 's|@bindir@|/usr/bin|g' "$unit" >"tree/usr/lib/systemd/system/${unit##*/}"
	done
	for unit in "$ROOT"/contrib/systemd/user/*.s*; do
		sed 's|@bindir@|/usr/bin|g' "$unit" >"tree/usr/lib/systemd/user/${unit##*/}"
	done
	enable sysinit.target bootseal.service
}

# What "make install PREFIX=/usr" puts below a directory, with the program under test. Not through the make that runs us.
make_install() { # DIRECTORY
	mkdir -p made "$1"
	cp "$BOOTSEAL" made/bootseal
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s -C "$ROOT" -o all install B="$TMP/made" DESTDIR="$TMP/$1" PREFIX=/usr >/dev/null
}

# An rpm package of the program under test: by the spec as it is, but for the build.
make_rpm() { # VERSION: sets file
	[ -e installed ] || make_install installed
	awk -v tree="$TMP/installed" -v top="$ROOT" '
		/^%(prep|build|install|post)$/ { passed_over = 0 }
		!passed_over
		$1 == "%prep" || $1 == "%build" || $1 == "%install" { passed_over = 1 }
		$1 == "%install" { print "cp -a " tree "/. %{buildroot}/"; print "cd " top " && cp LICENSE README.md SECURITY.md -t $OLDPWD" }
	' "$ROOT/contrib/rpm/bootseal.spec" >bootseal.spec
	expect_status 0 rpmbuild -bb --quiet --nodeps --define "_topdir $TMP/rpm" --define "version_from_make $1" bootseal.spec
	file=$(find rpm/RPMS -name "bootseal-$1-*.rpm")
}

# systemd 262 passes over links that lead nowhere; 252 and 257 go by their names.
enable() { # TARGET UNIT...
	local unit target=$1 file
	shift
	mkdir -p "tree/etc/systemd/system/$target.wants"
	for unit; do
		file=/usr/lib/systemd/system/$unit
		[ -e "tree$file" ] || file=../$unit
		ln -s "$file" "tree/etc/systemd/system/$target.wants/$unit"
	done
}

# A unit file from standard input.
unit() { cat >"tree/etc/systemd/system/$1"; }

add_user() { # NAME UID [HOME]
	[ -e tree/etc/passwd ] || cp "$host_root/etc/passwd" "$host_root/etc/group" tree/etc/
	echo "$1:x:$2:$2::${3:-/nonexistent}:/bin/sh" >>tree/etc/passwd
	echo "$1:x:$2:" >>tree/etc/group
}

# What the script that runs on the host speaks.
cat >on-host-lib.sh <<'EOF'
is() { # NAME COMMAND...
	local name=$1 said
	shift
	if said=$("$@" 2>&1); then echo "ok $name"; else echo "not $name: $(head -c 300 <<<"$said" | tr '\n' ' ')"; fi
}
not() { ! "$@"; }
same() { [ "$1" = "$2" ] || { echo "$1, not $2"; return 1; }; }
later() { for _ in {1..600}; do "$@" >/dev/null 2>&1 && return; sleep 0.1; done; "$@"; }
journal_says() { journalctl --sync; journalctl -b --no-pager -o cat | grep -F -- "$1"; }
when() { systemctl show -P "$2" "$1"; }
is_whole() {
	is "the boot is whole" same "$(systemctl is-system-running)" running
	[ "$(systemctl is-system-running)" = running ] || systemctl --failed --no-legend
}
EOF

# Boots tree/; standard input is what runs on the host then. At least COUNT things must be looked at.
boot() { # NAME COUNT [HOST-OPTIONS... -- [ARG...]]
	local line name=$1 count=$2 options=()
	shift 2
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	[ $# -eq 0 ] || shift
	{ echo '#!/bin/bash' && cat on-host-lib.sh -; } >on-host.sh
	if ! bash "$machine" run --tree tree --journal journal "${options[@]}" on-host.sh "$@" >said 2>said.err; then
		fail "$name boot" "$(tail -n 5 said said.err)"
	fi
	while IFS= read -r line; do
		case $line in
		"ok "*) ok "$name boot: ${line#ok }" ;;
		"note "*) ;;
		"skip "*) skip_one "$name boot" "${line#skip }" && count=0 ;;
		*) fail "$name boot" "$line" ;;
		esac
	done <said
	[ "$(grep -c '^ok' said)" -ge "$count" ] && ok "$name boot: all was looked at" || fail "$name boot" "too few lines: $(cat said.err)"
	[ -z "${BOOT_KEEP-}" ] || { mkdir -p "$BOOT_KEEP/$name" && cp said said.err journal "$BOOT_KEEP/$name/"; }
}

no_plaintext() { # DIRECTORY VALUE...
	local value directory=$1
	shift
	for value; do
		if grep -rqaF -- "$value" "$directory"; then
			fail "plaintext on the disk" "$(grep -rlaF -- "$value" "$directory")"
		else
			ok "no plaintext on the disk"
		fi
	done
}
