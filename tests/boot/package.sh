# For the scripts that install a package on a host that boots: sourced behind boot.sh. What is opened stays through an
# upgrade and a reboot, what the administrator enabled stays enabled, and with the package all of it is gone.
#
# A script puts its packages into tree/, and what the host does with them into on-host-lib.sh: install_old, install_new,
# version (says the one that is installed), remove, left_enabled (says what of the package's own links stay until) purge.

secret=sealed-$(random)

# The host's disk: secrets of two manifests, the second with a directory of its own; and those of a user.
package_disk() {
	local own=tree/home/someone/.config/bootseal
	mkdir -p tree/etc/{ssh,bootseal} tree/root $own
	add_user someone 4001 /home/someone
	install -m 600 "$vectors/host_key" tree/etc/ssh/ssh_host_ed25519_key
	echo "TOKEN: $secret" >tree/etc/bootseal/sealed.yaml
	"$BOOTSEAL" encrypt -i --age "$("$BOOTSEAL" ssh-to-age <"$vectors/host_key.pub")" tree/etc/bootseal/sealed.yaml
	echo 'secrets: {token: {file: sealed.yaml, key: TOKEN}}' >tree/root/host.yaml
	printf 'directory: /run/more\nsecrets: {token: {file: sealed.yaml, key: TOKEN}}\n' >tree/etc/bootseal/more.yaml
	cp tree/etc/bootseal/sealed.yaml $own/
	cp "$vectors/host_key" $own/key
	printf 'identities: [key]\ndirectory: "%%t/secrets"\nsecrets: {token: {file: sealed.yaml, key: TOKEN}}\n' >$own/user.yaml
	chmod 600 $own/*
	chown -R 4001:4001 tree/home/someone
}

package_boots() { # OLD-VERSION NEW-VERSION
	mkdir state
	boot first 20 --state state -- "$secret" "$@" <<'EOF'
secret=$1 old=$2 new=$3
is "installed" install_old
is "the old one" same "$(version)" "$old"
is "enabled" systemctl is-enabled bootseal.service
is "not started: there is no manifest" not systemctl is-active bootseal.service
is_whole
cp /root/host.yaml /etc/bootseal/host.yaml
is "started" systemctl start bootseal.service
is "open" same "$(cat /run/secrets/token)" "$secret"
is "no other unit is enabled" same "$(find /etc/systemd -name 'bootseal*' -printf '%f ')" "bootseal.service "
is "another manifest's" bootseal activate /etc/bootseal/more.yaml
is "the administrator enables credentials" systemctl enable --now bootseal-credentials.socket
is "for users, too" systemctl --global enable bootseal.service
is "the generator has run" grep -q RequiresMountsFor /run/systemd/generator/bootseal.service.d/50-bootseal-mounts.conf
invocation=$(systemctl show -P InvocationID bootseal.service)
is "upgraded" install_new
is "to the new one" same "$(version)" "$new"
is "that restarts nothing" same "$(systemctl show -P InvocationID bootseal.service)" "$invocation"
is "still open" same "$(cat /run/secrets/token)" "$secret"
is "still enabled" systemctl is-enabled bootseal.service bootseal-credentials.socket
is "still listening" systemctl is-active bootseal-credentials.socket
is "systemd knows the unit as it is now" same "$(systemctl show -P NeedDaemonReload bootseal.service)" no
is_whole
EOF
	rm -r tree && mkdir tree # it is on the host's disk now
	boot second 23 --state state -- "$secret" <<'EOF'
secret=$1
is "started by the boot" systemctl is-active bootseal.service
is "open after the reboot" same "$(cat /run/secrets/token)" "$secret"
is "another manifest's" bootseal activate /etc/bootseal/more.yaml
is "credentials are listened for" test -S /run/bootseal.credentials
is "both are mounted" same "$(grep -c '^bootseal ' /proc/self/mounts)" 2
mkdir -p /run/user && install -d -m 700 -o 4001 -g 4001 /run/user/4001
user() { setpriv --reuid=4001 --regid=4001 --clear-groups env HOME=/home/someone XDG_RUNTIME_DIR=/run/user/4001 "$@"; }
is "a user's own" user bootseal activate /home/someone/.config/bootseal/user.yaml
is "it is open" same "$(user cat /run/user/4001/secrets/token)" "$secret"
is "removed" remove
is "nothing of the user's is left" same "$(find /run/user/4001 -mindepth 1)" ""
is "no unit" not systemctl is-active bootseal.service
is "no socket" not systemctl is-active bootseal-credentials.socket
is "nor its file" test ! -e /run/bootseal.credentials
is "no link that somebody enabled" same "$(find /etc/systemd -name 'bootseal*' ! -lname /dev/null -printf '%P ')" "$(left_enabled)"
is "no generator" same "$(find /usr/lib/systemd /run/systemd/generator -name '*bootseal*')" ""
is "no mount" not grep -q '^bootseal ' /proc/self/mounts
is "nothing in /run" same "$(ls -A /run | grep -E 'secrets|more' | tr '\n' ' ')" ""
is "what is the administrator's stays" test -s /etc/bootseal/host.yaml
is "purged" purge
is "what is the administrator's stays then, too" test -s /etc/bootseal/host.yaml
is "nothing of it but that" same "$(find /etc /usr /var/lib/systemd -name '*bootseal*' -not -path '/etc/bootseal*' 2>/dev/null | tr '\n' ' ')" ""
is "it is in no database" not version
is "the plaintext is nowhere" not grep -rqsF "$secret" /etc /var /root /usr /run /tmp /dev/shm
is_whole
EOF
	no_plaintext state/upper "$secret"
}
