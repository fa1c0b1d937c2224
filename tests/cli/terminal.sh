# Sourced by tests of what happens on a terminal; needs expect.
#
#   on_terminal ANSWER COMMAND...   runs it on a terminal of its own, and answers its question;
#                                   what was on the terminal goes to $TMP/typed
#   at_prompt TEXT COMMAND...       the same, and TEXT is what is typed at "Value: ", as it is

cat >"$TMP/on-terminal.exp" <<'END'
set timeout 120
spawn -noecho {*}$argv
expect {
	-re {\[(y/N|Y/n)\]} { send "$env(ANSWER)\r"; exp_continue }
	timeout { exit 97 }
	eof { }
}
exit [lindex [wait] 3]
END

on_terminal() {
	ANSWER=$1 expect -f "$TMP/on-terminal.exp" -- "${@:2}" >"$TMP/typed" || return
}

cat >"$TMP/at-prompt.exp" <<'END'
set timeout 120
spawn -noecho {*}$argv
expect {
	-ex {Value: } { send -- $env(ANSWER); exp_continue }
	timeout { exit 97 }
	eof { }
}
exit [lindex [wait] 3]
END

at_prompt() {
	ANSWER=$1 expect -f "$TMP/at-prompt.exp" -- "${@:2}" >"$TMP/typed" || return
}
