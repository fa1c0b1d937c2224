#!/usr/bin/env bash
# The real sops-install-secrets and ours: the same manifests, each in a mount namespace of its own. What they leave
# (names, bytes, modes, owners, links), what they print and their exit codes are the same, but for what
# bootseal-sops-nix(7) lists; where a case meets one of those, it says so.
set -u
here=$(realpath "${0%/*}")

# --- In the namespace: one case, with one of the two ------------------------------------------------------

MOUNT=/run/secrets.d LINK=/run/secrets WATCH=

# What is there now. A failed or dry run is asked only for what is live: the real one leaves opened files then.
show() { # WHAT IS LIVE ALONE?
	local live generation
	generation=$(readlink "$LINK") || generation=
	echo "link: $generation"
	if [ -z "$1" ]; then
		stat -c 'mount: %U:%G %a' "$MOUNT"
		find "$MOUNT" -mindepth 1 -maxdepth 1 ! -name age-keys.txt -printf 'generation: %f\n' | sort -V
	fi
	live=$generation
	if [ -n "$live" ] && [ -d "$live" ]; then
		find "$live" ! -name '.bootseal.*' -printf '%P %y %U:%G %m %l\n' | sort
		find "$live" -type f ! -name '.bootseal.*' -exec sha256sum {} + | sort -k 2
	fi
	for path in $WATCH; do
		find "$path" -printf '%p %y %U:%G %m %l\n' 2>/dev/null | sort
	done
	# each unit once: the real one tells it again for each secret
	for list in /run/nixos/*-list; do
		[ ! -e "$list" ] || { echo "$list:"; sort -u "$list"; rm "$list"; }
	done
	if [ -e /run/systemctl.log ]; then
		while read -r block verb units; do
			echo "systemctl $block $verb" $(printf '%s\n' $units | sort -u)
		done </run/systemctl.log
		rm /run/systemctl.log
	fi
}

step() { # [VARIABLE=VALUE...] ARGUMENT...
	local status=0 variables=()
	while [[ ${1-} == [A-Z]*=* ]]; do variables+=("$1"); shift; done
	env -i PATH=/run/bin:/usr/bin:/bin HOME=/var/empty ${variables[@]+"${variables[@]}"} "$PROGRAM" "$@" \
		>/run/.out 2>/run/.err || status=$?
	echo "--- ${variables[*]-} $*: status $status"
	cat /run/.out
	cat /run/.err >>"$ERRORS"
	case " ${variables[*]-} $* " in *dry-activate* | *check-mode*) show live ;; *) show "${status#0}" ;; esac
}

# Only this program's own outcome is told, for what is another on purpose.
only() { # real|ours COMMAND...
	[ "$1" != "$PEER" ] || "${@:2}"
}

writable() { mount -o remount,rw "$MOUNT"; }

fake_systemctl() {
	mkdir -p /run/bin
	printf '#!/bin/sh\necho "$*" >>/run/systemctl.log\n' >/run/bin/systemctl
	chmod 755 /run/bin/systemctl
}

. "$here/sops-nix-cases.sh"

if [ -n "${CASE-}" ]; then
	umask 022
	mount -t tmpfs -o mode=755 tmpfs /run
	mkdir -p /run/w
	cd /run/w
	cp "$ASSETS"/* .
	chmod 600 age-keys.txt ssh-ed25519-key
	"case_$CASE"
	exit
fi

. "$here/../cli/activate.sh"
own_mounts
. "$here/../cli/lib.sh"
need sops-install-secrets
[ -n "${OWN_MOUNTS-}" ] || skip "needs root and a mount namespace"
mkdir bin assets
ln -s "$BOOTSEAL" bin/sops-install-secrets
cp "$ROOT"/tests/vectors/sops-nix/* assets
"$BOOTSEAL" keygen -o assets/generated.txt 2>/dev/null # says what it made
REAL=$(command -v sops-install-secrets)
export ASSETS=$TMP/assets

play() { # real|ours PROGRAM CASE
	CASE=$3 PEER=$1 PROGRAM=$2 ERRORS=$TMP/$1.$3.err unshare --mount --propagation private \
		bash "$ROOT/tests/interop/60-sops-install-secrets.sh" >"$1.$3" 2>>"$1.$3.err"
}

both() { # CASE
	: >"real.$1.err" >"ours.$1.err"
	play real "$REAL" "$1" && play ours "$TMP/bin/sops-install-secrets" "$1" || {
		fail "$1" "$(cat "real.$1.err" "ours.$1.err")"
		return
	}
	if cmp -s "real.$1" "ours.$1"; then
		ok "$1"
	else
		fail "$1" "$(diff "real.$1" "ours.$1" | head -n 30; grep -h . "ours.$1.err" | head -n 5)"
	fi
}

for name in $(compgen -A function case_ | sort); do
	case $name in
	case_generated) continue ;;
	case_user_mode_ssh_gpg)
		setpriv --reuid=65534 --regid=65534 --clear-groups unshare --user --mount true 2>/dev/null ||
			{ skip_one "$name" "users may make no namespaces here"; continue; }
		;;&
	*gpg*) command -v gpg >/dev/null || { skip_one "$name" "gpg is not installed"; continue; } ;;
	esac
	both "${name#case_}"
done

# --- Generated ones ---------------------------------------------------------------------------------------

command -v python3 >/dev/null || { skip_one "generated manifests" "python3 is not installed"; exit 0; }

# What they name: as sops writes it, for a whole file comes out as it was sealed.
cat >assets/one.yaml <<END
a: value of a
b: 'quoted: # no comment'
deep:
    er:
        x: nested
    "y": "yes"
multi: |
    two
    lines
odd key: ü
number: 12
empty: ""
plain_unencrypted: not sealed
END
sed 's/value/other value/; s/nested/changed/' assets/one.yaml >assets/other.yaml
printf 'a: second\nb: of two\ndeep:\n    er:\n        x: "1"\n    "y": z\nmulti: ""\nodd key: o\n' >assets/two.yaml
printf '{\n\t"a": "json a",\n\t"b": "line\\nbreak",\n\t"umlaut": "ü",\n\t"number": 1,\n\t"deep": {\n\t\t"x": 1\n\t}\n}\n' >assets/one.json
sed 's/json a/changed/' assets/one.json >assets/other.json
printf '{\n\t"a": "2",\n\t"b": "",\n\t"umlaut": "<>&"\n}\n' >assets/two.json
printf 'A=value\nB=another one\n' >assets/one.env
printf '[section]\nx = value\n' >assets/one.ini
printf 'binary\0\377\n' >assets/one.bin
printf 'in a file: <SOPS:%s:PLACEHOLDER>\n' "$(printf a | sha256sum | cut -d' ' -f1)" >assets/template
recipients=$(grep -o 'age1.*' assets/age-keys.txt | head -n 1),$("$BOOTSEAL" ssh-to-age -i assets/ssh-ed25519-key.pub)
for file in one other two; do
	for kind in yaml json env ini bin; do
		[ ! -e "assets/$file.$kind" ] || "$BOOTSEAL" encrypt -i --age "$recipients" "assets/$file.$kind"
	done
done
count=${BOOTSEAL_MANIFESTS:-100} seed=${BOOTSEAL_SEED:-1}
python3 "$ROOT/tests/interop/gen_nix.py" "$TMP/manifests" "$count" "$seed"
for ((i = 0; i < count; i++)); do
	export GENERATED=$TMP/manifests/$i
	: >real.generated.err >ours.generated.err
	play real "$REAL" generated && play ours "$TMP/bin/sops-install-secrets" generated ||
		fail "generated manifest $i of seed $seed" "$(cat real.generated.err ours.generated.err)"
	cmp -s real.generated ours.generated ||
		fail "generated manifest $i of seed $seed" "$(diff real.generated ours.generated | head -n 20; head -n 3 ours.generated.err)"
	cat real.generated >>all.generated
done
ok "$count generated manifests"
awk -v n="$count" '/^---.*: status/ { runs++; failed += !/status 0$/ } END {
	print "SAME " n " manifests, " runs " runs, of which " failed " end with an error" }' all.generated
