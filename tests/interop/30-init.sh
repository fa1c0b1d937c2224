# The .sops.yaml that init and the keys commands write is one that real sops follows.
. "${0%/*}/../cli/lib.sh"
need sops ssh-keygen

for name in host host2; do ssh-keygen -q -t ed25519 -N '' -C "root@$name" -f $name; done
mkdir -p "$HOME/.config/sops/age" repository
cd repository
"$BOOTSEAL" keygen -o "$HOME/.config/sops/age/keys.txt" 2>/dev/null
check "init" "$BOOTSEAL" init --operator alice --host web1=../host.pub
silent() { # COMMAND...: succeeds without a word on stderr
	_run "$@"
	if [ $_status -eq 0 ] && [ ! -s "$TMP/.err" ]; then ok "$*"; else fail "succeeds in silence" "$(_shown "$@")"; fi
}
as_host() { # NAME COMMAND...: with that host's key and no other
	local key=$TMP/$1
	shift
	env HOME="$TMP/nowhere" SOPS_AGE_SSH_PRIVATE_KEY_FILE="$key" "$@"
}

# The first sealed file opens with sops, for the operator and (natively or converted) the host.
silent sops decrypt secrets/openclaw.yaml
cp "$TMP/.out" ../first
"$BOOTSEAL" decrypt secrets/openclaw.yaml >../ours
expect_same ../first ../ours
as_host host "$BOOTSEAL" decrypt secrets/openclaw.yaml >../hosts
expect_same ../first ../hosts

# What sops seals by these rules opens here, with either key, and the other way round.
recipients() { grep -o 'recipient: age1.*' "$1" | sort; }
for flavour in block flow text groups; do
	alice=$("$BOOTSEAL" keys show --recipients alice) web1=$("$BOOTSEAL" keys show --recipients web1)
	case $flavour in
	block) ;;
	flow) printf 'keys: [&alice %s, &web1 %s]\ncreation_rules: [{path_regex: ^secrets/, age: [*alice, *web1]}]\n' "$alice" "$web1" >.sops.yaml ;;
	text) printf 'keys:\n  - &x 1\ncreation_rules:\n  - path_regex: ^secrets/\n    age: >-\n      %s,\n      %s\n' "$alice" "$web1" >.sops.yaml ;;
	groups) printf 'keys:\n  - &alice %s\n  - &web1 %s\ncreation_rules:\n  - path_regex: ^secrets/\n    key_groups:\n      - age:\n          - *alice\n          - *web1\n' "$alice" "$web1" >.sops.yaml ;;
	esac
	cp .sops.yaml ../rules
	check "keys add ($flavour)" "$BOOTSEAL" keys add web2 --from ../host2.pub
	printf 'a: secret\n' >secrets/theirs.yaml
	printf 'a: secret\n' >secrets/ours.yaml
	silent sops encrypt -i secrets/theirs.yaml
	expect_status 0 "$BOOTSEAL" encrypt -i secrets/ours.yaml
	recipients secrets/theirs.yaml >../theirs
	recipients secrets/ours.yaml >../ours
	expect_same ../theirs ../ours
	check "three recipients ($flavour)" test "$(wc -l <../theirs)" -eq 3
	for host in host host2; do expect_output 'a: secret' as_host $host "$BOOTSEAL" decrypt secrets/theirs.yaml; done
	silent sops decrypt secrets/ours.yaml

	# The first file, sealed before web2 was there, as the message says.
	if as_host host2 "$BOOTSEAL" decrypt secrets/openclaw.yaml >/dev/null 2>&1; then fail "web2 opens it already"; else ok "not yet"; fi
	expect_status 0 sops updatekeys --yes secrets/openclaw.yaml
	expect_status 0 as_host host2 "$BOOTSEAL" decrypt secrets/openclaw.yaml
	expect_status 0 "$BOOTSEAL" keys remove web2
	check "what web2 can open ($flavour)" test "$(grep -c 'can still open' "$TMP/.err")" -eq 3
	[ $flavour = block ] || expect_same ../rules .sops.yaml
	expect_status 0 sops updatekeys --yes secrets/openclaw.yaml
	check "gone from the first file ($flavour)" test "$(recipients secrets/openclaw.yaml | wc -l)" -eq 2
	rm secrets/theirs.yaml secrets/ours.yaml
done

# A person's SSH key: sops opens the file with it and nothing else, and so what it seals by the rules.
cd "$TMP"
rm -rf "$HOME/.config" repository
mkdir -p "$HOME/.ssh" repository
ssh-keygen -q -t ed25519 -N '' -C bob@laptop -f "$HOME/.ssh/id_ed25519"
ssh-keygen -q -t ed25519 -N '' -C eve@laptop -f eve
cd repository
check "init with an SSH key" "$BOOTSEAL" init --operator bob --host web1=../host.pub
silent sops decrypt secrets/openclaw.yaml
check "and a colleague's" "$BOOTSEAL" keys add eve --person --from ../eve.pub
printf 'a: secret\n' >secrets/theirs.yaml
silent sops encrypt -i secrets/theirs.yaml
expect_output secret sh -c '"$BOOTSEAL" get secrets/theirs.yaml "[\"a\"]"; echo'
printf new | "$BOOTSEAL" set secrets/theirs.yaml '["a"]'
mv "$HOME/.ssh/id_ed25519" ../bob
cp ../eve "$HOME/.ssh/id_ed25519"
check "the colleague's" test "$(sops decrypt --extract '["a"]' secrets/theirs.yaml)" = new
