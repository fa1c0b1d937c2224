# Completion of bootseal's command line in fish. What there is, the program says itself ("bootseal help --dump").

# The command that the words before the cursor name: one word, or two ("keys add").
function __bootseal_command
    set -l words (commandline -opc)
    set -e words[1]
    string match -rq -- '^-' "$words[1]"; and return
    switch "$words[1]"
        case keys groups
            echo "$words[1] $words[2]"
        case '*'
            echo "$words[1]"
    end
end

function __bootseal_is
    test (__bootseal_command) = "$argv"
end

function __bootseal_needs_second
    set -l words (commandline -opc)
    test (count $words) -eq 2; and test "$words[2]" = "$argv[1]"
end

bootseal help --dump 2>/dev/null | while read -l -d \t kind name long letter value help
    set -l words (string split ' ' -- $name)
    switch $kind
        case command
            if test (count $words) -eq 2
                complete -c bootseal -n __fish_use_subcommand -x -a $words[1] -d "$words[1] ..."
                complete -c bootseal -n "__bootseal_needs_second $words[1]" -x -a $words[2] -d "$long"
            else
                complete -c bootseal -n __fish_use_subcommand -x -a $name -d "$long"
            end
        case option
            set -l flags
            if string match -q -- '--*' $long
                set flags -l (string sub -s 3 -- $long)
            else
                set flags -o (string sub -s 2 -- $long)
            end
            test "$letter" = -; or set -a flags -s (string sub -s 2 -- $letter)
            switch $value
                case -
                case '*FILE*' DIRECTORY
                    set -a flags -r
                case '*'
                    set -a flags -x
            end
            complete -c bootseal -n "__bootseal_is $name" $flags -d "$help"
    end
end
complete -c bootseal -n '__bootseal_is keys show; or __bootseal_is keys remove' -x \
    -a '(bootseal keys list 2>/dev/null | string replace -r " .*" "")'
