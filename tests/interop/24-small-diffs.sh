# Small diffs: in a file that sops sealed, edit changes the lines of what was changed, and no other byte.
. "${0%/*}/sops.sh"
documents=${BOOTSEAL_DOCUMENTS:-60}
[ "$documents" -le 100 ] || documents=100
seed=${BOOTSEAL_SEED:-1}

# The lines of the first that the second has not, but for the stamp.
lost() { diff "$1" "$2" | sed -n '/^< [[:blank:]]*"*\(sops_\)*\(mac\|lastmodified\)"* *[:=]/d; /^</p' | cut -c 1-60; }
expect_kept() { # BEFORE AFTER WHAT
	lost "$1" "$2" >.lost
	check "$3: all other lines stay" test ! -s .lost
	[ ! -s .lost ] || cat .lost
}

about "how sops spells"
cat >plain.yaml <<'END'
int: 1
looks: "123"
yes: "yes"
block: |
  m
  n
kept: |+
  x


lead: "  x\n y"
stripped: |-
  a
  b
list:
- a
# of the list
- "5"
- x: 1
  # of the map
  y: "2"
# behind it
flow: {x: 1, y: "2", z: [a, "3"]}
time: 2020-01-01
float: 1.0
hex: 0x1F
"null": null
empty: ""
folded: >-
  aa
  bb
last: |
  one

  two
END
sops encrypt --age "$recipient" plain.yaml >before.yaml
edited() { # NAME SED-SCRIPT: before.yaml is edited, to after.yaml
	cp before.yaml after.yaml
	check "$1" env EDITOR="sed -i $2" "$BOOTSEAL" edit after.yaml
	sops decrypt after.yaml >theirs.out 2>err
	check "$1: no warning of sops" test ! -s err
	"$BOOTSEAL" decrypt after.yaml >ours.out
}
edited "a value more" '-e 1izz:\ 1'
expect_kept before.yaml after.yaml "a value more"
"$BOOTSEAL" decrypt before.yaml | sed -e '1izz: 1' >expected
expect_same expected ours.out
edited "blank lines" '-e /^[bs]/s/^/\\n/'
expect_kept before.yaml after.yaml "blank lines"
edited "a comment behind" "-e '/^looks/s/\$/ # note/'"
check "a comment behind: it joins the line" grep -q "^looks: ENC.*\] #ENC" after.yaml
edited "another indentation" "-e '/^list:/,/^# behind/s/^ /   /'"
sed '/^list:/,/^flow:/s/^ /   /' before.yaml >expected
expect_kept expected after.yaml "another indentation"
# what is spelled otherwise now is sealed so that it comes back so
edited "another spelling" "-e 's/^looks:.*/looks: !!str 123/' -e \"s/^.yes.:.*/'yes': 'yes'/\""
check "another spelling comes back" grep -qx "looks: !!str 123" ours.out
check "another spelling comes back" grep -qx "'yes': 'yes'" ours.out
check "another spelling: two lines" test "$(lost before.yaml after.yaml | wc -l)" = 2

printf '[s]\nA=1\nspaces = "  sp "\nlines="""m\nn"""\ntick=`a;b`\nlast=x\n' >plain.ini
sops encrypt --age "$recipient" plain.ini >before.ini
cp before.ini after.ini
check "ini" env EDITOR="sed -i s/^last.*/last=y/" "$BOOTSEAL" edit after.ini
check "ini: one line changes" test "$(lost before.ini after.ini | wc -l)" = 1

about "a map or list that is set"
printf 'a:\n    b: one\n    c: 2\n    l:\n        - x\n        - x\n' >plain.yaml
sops encrypt --age "$recipient" plain.yaml >before.yaml
cp before.yaml after.yaml
echo '{"b":"one","c":3,"l":["x","x","x"]}' | "$BOOTSEAL" set --value-stdin after.yaml '["a"]'
check "what is the same stays" test "$(lost before.yaml after.yaml | wc -l)" = 1
check "equal items are not sealed equal" test -z "$(grep -- '- ENC' after.yaml | sort | uniq -d)"

# The same of random documents, with a value more.
add() { # FILE: as an editor
	case $1 in
	*.yaml) printf '\nzz_added: new\n' >>"$1" ;;
	*.json) sed -i '1s/^{$/{\n\t"zz_added": "new",/' "$1" ;;
	*.env) printf '\nzz_added=new\n' >>"$1" ;;
	*.ini) printf '\n[zz_added]\nk=new\n' >>"$1" ;;
	esac
}
export -f add
printf '#!/bin/bash\nadd "$1"\n' >editor
chmod +x editor
random_document() { # FILE: 1 if sops does not take it
	sops encrypt --age "$recipient" "$1" >"before.${1##*.}" 2>err || return 0
	cp "before.${1##*.}" "after.${1##*.}"
	# some comments sops seals so that it does not open them itself: edit mends that
	sops decrypt "before.${1##*.}" >"more.${1##*.}" 2>err && [ ! -s err ] || return 0
	# some end so that nothing can be put behind them; edit joins the metadata of several documents
	case $1 in *.json) [ "$(wc -l <more.json)" -gt 1 ] || return 0 ;; esac # {}
	add "more.${1##*.}"
	sops encrypt --age "$recipient" "more.${1##*.}" >more 2>err || return 0
	! grep -qx -e --- more || return 0
	if ! EDITOR=$TMP/editor "$BOOTSEAL" edit "after.${1##*.}" 2>err; then
		fail "$1 is edited" "$(cat err)"
		return
	fi
	lost "before.${1##*.}" "after.${1##*.}" >.lost
	if [ -s .lost ]; then fail "$1 keeps its lines" "$(cat .lost)"; else ok; fi
	sops decrypt "after.${1##*.}" >theirs.out 2>err || fail "$1: sops opens it" "$(cat err)"
	if [ -s err ]; then fail "$1: no warning of sops" "$(cat err)"; fi
}
for format in yaml json env ini; do
	about "random $format"
	mkdir "$format"
	case $format in
	yaml) python3 "$ROOT/tests/interop/gen_yaml.py" --plain --seed "$seed" --count "$documents" "$format" ;;
	json) python3 "$ROOT/tests/interop/gen_json.py" --seed "$seed" --count "$documents" "$format" ;;
	*) python3 "$ROOT/tests/interop/gen_flat.py" --format "$format" --seed "$seed" --count "$documents" "$format" ;;
	esac
	for file in "$format"/*; do
		random_document "$file"
	done
done
