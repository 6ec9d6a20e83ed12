#include "cli/completion.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace natc::cli {

namespace {

/// What fits beside a word in a list: the first sentence, or its first part.
std::string_view brief(std::string_view about) { return about.substr(0, std::min(about.find(". "), about.find("; "))); }

/// Every name that an option goes by.
std::vector<std::string_view> names_of(const Option& option) {
    if (option.short_name().empty()) return {option.long_name()};
    return {option.short_name(), option.long_name()};
}

/// The options that take a value, of whichever command: ` -t --target …`.
std::set<std::string_view> names_with_values(std::span<const Command> commands) {
    std::set<std::string_view> all;
    for (const Command& command : commands)
        for (const Option& option : command.options)
            if (!option.value.empty())
                for (const std::string_view name : names_of(option)) all.insert(name);
    return all;
}

std::vector<std::string_view> names_of(std::span<const Command> commands) {
    std::vector<std::string_view> names;
    for (const Command& command : commands) names.push_back(command.name);
    return names;
}

/// `text` with each of `marked` behind a backslash.
std::string escaped(std::string_view text, std::string_view marked) {
    std::string out;
    for (const char c : text) {
        if (marked.find(c) != std::string_view::npos) out += '\\';
        out += c;
    }
    return out;
}

void replace(std::string& text, std::string_view mark, std::string_view by) { text.replace(text.find(mark), mark.size(), by); }

// bash ------------------------------------------------------------------------------------------------------------------------------------

constexpr std::string_view bash_frame = R"script(# natc's completion for bash, made by `natc completion bash`

_natc_words() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$current"); }

# .net files and folders, or any file where none of these begins like that; with words that stand for more.
_natc_input() {
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -W "$1" -- "$current"; compgen -f -X '!*.net' -- "$current"; compgen -d -- "$current")
    ((${#COMPREPLY[@]})) || _natc_file
}

_natc_file() {
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
}

_natc_code() { _natc_words "$("${COMP_WORDS[0]}" rule --list 2>/dev/null | cut -d ' ' -f 1)"; }

_natc() {
    local current=${COMP_WORDS[COMP_CWORD]} command= option= word i position=0
    COMPREPLY=()
    # What stands ahead: the command, how many arguments follow it, and the option whose value is next. `--target=nft` comes as three words.
    for ((i = 1; i < COMP_CWORD; ++i)); do
        word=${COMP_WORDS[i]}
        if [[ $word == = ]]; then
            continue
        elif [[ $option ]]; then
            option=
            continue
        fi
        case $word in
            @with_values@) option=$word ;;
            -?*) ;;
            *)
                if [[ -z $command ]] && ((position == 0)); then
                    case $word in
                        @commands@)
                            command=$word
                            continue
                            ;;
                    esac
                fi
                ((++position))
                ;;
        esac
    done
    [[ $current == = ]] && current=

    if [[ $option ]]; then
        case "${command:-@usual@} $option" in
@values@        esac
    elif [[ $current == -* ]]; then
        case $command in
@options@        esac
    elif [[ -z $command ]] && ((position == 0)); then
        _natc_input '@command_words@'
    else
        case "${command:-@usual@} $position" in
@arguments@        esac
    fi
}

complete -F _natc natc
)script";

std::string bash_action(Takes takes, const std::vector<std::string_view>& choices) {
    switch (takes) {
        case Takes::choice: return fmt::format("_natc_words '{}'", fmt::join(choices, " "));
        case Takes::input: return "_natc_input ''";
        case Takes::file: return "_natc_file";
        case Takes::code: return "_natc_code";
        case Takes::words: break;
    }
    return "";
}

std::string bash(std::span<const Command> commands) {
    const std::string_view usual = commands.front().name;
    std::string values;
    std::string options;
    std::string arguments;
    for (const Command& command : commands) {
        std::string all;
        for (const Option& option : command.options) {
            for (const std::string_view name : names_of(option)) all += fmt::format("{} ", name);
            if (option.value.empty() || option.takes == Takes::words) continue;
            std::vector<std::string> patterns;
            for (const std::string_view name : names_of(option)) patterns.push_back(fmt::format("'{} {}'", command.name, name));
            values += fmt::format("            {}) {} ;;\n", fmt::join(patterns, " | "), bash_action(option.takes, option.choices));
        }
        all += "-h --help";
        if (command.name == usual) options += fmt::format("            '') _natc_words '{} --version' ;;\n", all);
        options += fmt::format("            {}) _natc_words '{}' ;;\n", command.name, all);
        std::size_t position = 0;
        for (const Argument& argument : command.arguments) {
            const std::string at = argument.several ? "*" : fmt::format("{}", position++);
            if (argument.takes != Takes::words) arguments += fmt::format("            \"{} \"{}) {} ;;\n", command.name, at, bash_action(argument.takes, argument.choices));
        }
    }
    std::string script(bash_frame);
    replace(script, "@with_values@", fmt::format("{}", fmt::join(names_with_values(commands), " | ")));
    replace(script, "@commands@", fmt::format("{}", fmt::join(names_of(commands), " | ")));
    replace(script, "@usual@", usual);
    replace(script, "@values@", values);
    replace(script, "@options@", options);
    replace(script, "@command_words@", fmt::format("{}", fmt::join(names_of(commands), " ")));
    replace(script, "@usual@", usual);
    replace(script, "@arguments@", arguments);
    return script;
}

// zsh -------------------------------------------------------------------------------------------------------------------------------------

constexpr std::string_view zsh_frame = R"script(#compdef natc
# natc's completion for zsh, made by `natc completion zsh`

_natc_code() {
    local -a codes
    codes=(${(f)"$(_call_program codes natc rule --list 2>/dev/null | sed -E 's/^(N[0-9]+) +[a-z]+ +/\1:/')"})
    _describe -t codes code codes
}

_natc_first() {
    local -a commands
    commands=(
@commands@    )
    _alternative 'commands:command:{ _describe -t commands command commands }' 'files:file:{ _files -g "*.net(-.)" }'
}

_natc() {
    local curcontext=$curcontext state line
    # Options behind the first word are the command's.
    _arguments -C -s -A '-*' \
@usual_options@        '(- *)--version[print the version of natc]' \
        '1:command or file:_natc_first' '*:: :->rest' && return
    [[ $state == rest ]] || return
    case $words[1] in
@cases@    esac
}

_natc "$@"
)script";

/// In single quotes, where a specification of _arguments takes it as it is.
std::string zsh_quoted(std::string_view text) {
    std::string out;
    for (const char c : escaped(text, "\\:[]")) c == '\'' ? out += "'\\''" : out += c;
    return out;
}

std::string zsh_action(Takes takes, const std::vector<std::string_view>& choices) {
    switch (takes) {
        case Takes::choice: return fmt::format("({})", fmt::join(choices, " "));
        case Takes::input: return "_files -g \"*.net(-.)\"";
        case Takes::file: return "_files";
        case Takes::code: return "_natc_code";
        case Takes::words: break;
    }
    return " ";
}

std::string zsh_options(const Command& command, std::string_view indent) {
    std::string out;
    for (const Option& option : command.options) {
        const std::string about = zsh_quoted(brief(option.about));
        const std::string value = option.value.empty() ? std::string() : fmt::format(":{}:{}", option.value, zsh_action(option.takes, option.choices));
        if (option.short_name().empty()) {
            out += fmt::format("{}'{}{}[{}]{}' \\\n", indent, option.long_name(), value.empty() ? "" : "=", about, value);
            continue;
        }
        const std::string_view both = value.empty() ? "" : "=";
        out += fmt::format("{}'({} {})'{{{}{},{}{}}}'[{}]{}' \\\n", indent, option.short_name(), option.long_name(), option.short_name(), value.empty() ? "" : "+", option.long_name(), both, about, value);
    }
    return out + fmt::format("{}'(- *)'{{-h,--help}}'[tell how it is used]' \\\n", indent);
}

std::string zsh(std::span<const Command> commands) {
    std::string names;
    std::string cases;
    for (const Command& command : commands) {
        names += fmt::format("        '{}:{}'\n", command.name, zsh_quoted(brief(command.summary)));
        std::string arguments;
        for (const Argument& argument : command.arguments)
            arguments += fmt::format(" '{}:{}:{}'", argument.several ? "*" : "", argument.name, zsh_action(argument.takes, argument.choices));
        cases += fmt::format("        {})\n            _arguments -s \\\n{}               {}\n            ;;\n", command.name, zsh_options(command, "                "), arguments);
    }
    // `natc FILE …`: what its first word would be is there already.
    cases += fmt::format("        *)\n            _arguments -s \\\n{}                ':'\n            ;;\n", zsh_options(commands.front(), "                "));
    std::string script(zsh_frame);
    replace(script, "@commands@", names);
    replace(script, "@usual_options@", zsh_options(commands.front(), "        "));
    replace(script, "@cases@", cases);
    return script;
}

// fish ------------------------------------------------------------------------------------------------------------------------------------

constexpr std::string_view fish_frame = R"script(# natc's completion for fish, made by `natc completion fish`

# Whether the cursor is in the command $argv[1], and, if $argv[2] is given, in its argument of that number; `+` behind the number: or a further one.
function __natc_at
    set -l words (commandline -opc)
    set -l command
    set -l position 0
    set -l value no
    for word in $words[2..]
        if test $value = yes
            set value no
            continue
        end
        switch $word
            case @with_values@
                set value yes
            case -
                set position (math $position + 1)
            case '-*'
            case @commands@
                if test -z "$command" -a $position = 0
                    set command $word
                else
                    set position (math $position + 1)
                end
            case '*'
                set position (math $position + 1)
        end
    end
    switch $argv[1]
        case first
            test -z "$command" -a $position = 0
            return
        case @usual@
            test -z "$command" -o "$command" = @usual@
            or return
        case '*'
            test "$command" = $argv[1]
            or return
    end
    switch "$argv[2]"
        case ''
        case '*+'
            test $position -ge (string trim -c + -- $argv[2])
        case '*'
            test $position = $argv[2]
    end
end

function __natc_codes
    natc rule --list 2>/dev/null | string replace -r ' +[a-z]+ +' \t
end

complete -c natc -f
complete -c natc -s h -l help -d 'tell how it is used'
complete -c natc -n '__natc_at first' -l version -d 'print the version of natc'
)script";

std::string fish_quoted(std::string_view text) { return escaped(text, "\\'"); }

std::string fish_action(Takes takes, const std::vector<std::string_view>& choices) {
    switch (takes) {
        case Takes::choice: return fmt::format(" -a '{}'", fmt::join(choices, " "));
        case Takes::input: return " -k -a '(__fish_complete_suffix .net)'";
        case Takes::file: return " -F";
        case Takes::code: return " -k -a '(__natc_codes)'";
        case Takes::words: break;
    }
    return "";
}

std::string fish(std::span<const Command> commands) {
    std::string script(fish_frame);
    const std::string_view usual = commands.front().name;
    replace(script, "@with_values@", fmt::format("{}", fmt::join(names_with_values(commands), " ")));
    replace(script, "@commands@", fmt::format("{}", fmt::join(names_of(commands), " ")));
    replace(script, "@usual@", usual);
    replace(script, "@usual@", usual);
    for (const Command& command : commands) {
        script += fmt::format("\ncomplete -c natc -n '__natc_at first' -a {} -d '{}'\n", command.name, fish_quoted(brief(command.summary)));
        for (const Option& option : command.options) {
            script += fmt::format("complete -c natc -n '__natc_at {}'", command.name);
            if (!option.short_name().empty()) script += fmt::format(" -s {}", option.short_name().substr(1));
            script += fmt::format(" -l {} -d '{}'", option.long_name().substr(2), fish_quoted(brief(option.about)));
            if (!option.value.empty()) script += (option.takes == Takes::file || option.takes == Takes::input ? " -r" : " -x") + fish_action(option.takes, option.choices);
            script += '\n';
        }
        for (std::size_t i = 0; i < command.arguments.size(); ++i) {
            const Argument& argument = command.arguments[i];
            if (argument.takes == Takes::words) continue;
            script += fmt::format("complete -c natc -n '__natc_at {} {}{}'{}\n", command.name, i, argument.several ? "+" : "", fish_action(argument.takes, argument.choices));
        }
    }
    return script;
}

}  // namespace

std::string completion(Shell shell, std::span<const Command> commands) {
    switch (shell) {
        case Shell::bash: return bash(commands);
        case Shell::zsh: return zsh(commands);
        case Shell::fish: return fish(commands);
    }
    return {};
}

Status print_completion(const CompletionOptions& options) { return print_result(completion(options.shell, define_commands())); }

}  // namespace natc::cli
