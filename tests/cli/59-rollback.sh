#!/usr/bin/env bash
# rollback: the generation before is live again, as it was; units are told; the next activation ends it.
# And what status says of each generation: when, from which commit and files, and which of them are older.
. "${0%/*}/activate.sh"
own_mounts
. "${0%/*}/lib.sh"
empty_run
fake_systemctl

host <<'END'
identities: [host_key]
keep: 3
secrets:
  token: {file: openclaw.yaml, key: OPENCLAW_GATEWAY_TOKEN, owner: 4242}
  openai: {file: openclaw.yaml, key: OPENAI_API_KEY, mode: "0440", restart: [openai.service]}
  a: {file: flat.yaml, key: A, reload: [a.service]}
templates:
  t.conf: {content: "{{ openai }}", restart: [t.service]}
END
set_openai() { printf %s "$1" | SOPS_AGE_SSH_PRIVATE_KEY_FILE=host_key "$BOOTSEAL" set openclaw.yaml '["OPENAI_API_KEY"]'; }
value() { cat "/run/secrets/$1"; echo; }
time_of() { sed -n 's/^.*generation [0-9]* of \([0-9TZ:-]*\).*/\1/p' "$1" | head -n 1; }

# --- nothing to go back to
expect_error 'nothing is live in "/run/secrets"' "$BOOTSEAL" rollback host.yaml
expect_absent /run/secrets /run/.secrets.lock
run "1" "$BOOTSEAL" activate host.yaml
expect_error 'there is no generation before 1; "keep" in the manifest' "$BOOTSEAL" rollback host.yaml
expect_status 1 "$BOOTSEAL" rollback host.yaml
one=$(listing /run/secrets/)

# --- one step: bytes, owner, mode, names, and who is told
set_openai sk-2
sed -i -e 's/owner: 4242/owner: 4243/' -e 's/^  a:/  b:/' host.yaml
cp host.yaml second.yaml
run "2" "$BOOTSEAL" activate host.yaml
"$BOOTSEAL" status host.yaml >status
two=$(listing /run/secrets/)
rm -f systemctl.log
before=$(listing /run)
run "a dry run" "$BOOTSEAL" rollback --dry-run host.yaml
printf '%s\n' "would add a" "would change token" "would change openai" "would change t.conf" "would remove b" \
	"would restart openai.service" "would restart t.service" "would reload a.service" >want
expect_same want <(sed 1d said)
check "a dry run's heading" grep -q '^/run/secrets: generation 1 of 20.*Z, would be live instead of generation 2, until' said
[ "$before" = "$(listing /run)" ] && ok "a dry run writes nothing" || fail "a dry run writes"
expect_absent systemctl.log
# The manifest need not even parse.
echo 'broken: [' >host.yaml
expect_status 2 "$BOOTSEAL" rollback host.yaml
run "rollback" "$BOOTSEAL" rollback --directory /run/secrets
sed -e 's/would add/added/' -e 's/would change/changed/' -e 's/would remove/removed/' -e 's/would //' want >want2
expect_same want2 <(sed 1d said)
check "the heading" grep -q '^/run/secrets: generation 1 of 20.*Z, is live again instead of generation 2, until the next activation or boot$' said
[ "$(listing /run/secrets/ | grep -v .bootseal.rollback)" = "$one" ] && ok "as it was" || fail "not as it was" "$(listing /run/secrets/)"
expect_output sk-openai-old value openai
expect_output sk-openai-old value t.conf
expect_output secrets.d/1 readlink /run/secrets
expect_output 751 stat -c %a /run/secrets.d/1
expect_output 700 stat -c %a /run/secrets.d/2
expect_absent /run/secrets/.bootseal.units
printf -- '--no-block %s\n' 'try-restart -- openai.service' 'try-restart -- t.service' 'try-reload-or-restart -- a.service' >want
expect_same want systemctl.log
rm systemctl.log
check "read-only" grep -q ' /run/secrets.d ro,' /proc/self/mountinfo

# --- status says so
run "status" "$BOOTSEAL" status --directory /run/secrets
check "it says so" grep -qx 'rolled back from generation 2, until the next activation or boot' said
check "when" test "$(time_of said)" != ""
run "status --json" "$BOOTSEAL" status --json --directory /run/secrets
check "--json" grep -q '"rolledBackFrom":2,"generation":1,' said
expect_error 'there is no generation before 1' "$BOOTSEAL" rollback --directory /run/secrets

# --- the next activation ends it, and goes by the files
cp second.yaml host.yaml
run "activate" "$BOOTSEAL" activate host.yaml
check "a note" grep -q 'note: generation 1 was live by a rollback, which this ends' noted
expect_output sk-2 value openai
[ "$(listing /run/secrets/)" = "$two" ] && ok "as generation 2 was" || fail "another" "$(listing /run/secrets/)"
run "status" "$BOOTSEAL" status host.yaml
expect_status 1 grep -q 'rolled back' said
rm -f systemctl.log

# --- several steps, and who was told of none is told
set_openai sk-3
run "3" "$BOOTSEAL" activate host.yaml
set_openai sk-4
echo 1 >systemctl.status
expect_status 31 "$BOOTSEAL" activate host.yaml
expect_status 31 "$BOOTSEAL" rollback host.yaml
check "not told" grep -q 'but openai.service and 1 more units were not told' .err
expect_output sk-3 value openai
rm systemctl.status systemctl.log
run "a second" "$BOOTSEAL" rollback host.yaml
expect_output sk-2 value openai
run "status" "$BOOTSEAL" status host.yaml
check "from the first" grep -qx 'rolled back from generation 4, until the next activation or boot' said
rm systemctl.log
set_openai sk-5
run "3 again" "$BOOTSEAL" activate host.yaml
expect_output 3 sh -c 'readlink /run/secrets | cut -d/ -f2'
expect_output sk-5 value openai
expect_absent /run/secrets.d/4
expect_output "1 2 3" sh -c 'echo $(ls /run/secrets.d)'

# --- each generation's record
run "status" "$BOOTSEAL" status host.yaml
expect_output "2 1" sh -c 'echo $(sed -n "s/^older generation \([0-9]*\) of 20.*Z$/\1/p" said)'
# The manifest and openclaw.yaml of generation 1, the latter of generation 2.
check "with its files" test "$(grep -c "^	$TMP/.*: changed since" said)" -eq 3
check "no value is in a record" bash -c '! grep -rqE "sk-[0-9o]|gateway-token|value-of-a" /run/secrets.d/*/.bootseal.json'
for generation in 1 2 3; do expect_output "0:0 400" stat -c '%u:%g %a' /run/secrets.d/$generation/.bootseal.json; done
if command -v python3 >/dev/null; then
	expect_output "[3, 2, 1] 1" python3 - <<-'END'
		import json, subprocess, os, hashlib
		said = json.loads(subprocess.run([os.environ["BOOTSEAL"], "status", "--json", "host.yaml"], capture_output=True).stdout)
		digest = hashlib.sha256(open("openclaw.yaml", "rb").read()).hexdigest()
		every = [said] + said["older"]
		print([g["generation"] for g in every], sum(s["sha256"] == digest for g in every for s in g["sources"]))
	END
else
	skip_one "status --json, read by another" "python3 is not installed"
fi

# --- a sealed file that was put back: said by each activation and by status, for as long as it is so
cp openclaw.yaml newest.yaml
cp "$VECTORS/openclaw.yaml" openclaw.yaml
for round in 1 2; do
	run "older $round" "$BOOTSEAL" activate host.yaml
	check "noted $round" grep -q "note: \"$TMP/openclaw.yaml\" is older than what was opened before: of 20" noted
done
run "status" "$BOOTSEAL" status host.yaml
check "status" grep -q "^$TMP/openclaw.yaml: as activated, of 20.*Z and older than what was opened before, of 20.*Z\$" said
cp newest.yaml openclaw.yaml
run "newer" "$BOOTSEAL" activate host.yaml
[ ! -s noted ] && ok "nothing to note" || fail "noted" "$(cat noted)"
# A rollback does not make an old file pass.
run "rollback" "$BOOTSEAL" rollback host.yaml
cp "$VECTORS/openclaw.yaml" openclaw.yaml
run "older than what was rolled back" "$BOOTSEAL" activate host.yaml
check "noted" grep -q 'is older than what was opened before' noted

# --- the commit
if command -v git >/dev/null; then
	export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
	git() { command git -c user.name=x -c user.email=x@example -c init.defaultBranch=main "$@"; }
	mkdir -p repo/hosts
	cp ./*.yaml host_key repo/hosts/
	chmod -R go-w repo
	(cd repo && git init -q . && git add -A && git commit -qm one) >/dev/null
	commit() { # NAME DIRECTORY
		run "$1" "$BOOTSEAL" activate "$2/hosts/host.yaml"
		run "$1: status" "$BOOTSEAL" status "$2/hosts/host.yaml"
		check "$1: the commit" grep -qx "commit $(command git -C "$2" rev-parse HEAD)" said
	}
	commit "a branch" repo
	git -C repo pack-refs --all
	commit "packed" repo
	git -C repo checkout -q --detach
	commit "no branch" repo
	git -C repo worktree add -q -b other ../tree 2>/dev/null
	chmod -R go-w tree repo
	chmod 600 tree/hosts/host_key
	git -C tree commit -q --allow-empty -m two
	commit "another work tree" tree
	run "rollback" "$BOOTSEAL" rollback --json tree/hosts/host.yaml
	check "what comes back is of that commit" grep -q "\"revision\":\"$(command git -C repo rev-parse HEAD)\"" said
	# A repository that is another's says nothing.
	chown 65534 repo/.git
	run "another's" "$BOOTSEAL" activate repo/hosts/host.yaml
	run "another's: status" "$BOOTSEAL" status repo/hosts/host.yaml
	expect_status 1 grep -q '^commit' said
else
	skip_one "the commit" "git is not installed"
fi

# --- what the kernel refuses leaves what is live
run "one more" "$BOOTSEAL" activate host.yaml
if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null; then
	rm -rf /run/mount # of the mount programs
	listing /run >before
	for call in symlinkat renameat fchmodat mkdirat open_tree; do
		ASAN_OPTIONS=detect_leaks=0 strace -f -q -o /dev/null -e inject=$call:error=EIO "$BOOTSEAL" rollback host.yaml >out 2>err && status=0 || status=$?
		case $call:$status in
		mkdirat:0) ok "$call is not called"; run "back" "$BOOTSEAL" activate host.yaml; rm -rf /run/mount; listing /run >before ;;
		*:0) fail "$call is no error" "$(cat out err)" ;;
		*) [ "$(wc -l <err)" -eq 1 ] && ok "$call: one line" || fail "$call" "$(cat err)" ;;
		esac
		rm -rf /run/mount
		# Its marks may be in the generation that did not come back.
		grep -v '\.bootseal\.[ru]' before >was
		listing /run | grep -v '\.bootseal\.[ru]' >now
		expect_same was now
	done
else
	skip_one "what the kernel refuses" "strace is not to be had"
fi
expect_output "/run/secrets: removed" "$BOOTSEAL" deactivate host.yaml
