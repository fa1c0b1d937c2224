#!/usr/bin/env bash
# contrib/nix and flake.nix, evaluated with the real library of nixpkgs over options and builds of this test's own
# (tests/nix); the manifests that come of it are built, checked and activated. Needs nix-instantiate (Debian's nix-bin)
# and that library: NIXPKGS_LIB=/path/to/nixpkgs.lib/lib, from https://github.com/nix-community/nixpkgs.lib
library=${NIXPKGS_LIB-}
. "${0%/*}/activate.sh"
own_mounts
. "${0%/*}/lib.sh"
need nix-instantiate nix-build
[ -n "$library" ] || skip "NIXPKGS_LIB does not say where nixpkgs' library is"
[ -f "$library/default.nix" ] || skip "NIXPKGS_LIB=$library holds no default.nix"

host </dev/null
printf 'agenix token' >token
"$BOOTSEAL" age -r "$("$BOOTSEAL" ssh-to-age -i "$VECTORS/host_key.pub")" -o token.age token
printf '\0\377binary\n' >cert.der
cp cert.der want.der
seal cert.der
mkdir secrets
cp openclaw.yaml secrets/
cp "$ROOT"/contrib/nix/example/*.nix .

# A store of its own: nobody's daemon, and no network.
mkdir nix nix/conf
export NIX_STORE_DIR=$TMP/nix/store NIX_STATE_DIR=$TMP/nix/state NIX_LOG_DIR=$TMP/nix/log NIX_CONF_DIR=$TMP/nix/conf
export NIX_CONFIG=$'sandbox = false\nsubstitute = false\nbuild-users-group =' BASH
unset NIX_REMOTE NIX_PATH
# Out of the test's folder: its names would be in the way of "nix-instantiate FILE".
cases=("$ROOT/tests/nix/cases.nix" --argstr libPath "$(realpath "$library")" --argstr nix "$ROOT/contrib/nix"
	--argstr bootseal "$BOOTSEAL" --argstr here "$TMP")
evaluate() { nix-instantiate --eval --strict --json --read-write-mode "${cases[@]}" -A "$1" 2>"$TMP/evaluate.err" && echo; }
# A list of texts, a line each: none of ours has a quote in it.
lines() { evaluate "$1" | sed -e 's/^\[//' -e 's/\]$//' -e 's/","/"\n"/g' | tr -d '"'; }
build() { nix-build --no-out-link "${cases[@]}" -A "$1"; }
built() { # WHAT FILE: the path of what was built, in FILE
	expect_status 0 build "$1"
	cp .out "$2"
	cp .err "$2.log"
}

about "NixOS"
built nixos.manifest manifest
host=$(cat manifest)/host.yaml
check "the build checks" grep -q '^9 files for /run/secrets, and credentials: nothing wrong$' manifest.log
# What a switch after next finds in the same place: the names do not follow the store's.
expect_status 0 "$BOOTSEAL" activate --check "$host"
check "each has a line" [ "$(grep -c '"mode":' "$host")" -eq 9 ]
expect_output '"/run/secrets/openclaw/secrets.json"' evaluate nixos.path
expect_output true evaluate nixos.reloads
expect_output '["/k/ed25519"]' evaluate nixos.hostKeys
expect_output '["/etc/ssh/ssh_host_ed25519_key"]' evaluate nixos.identities
expect_output '{}' evaluate nixos.idle.environment.etc
expect_output '{}' evaluate nixos.idle.systemd.services

about "its units"
# The one that the package brings; and what is said beside it: consumers, users, late mounts, the place of
# sysinit.target at a switch. (NixOS takes [Install] of no package.)
package=$(evaluate nixos.package | tr -d '"')
expect_output true evaluate nixos.shipped
lines nixos.unit | sort >unit
cat >want <<END
Install WantedBy=bridge.service
Install WantedBy=openclaw-gateway.service
Install WantedBy=sysinit-reactivation.target
Install WantedBy=sysinit.target
Install WantedBy=worker.service
Unit After=userborn.service
Unit Before=bridge.service
Unit Before=openclaw-gateway.service
Unit Before=sysinit-reactivation.target
Unit Before=worker.service
Unit RequiresMountsFor=$TMP/host_key
END
sort -o want want
expect_same want unit
for target in $(sed -n 's/^WantedBy=//p' "$ROOT/contrib/systemd/bootseal.service"); do
	check "[Install] of contrib/systemd/bootseal.service" grep -qx "Install WantedBy=$target" unit
done
expect_output '["Install WantedBy=sockets.target"]' evaluate nixos.socket
expect_output "[\"Unit RequiresMountsFor=$TMP/host_key\"]" evaluate nixos.answer
expect_output '[]' evaluate nixos.onlyCredentials.wantedBy
built nixos.onlyCredentials.manifest credentials

about "what is wrong"
wrong() { # CASE TEXT
	if evaluate "bad.$1" >wrong.out; then
		fail "$1" "it evaluates"
	elif tr -s ' \n' ' ' <evaluate.err | grep -qF -- "$2"; then
		ok "$1"
	else
		fail "$1" "$(cat evaluate.err)"
	fi
}
wrong noFile 'bootseal.secrets."x" has no file: set its "file", or bootseal.defaultFile'
wrong missing "bootseal.secrets.\"x\": there is no file \"$TMP/missing.yaml\""
wrong machine '"/etc/secrets/x.yaml" is a file of the machine that runs'
for name in 'dots secrets."a/../b"' 'slash documents."/a"' 'quote secrets."a\"b"' 'control secrets."a\nb"' \
	'ours secrets.".bootseal.json"' 'deep secrets."1/2/3/'; do
	wrong "${name%% *}" "bootseal.${name#* }"
done
wrong dots 'cannot be the name of a file below /run/secrets'
wrong twice 'bootseal.templates."x" and bootseal.secrets."x" would be one file'
wrong below 'bootseal.secrets."a/b/c": "a" would be a directory, and a file for bootseal.environments."a"'
wrong emptyKey 'bootseal.secrets."x".key: "a//b" has an empty part'
wrong emptyKeys 'bootseal.environments."x".keys is empty'
wrong emptyPart 'bootseal.documents."x".keys: a key has an empty part'
wrong openDocument 'bootseal.documents."x".mode: "0440" lets the group or others in'
wrong noIdentity 'bootseal.identities is empty'
wrong storedIdentity '-host_key" is in the Nix store, which everybody reads'
wrong owner '.owner: "nobody-known" is no user of this configuration'
wrong group '.group: "nobody-known" is no group of this configuration'
wrong sops 'sops.secrets lie in /run/secrets, too: set bootseal.directory'
wrong credentialFile "bootseal.credentials.\"app.service\".\"x\": there is no file \"$TMP/missing.yaml\""
wrong credentialKey 'bootseal.credentials."app.service"."x".key: "/" has an empty part'
wrong link "bootseal.secrets.x.link' is not of type"
wrong readyUnit 'bootseal.secrets."x": lifetime = "until-ready" needs "unit", the service that it is for, and "when"'
wrong readyWhen 'bootseal.secrets."x": lifetime = "until-ready" needs "unit"'
wrong readyLink 'bootseal.secrets."x".link: it is withdrawn when its unit is ready'
wrong readyMode 'bootseal.secrets."x".mode: "0440" lets the group or others in, and it is for its owner alone'
for case in readyQuoted readyDollar; do wrong $case 'bootseal.secrets."x".when: no quotes, blanks, backslashes or "$"'; done
wrong readyTwice 'x.service cannot be ready by this and by "/'
wrong readyNever 'bootseal.secrets."x": "unit" and "when" need lifetime = "until-ready"'
wrong readySocket "bootseal.secrets.x.unit' is not of type"
wrong readyTemplate "bootseal.secrets.x.unit' is not of type"
wrong readyEnvironment 'Its EnvironmentFile= needs a "-": "-/run/secrets.ready/x"'
wrong readyOpenEnvironment 'bootseal.environments."x".mode: "0440" lets the group or others in'
wrong neverTemplate "bootseal.templates.x.lifetime' does not exist"
wrong homeReadyEnvironment 'bootseal.environments."x".lifetime: only root can withdraw what it has published'
wrong homeReady 'bootseal.secrets."x".lifetime: only root can withdraw what it has published. Use the NixOS module, and a system unit with User='
wrong homeCredentialFile "bootseal.credentials.\"app.service\".\"x\": there is no file \"$TMP/missing.yaml\""
wrong mode "bootseal.secrets.x.mode' is not of type"
wrong keep "bootseal.keep' is not of type \`integer between 0 and 100"
wrong directory "bootseal.directory' is not of type"
wrong unknown "bootseal.secrets.x.user' does not exist"
wrong readOnly "bootseal.secrets.x.path' is read-only"
wrong homeOwner "bootseal.secrets.x.owner' does not exist"
wrong homeMissing "there is no file \"$TMP/missing.yaml\""

about "what only the program finds"
unbuildable() { # CASE TEXT
	if build "unbuildable.$1" >wrong.out 2>build.err; then
		fail "$1" "it builds"
	else
		check "$1" grep -qF -- "$2" build.err
	fi
}
unbuildable key '"x": key "NO_SUCH_KEY" is not in the file'
unbuildable unit '"worker" is no unit name'
unbuildable placeholder 'no secret is named "nobody"'
built unchecked unchecked
expect_error 'key "NO_SUCH_KEY" is not in the file' "$BOOTSEAL" activate --check "$(cat unchecked)/host.yaml"

unbuildable shared '"d" is withdrawn when x.service is ready, but "OPENAI_API_KEY" gives'

about "until a unit is ready"
built ready.manifest ready
expect_output '4 files for /run/secrets: nothing wrong' "$BOOTSEAL" activate --check "$(cat ready)/host.yaml"
expect_output '["/run/secrets.ready/a/b","/run/secrets.ready/ANTHROPIC_API_KEY","/run/secrets/OPENCLAW_GATEWAY_TOKEN"]' evaluate ready.paths
unset=$(sed -n 's/^UnsetEnvironment=.*/,"Service &"/p' "$ROOT/contrib/examples/openclaw-gateway.conf" | tr -d '\n')
expect_output "[\"Service ExecStartPost=+$package/bin/bootseal release --for %n --when /run/x/%%75p\",\"Service ExecStartPre=+$package/bin/bootseal activate --for %n\",\"Service ExecStopPost=+$package/bin/bootseal release --for %n\"$unset]" \
	evaluate ready.service
expect_output '["sysinit-reactivation.target","y.service","web@a.service","x.service"]' evaluate ready.before
expect_output '"asDropinIfExists"' evaluate ready.strategy
expect_output '"/run/secrets.ready/web.env"' evaluate ready.environment
expect_output "[\"Service EnvironmentFile=-/run/secrets.ready/web.env\",\"Service ExecStartPost=+$package/bin/bootseal release --for %n --when /run/web\",\"Service ExecStartPre=+$package/bin/bootseal activate --for %n\",\"Service ExecStopPost=+$package/bin/bootseal release --for %n\"$unset,\"asDropin\"]" \
	evaluate ready.instance

about "OpenClaw"
built example.environment.etc.bootseal.source openclaw
check "the build checks" grep -q '^1 files\? for /run/secrets: nothing wrong$' openclaw.log
expect_output '"/run/secrets.ready/openclaw/secrets.json"' evaluate example.services.openclaw-gateway.config.secrets.providers.bootseal.path
expect_output "[\"+$package/bin/bootseal activate --for %n\",\"own\"]" evaluate example.systemd.services.openclaw-gateway.serviceConfig.ExecStartPre
expect_output "[\"+$package/bin/bootseal release --for %n --when http://127.0.0.1:18789/healthz\"]" evaluate example.systemd.services.openclaw-gateway.serviceConfig.ExecStartPost
check "nothing of it is in the configuration" sh -c "! grep -r 'gateway-token-4f1d' '$(cat openclaw)'"

about "bootseal-openclaw-recipes(7)"
awk '/^\.S[hs] / { on = $0 == ".Ss NixOS" } /^\.Ed/ { open = 0 } open { print } on && /^\.Bd -literal/ { open = 1 }' \
	"$ROOT/man/bootseal-openclaw-recipes.7" >flake.nix
echo '{ }' | tee configuration.nix >home.nix
built recipes.system.manifest system
expect_output '1 file for /run/secrets: nothing wrong' "$BOOTSEAL" activate --check "$(cat system)/host.yaml"
built recipes.home.manifest home-manifest
expect_output '1 file for %t/secrets: nothing wrong' "$BOOTSEAL" activate --check "$(cat home-manifest)/user.yaml"
expect_output '{"kernel.yama.ptrace_scope":1}' evaluate recipes.system.sysctl
lines recipes.system.service >service
check "the gateway's user may not publish by itself" [ "$(grep -c 'ExecSt[a-zA-Z]*=+.*/bin/bootseal ' service)" -eq 3 ]
expect_output '{"WantedBy":["default.target"]}' evaluate recipes.home.starts
check "the user's gateway comes after its secrets" grep -q '"openclaw-gateway.service"' <(evaluate recipes.home.order)
expect_output '"${XDG_RUNTIME_DIR}/secrets/openclaw/secrets.json"' evaluate recipes.home.json.secrets.providers.bootseal.path

about "README.md"
sed -n '/72-nix.sh evaluates this/,/^```$/p' "$ROOT/README.md" | sed -e '/^<!--/d' -e '/^```/d' >readme.nix
cp openclaw.yaml secrets/web1.yaml
built readme.manifest readme
expect_output '"/run/secrets/worker.env"' evaluate readme.environmentFile

about "home-manager"
built home.manifest home-manifest
expect_output '2 files for %t/secrets: nothing wrong' "$BOOTSEAL" activate --check "$(cat home-manifest)/user.yaml"
expect_output '"%t/secrets/OPENAI_API_KEY"' evaluate home.path
expect_output '["/home/alice/.ssh/id_ed25519"]' evaluate home.identities
expect_output '{}' evaluate home.idle.xdg.configFile
built home.credentials.manifest credentials
expect_output '0 files for %t/secrets, and credentials: nothing wrong' "$BOOTSEAL" activate --check "$(cat credentials)/user.yaml"
units=$package/lib/systemd/user
expect_output "{\"systemd/user/bootseal-credentials.socket\":\"$units/bootseal-credentials.socket\",\"systemd/user/bootseal-credentials@.service\":\"$units/bootseal-credentials@.service\",\"systemd/user/sockets.target.wants/bootseal-credentials.socket\":\"$units/bootseal-credentials.socket\"}" \
	evaluate home.credentials.units
expect_output '[]' evaluate home.credentials.services
lines home.unit | sort >unit
# contrib/systemd/user/bootseal.service, a line for each value; the manifest is the store's, and a switch reloads.
sed -e '/^#/d' -e '/^$/d' -e "s|@bindir@|$package/bin|" -e "s|%E/bootseal/user.yaml|$(cat home-manifest)/user.yaml|" \
	-e '/^ConditionPathExists=/d' "$ROOT/contrib/systemd/user/bootseal.service" |
	awk -F= '/^\[/ { section = substr($0, 2, length($0) - 2); next }
		$1 ~ /^(After|Before|Conflicts|Documentation|WantedBy)$/ {
			count = split(substr($0, length($1) + 2), values, " ")
			for (i = 1; i <= count; i++) print section, $1 "=" values[i]
			next
		}
		{ print section, $0 }' >want
printf '%s\n' 'Install WantedBy=worker.service' 'Unit Before=worker.service' 'Unit X-SwitchMethod=reload' >>want
sort -o want want
expect_same want unit

about "the package"
version=$(sed -n 's/^VERSION := //p' "$ROOT/Makefile")
expect_output "$(echo '{"buildInputs":["libsodium","libyaml","libgcrypt","pcre2"],"doCheck":false,"installTargets":["install"],
	"mainProgram":"bootseal","nativeBuildInputs":["pkg-config"],"pname":"bootseal",
	"source":["LICENSE","Makefile","README.md","SECURITY.md","contrib","include","keys","man","src","tests"],
	"version":"'"$version"'"}' | tr -d '\n\t')" evaluate package

about "the flake"
built flake.module module
check "its check builds" grep -q '^2 files for /run/secrets: nothing wrong$' module.log
expect_output '["aarch64-linux","x86_64-linux"]' evaluate flake.systems
expect_output '["install"]' evaluate flake.default
expect_output '["install-compat"]' evaluate flake.asOthers
expect_output '"bootseal"' evaluate flake.overlay
expect_output true evaluate flake.checks
expect_output '[true,true]' evaluate flake.modules

about "activated"
[ -n "${OWN_MOUNTS-}" ] || skip "needs root and a mount namespace"
empty_run
# As on NixOS: a link that leads elsewhere after each switch.
ln -s "$(cat manifest)" bootseal
run "activate" "$BOOTSEAL" activate "$TMP/bootseal/host.yaml"
check "all of it" grep -q 'generation 1, 9 files' said
expect_output sk-openai-old sh -c 'cat /run/secrets/OPENAI_API_KEY; echo'
expect_output '# "é"	\
token = "123456:telegram"' cat /run/secrets/bridge.conf
expect_same want.der /run/secrets/binary
expect_output 'agenix token' sh -c 'cat /run/secrets/agenix; echo'
expect_output 'daemon 400' stat -c '%U %a' /run/secrets/openclaw/secrets.json
expect_output 'root:daemon 440' stat -c '%U:%G %a' /run/secrets/telegram/token
expect_output /run/secrets/telegram/token readlink /run/bridge/token
expect_absent /run/secrets/app.service

about "a switch to a sealed file of before"
mkdir newer older
cp openclaw.yaml older/
printf 'OPENAI_API_KEY: sk-newer\n' >newer/openclaw.yaml
seal newer/openclaw.yaml
for generation in newer older; do
	printf 'identities: [%s/host_key]\nsecrets: {x: {file: openclaw.yaml, key: OPENAI_API_KEY}}\n' "$TMP" >$generation/host.yaml
	ln -sfn $generation bootseal
	run "$generation" "$BOOTSEAL" activate "$TMP/bootseal/host.yaml"
done
check "is noted" grep -q "\"$TMP/bootseal/openclaw.yaml\" is older than what was opened before" noted
