#!/usr/bin/env bash
# demo.sh BOOTSEAL: seals a secret to a throw-away host key and opens it as a boot does. Run by "make demo", as
# root or not. Nothing is left behind, and no secret touches a disk.
set -eu
program=$(realpath "$1")
here=$(realpath "$0")
bootseal() { "$program" "$@"; }

# --- How it looks ---------------------------------------------------------------------------

bold='' dim='' green='' red='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR-}" ] && [ "${TERM-dumb}" != dumb ]; then
	bold=$'\e[1m' dim=$'\e[2m' green=$'\e[32m' red=$'\e[31m' plain=$'\e[0m'
fi
step() { printf '\n%s%s%s\n\n' "$bold" "$1" "$plain"; }
note() { printf '  %s%s%s\n' "$dim" "$1" "$plain"; }
command_line() { printf '  %s$%s %s\n' "$green" "$plain" "$*"; }
show() { sed "s|$PWD|/demo|g" | cut -c 1-92 | sed "s/^/    /"; }
run() { # shows a command and what it prints
	local status=0
	command_line "$*"
	"$@" >.said 2>&1 || status=$?
	show <.said
	rm -f .said
	return $status
}

# --- Where it runs --------------------------------------------------------------------------

# A folder in memory: what is sealed here was never on a disk either.
memory=
for place in "${XDG_RUNTIME_DIR-}" /dev/shm /run; do
	[ -n "$place" ] && [ -w "$place" ] || continue
	case $(stat -f -c %T "$place" 2>/dev/null) in tmpfs | ramfs) memory=$place && break ;; esac
done
if [ -z "$memory" ]; then
	echo "demo: no memory file system that you may write to (XDG_RUNTIME_DIR, /dev/shm, /run)" >&2
	exit 1
fi

# First outside of the namespace, to clean up whatever happens inside.
if [ -z "${BOOTSEAL_DEMO-}" ]; then
	umask 077
	BOOTSEAL_DEMO=$(mktemp -d "$memory/bootseal-demo.XXXXXX")
	export BOOTSEAL_DEMO
	trap 'rm -rf "$BOOTSEAL_DEMO"' EXIT
	trap 'exit 130' INT TERM HUP
	for private in "unshare --mount --propagation private" "unshare --user --map-root-user --mount" env; do
		# shellcheck disable=SC2086
		if $private true 2>/dev/null; then
			BOOTSEAL_DEMO_NAMESPACE=${private%%env} $private bash "$here" "$program"
			exit
		fi
	done
fi
cd "$BOOTSEAL_DEMO"
# Only what this demo makes counts, not the keys of whoever runs it.
export HOME=$PWD
unset SOPS_AGE_KEY SOPS_AGE_KEY_FILE SOPS_AGE_KEY_CMD SOPS_AGE_SSH_PRIVATE_KEY_FILE SOPS_AGE_SSH_PRIVATE_KEY_CMD XDG_CONFIG_HOME

# --- The story ---------------------------------------------------------------------------

printf '%sbootseal: sealed in git, open at boot%s\n' "$bold" "$plain"
note "/demo is $PWD, in memory, and goes away at the end"
step "1. A host has an SSH key already. Its public half is all that is needed to seal to it."
if command -v ssh-keygen >/dev/null; then
	ssh-keygen -q -t ed25519 -N '' -C root@web1 -f host_key
	run cat host_key.pub
	run bootseal ssh-to-age -i host_key.pub
	recipient=$(bootseal ssh-to-age -i host_key.pub)
else
	note "(ssh-keygen is not installed here: an age key stands in for the SSH key)"
	bootseal keygen -o host_key 2>/dev/null
	recipient=$(sed -n 's/^# public key: //p' host_key)
	run sed -n 's/^# public key: //p' host_key
fi

step "2. You seal a token and an API key to it. The file is sops' own format, safe to commit."
cat >openclaw.yaml <<-'END'
	# What the gateway needs
	OPENCLAW_GATEWAY_TOKEN: demo-5b1f0c9e77
	llm:
	    ANTHROPIC_API_KEY: "sk-ant-demo"   # the team's
END
run cat openclaw.yaml
command_line "bootseal encrypt --age ${recipient:0:12}... -i openclaw.yaml"
bootseal encrypt --age "$recipient" -i openclaw.yaml
command_line cat openclaw.yaml
sed '/^    age:/,$d' openclaw.yaml | show
note "... and for whom: $(grep -c . openclaw.yaml) lines in all"

step "3. A new token. The diff shows the value that changed, and the metadata that vouch for it."
cp openclaw.yaml before.yaml
command_line "bootseal set openclaw.yaml '[\"OPENCLAW_GATEWAY_TOKEN\"]'   # asks for it, without echo"
export SOPS_AGE_SSH_PRIVATE_KEY_FILE=$PWD/host_key
[ -f host_key.pub ] || { unset SOPS_AGE_SSH_PRIVATE_KEY_FILE; export SOPS_AGE_KEY_FILE=$PWD/host_key; }
printf 'demo-6d20a41b93' | bootseal set openclaw.yaml '["OPENCLAW_GATEWAY_TOKEN"]'
command_line "diff before.yaml openclaw.yaml"
diff -U0 before.yaml openclaw.yaml | sed '1,2d' | grep -v '^@@' | cut -c 1-88 |
	sed "s/^-.*/    $red&$plain/; s/^+.*/    $green&$plain/" || true
unset SOPS_AGE_SSH_PRIVATE_KEY_FILE SOPS_AGE_KEY_FILE

step "4. The host opens it at boot, before its services start."
cat >host.yaml <<-END
	identities: [$PWD/host_key]   # on a host: its SSH key, the default
	directory: $PWD/run/secrets
	secrets:
	  gateway/token: {file: openclaw.yaml, key: OPENCLAW_GATEWAY_TOKEN}
	environments:
	  worker.env: {file: openclaw.yaml, keys: [llm/ANTHROPIC_API_KEY]}
END
mkdir -m 0755 run
run cat host.yaml
case ${BOOTSEAL_DEMO_NAMESPACE-} in
*user*) note "(in a mount namespace of its own, with you as its root: nobody else sees the mount)" ;;
unshare*) note "(in a mount namespace of its own: nobody else sees the mount)" ;;
*) note "(no namespace is to be had here: in a folder on a memory file system, without a mount of its own)" ;;
esac
run bootseal activate host.yaml
note "on a $(stat -f -c %T run/secrets.d) file system, which is in memory alone"
run ls -l run/secrets/gateway/token run/secrets/worker.env

step "5. A service reads a file, or has systemd read an EnvironmentFile=."
run cat run/secrets/gateway/token
run cat run/secrets/worker.env
# shellcheck disable=SC2016
sees='. run/secrets/worker.env; echo "the service sees $ANTHROPIC_API_KEY"'
command_line "sh -c '$sees'"
sh -c "$sees" | show

step "6. Gone without a trace."
run bootseal deactivate host.yaml
run ls -A run
printf '\n%sThat is all.%s "make check" tests it, "make install" installs it, README.md goes on from here.\n' "$bold" "$plain"
