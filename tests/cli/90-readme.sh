# The README's first steps, run as they stand there: only paths that are the system's are put elsewhere.
. "${0%/*}/../cli/lib.sh"
need git ssh-keygen

# The code block behind the comment that says what this script does with it.
block() { # VERB
	awk -v mark="<!-- tests/cli/90-readme.sh $1 this -->" '
		$0 == mark { found = 1; next }
		found && /^```/ { if (open) exit; open = 1; next }
		open { print }' "$ROOT/README.md" |
		sed "s|/etc/ssh|$TMP/etc/ssh|g; s|~/|$HOME/|g"
}

mkdir -p etc/ssh etc/bootseal repository bin
ssh-keygen -q -t ed25519 -N '' -C root@web1 -f etc/ssh/ssh_host_ed25519_key
ln -s "$BOOTSEAL" bin/bootseal
PATH=$TMP/bin:$PATH
cd repository
git init -q .

block runs >steps
check "the README has steps" test -s steps
while read -r step; do
	case $step in
	*' set '*) printf 'readme-token' >value ;;
	*) : >value ;;
	esac
	if sh -c "$step" <value >said 2>&1; then ok "$step"; else fail "$step" "$(cat said)"; fi
done <steps

sealed=secrets/openclaw.yaml
check "the token's name is there" grep -q OPENCLAW_GATEWAY_TOKEN $sealed
if grep -q readme-token $sealed; then fail "the token is in the file"; else ok "the token is not in the file"; fi
check "the operator reads it" test "$("$BOOTSEAL" get $sealed '["OPENCLAW_GATEWAY_TOKEN"]')" = readme-token
check "git has what was added" test "$(git diff --cached --name-only | wc -l)" -ge 4

# The host has its own key, and not the operator's.
cp $sealed "$TMP/etc/bootseal/openclaw.yaml"
block checks | sed "s/owner: openclaw/owner: $(id -un)/" >"$TMP/etc/bootseal/host.yaml"
chmod 644 "$TMP/etc/bootseal/host.yaml"
expect_status 0 "$BOOTSEAL" activate --check "$TMP/etc/bootseal/host.yaml"
mv "$HOME/.config" "$HOME/gone"
export SOPS_AGE_SSH_PRIVATE_KEY_FILE=$TMP/etc/ssh/ssh_host_ed25519_key
check "the host reads it" test "$("$BOOTSEAL" get $sealed '["OPENCLAW_GATEWAY_TOKEN"]')" = readme-token
