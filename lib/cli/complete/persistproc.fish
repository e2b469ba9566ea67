# Completion of persistproc for fish. It knows nothing of commands: persistproc says what a word may
# become. A wrapped program is left to its own completion.

function __persistproc_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l self $words[1]
    type -q -- $self; or set self persistproc
    set -e words[1]
    set -l answer ($self __complete fish $words "$current" 2>/dev/null)
    set -l also $answer[1]
    set -e answer[1]
    string join \n -- $answer
    switch "$also"
        case directories files
            set -l option (string match -r -- '^--[^=]*=' "$current")
            set -l typed (string replace -r -- '^--[^=]*=' '' "$current")
            if test $also = directories
                string replace -r -- '^' "$option" (__fish_complete_directories "$typed")
            else
                string replace -r -- '^' "$option" (__fish_complete_path "$typed")
            end
        case 'program *'
            set -l first (math (string replace 'program ' '' -- $also) + 1)
            if set -q words[$first]
                complete -C (string join ' ' -- (string escape -- $words[$first..-1]) "$current")
            else
                # Only fish itself can run its keywords, builtins, functions and aliases.
                for line in (complete -C "$current")
                    set -l name (string split -f 1 \t -- $line)
                    if string match -q '*/*' -- $name; or command -sq -- $name
                        echo $line
                    end
                end
            end
    end
end

complete -c persistproc -e
complete -k -c persistproc -f -a '(__persistproc_complete)'
