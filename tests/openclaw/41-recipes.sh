#!/usr/bin/env bash
# The recipes of bootseal-openclaw-recipes(7), on hosts that boot, with the real OpenClaw: each block of a section is
# written to its file, or run, as it stands there and in that order. ssh and scp lead to the same host. (The recipe for
# NixOS is evaluated by tests/cli/72-nix.sh.)
#
# A network of its own: the recipes' port is theirs, and nobody can be asked for anything.
if [ "$(id -u)" -eq 0 ] && [ -z "${OWN_NETWORK-}" ] && unshare --net true 2>/dev/null; then
	# the host is made with one, where it is the first
	machine=${0%/*}/../boot/host.sh
	[ -n "$(bash "$machine" reason)" ] || bash "$machine" root >/dev/null
	OWN_NETWORK=1 exec unshare --net bash "$0"
fi
. "${0%/*}/peers.sh"
. "$ROOT/tests/boot/boot.sh"
[ -n "${OWN_NETWORK-}" ] || skip "no network of its own can be had"
# What "ip link set lo up" does, where there is no ip.
perl -MSocket -e 'socket(S, AF_INET, SOCK_DGRAM, 0); my $up = pack("a16sx22", "lo", 1); ioctl(S, 0x8914, $up) or die "lo: $!"'
page=$ROOT/man/bootseal-openclaw-recipes.7
quiet='OPENCLAW_OFFLINE=1 OPENCLAW_NO_AUTO_UPDATE=1 OPENCLAW_DISABLE_BONJOUR=1 OPENCLAW_SKIP_CHANNELS=1'
key=sk-$(random)

# The blocks of these sections, as the page shows them: a file each, in their order.
blocks() { # SECTION...
	local section number=0
	mkdir tree/recipe
	for section; do
		number=$((number + 1))
		awk -v section="$section" -v file="tree/recipe/$number" '
			/^\.S[hs] / { on = $0 == ".Ss " section }
			on && /^\.Bd -literal/ { open = 1; count++; next }
			/^\.Ed/ { open = 0 }
			on && open { gsub(/\\e/, "\\"); print >sprintf("%s-%02d", file, count) }' "$page"
	done
}

# What runs on the host speaks, besides: "recipe" goes through the blocks; a command runs where its prompt says.
cat >>on-host-lib.sh <<'EOF'
value=$1
as_openclaw() {
	local uid home
	uid=$(id -u openclaw) home=$(getent passwd openclaw | cut -d: -f6)
	(cd "$home" && exec setpriv --reuid="$uid" --regid="$uid" --clear-groups \
		env HOME="$home" USER=openclaw LOGNAME=openclaw XDG_RUNTIME_DIR="/run/user/$uid" "$@")
}
typed() { # PROMPT COMMAND
	case $1 in
	'laptop$') (cd /root/repository && printf '%s' "$value" | bash -euo pipefail -c "$2") ;;
	'web1#') (cd / && bash -euo pipefail -c "$2" </dev/null) ;;
	'web1$') as_openclaw bash -euo pipefail -c "$2" </dev/null ;;
	*) echo "$1 is no prompt" && return 1 ;;
	esac
}
place() { # BLOCK FILE
	local mode=644
	[ "$(head -c 2 "$1")" != '#!' ] || mode=755
	case $2 in
	'~'/*) as_openclaw bash -c 'mkdir -p "$(dirname ~/"$1")" && cat >~/"$1"' - "${2#*/}" <"$1" ;;
	*) mkdir -p "$(dirname "$2")" && cat "$1" >"$2" && chmod $mode "$2" ;;
	esac
}
recipe() {
	local block first line
	for block in /recipe/*; do
		first=$(sed '/^#!/d; q' "$block")
		case $first in
		'# /'* | '# ~/'* | '// /'* | '// ~/'*) is "${first#* }" place "$block" "${first#* }" ;;
		*) while read -r line; do is "$line" typed "${line%% *}" "${line#* }"; done <"$block" ;;
		esac
	done
}
# The kernel's switch is everybody's: a file takes its place, in this host's mounts alone.
own_ptrace_scope() {
	mkdir -p /run/kernel
	cp -r /proc/sys/kernel/. /run/kernel/ 2>/dev/null || : some of it cannot be read
	mkdir -p /run/kernel/yama
	echo 0 >/run/kernel/yama/ptrace_scope
	mount --bind /run/kernel /proc/sys/kernel
}
helper() { node /usr/local/lib/gateway.mjs "$@"; }
token() { (cd /root/repository && bootseal get secrets/openclaw.yaml '["OPENCLAW_GATEWAY_TOKEN"]'); }
takes() { # NAME TOKEN
	is "$1: the sealed token" same "$(helper ask 18789 "$2")" 200
	is "$1: another token" same "$(helper ask 18789 "x$2")" 401
}
EOF

# A host with Node and OpenClaw as "npm install -g" leaves them, and the operator's laptop on it.
recipe_host() {
	local manager
	install_host
	rm -r tree/etc/bootseal tree/etc/systemd/system/sysinit.target.wants # the recipes make and enable them
	cp "$vectors/host_key.pub" tree/etc/ssh/ssh_host_ed25519_key.pub
	install -m 600 "$vectors/host_key" tree/etc/ssh/ssh_host_ed25519_key
	for manager in system user; do
		mkdir -p tree/etc/systemd/$manager.conf.d
		printf '[Manager]\nDefaultEnvironment=%s\n' "$quiet" >tree/etc/systemd/$manager.conf.d/test.conf
	done
	ln -s /opt/openclaw/node_modules/node/bin/node /opt/openclaw/node_modules/.bin/openclaw tree/usr/local/bin/
	install -D -m 644 "$ROOT/tests/openclaw/gateway.mjs" tree/usr/local/lib/gateway.mjs
	mkdir -p tree/root/repository tree/root/.config/sops/age
	expect_status 0 "$BOOTSEAL" keygen -o tree/root/.config/sops/age/keys.txt
	cp "$vectors/host_key.pub" tree/root/repository/web1.pub
	cat >tree/usr/local/bin/ssh <<-'EOF'
		#!/bin/bash
		# ssh USER@HOST COMMAND...
		user=${1%@*}
		cd "$(getent passwd "$user" | cut -d: -f6)" && exec setpriv --reuid="$user" --regid="$user" --clear-groups bash -c "${*:2}"
	EOF
	cat >tree/usr/local/bin/scp <<-'EOF'
		#!/bin/bash
		# scp FROM TO, one of them USER@HOST:PATH
		user=root
		for path; do
			if [[ $path == *@*:* ]]; then
				user=${path%%@*} path=${path#*:}
				[[ $path == /* ]] || path=$(getent passwd "$user" | cut -d: -f6)/$path
			fi
			set -- "$@" "$path"
			shift
		done
		exec install -o "$user" -g "$user" -m 644 -t "$2" "$1"
	EOF
	chmod 755 tree/usr/local/bin/{ssh,scp}
}
# Podman of this machine, as far as it can do there.
podman_host() {
	local program
	for program in podman crun conmon; do
		install -D "$(command -v $program)" tree/usr/bin/
		for library in $(ldd "$(command -v $program)" | sed -n 's|.*=> \(/[^ ]*\) .*|\1|p'); do
			[ -e "$host_root$library" ] || [ -e "$host_root/usr$library" ] || install -D "$library" "tree/usr/lib/podman/${library##*/}"
		done
	done
	# which podman 5 looks for, though it makes no network here
	[ ! -e /usr/lib/podman/netavark ] || install -D -t tree/usr/lib/podman /usr/lib/podman/netavark
	mkdir -p tree/etc/{containers,ld.so.conf.d} tree/usr/libexec/podman
	echo /usr/lib/podman >tree/etc/ld.so.conf.d/podman.conf
	echo '{"default": [{"type": "insecureAcceptAnything"}]}' >tree/etc/containers/policy.json
	printf '[storage]\ndriver = "vfs"\nrunroot = "/run/containers"\ngraphroot = "/var/lib/containers"\n' >tree/etc/containers/storage.conf
	printf '[engine]\ncgroup_manager = "cgroupfs"\n' >tree/etc/containers/containers.conf
	rm tree/usr/local/bin/openclaw
	cat >tree/usr/local/bin/podman <<-EOF
		#!/bin/bash
		# There are no limits and groups to be set here, and no image to be had: a folder with the same in it.
		[ "\$1" != run ] || set -- run --ulimit host --cgroups=disabled --user 1000:1000 -v /opt/openclaw:/opt/openclaw:ro ${quiet//OPENCLAW_/-e OPENCLAW_} "\${@:2}"
		for word; do
			case \$word in ghcr.io/*) set -- "\$@" --rootfs /image ;; *) set -- "\$@" "\$word" ;; esac
			shift
		done
		exec /usr/bin/podman "\$@"
	EOF
	chmod 755 tree/usr/local/bin/podman
}

about "a system unit"
recipe_host
blocks First "A system unit"
boot system 23 --bind "$OPENCLAW_DIR" /opt/openclaw -- "$key" <<'EOF'
own_ptrace_scope
recipe
takes "after all of it" "$(token)"
is "the document is withdrawn" test ! -e /run/secrets.ready/openclaw/secrets.json
EOF

about "a user unit"
recipe_host
# What pam_systemd does, which is not on the host.
mkdir -p tree/etc/systemd/system/user@.service.d
printf '[Service]\nPAMName=\nEnvironment=XDG_RUNTIME_DIR=/run/user/%%i\n' >tree/etc/systemd/system/user@.service.d/test.conf
blocks First "A user unit"
mkdir state
boot user 29 --state state --bind "$OPENCLAW_DIR" /opt/openclaw -- "$key" <<'EOF'
recipe
document=/run/user/$(id -u openclaw)/secrets/openclaw/secrets.json
is "it answers" helper wait 18789 1 600
takes "after all of it" "$(token)"
is "nobody else reads the document" not setpriv --reuid=65534 --regid=65534 --clear-groups cat "$document"
# what the page says of it
is "the agent reads the document" as_openclaw grep -q OPENCLAW_GATEWAY_TOKEN "$document"
is "and what is sealed" as_openclaw env SOPS_AGE_KEY_FILE=/home/openclaw/.config/bootseal/key \
	bootseal get .config/bootseal/openclaw.yaml '["OPENCLAW_GATEWAY_TOKEN"]'
is "and is told so" as_openclaw bash -c '! bootseal openclaw check --json >check.json && grep -q file-left check.json'
is "it cannot withdraw" not as_openclaw bootseal activate --for openclaw-gateway.service .config/bootseal/user.yaml
EOF
boot again 3 --state state --bind "$OPENCLAW_DIR" /opt/openclaw -- "$key" <<'EOF'
is "it answers, and nobody has logged in" helper wait 18789 1 600
takes "after a reboot" "$(token)"
EOF
no_plaintext state/upper "$key"
rm -r state

about "a container"
for program in podman crun conmon; do command -v $program >/dev/null || skip "$program is not installed"; done
recipe_host
podman_host
blocks First "A container"
boot container 23 --bind "$OPENCLAW_DIR" /opt/openclaw -- "$key" <<'EOF'
# the image
ldconfig
mkdir -p /image/{usr,etc,home/node,root,run,tmp,proc,sys,dev} /image.local
chmod 1777 /image/tmp && chown 1000:1000 /image/home/node
for name in bin lib lib64 sbin; do ln -s usr/$name /image/; done
mount --bind /usr /image/usr
mount --make-private /image/usr
mount --bind /image.local /image/usr/local/bin
ln -s /opt/openclaw/node_modules/node/bin/node /opt/openclaw/node_modules/.bin/openclaw /image.local/
echo node:x:1000:1000::/home/node:/bin/sh >/image/etc/passwd
recipe
takes "after all of it" "$(token)"
is "the document is withdrawn" test ! -e /run/bootseal/secrets.ready/openclaw/secrets.json
is "once more" bootseal openclaw run -- gateway health
is "no token is on the disk" not grep -rlaF "$(token)" /var /etc /srv /home /root /usr/local
is "a container of podman's it is" podman ps --format '{{.Names}}'
EOF
