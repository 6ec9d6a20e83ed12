# shellcheck shell=bash
# Sourced: what stands in grammar/natc.ebnf, for tests that hold something against it.

# ebnf_rules EBNF: its rules, without comments; character classes and literals in single quotes are blanked out.
ebnf_rules() {
    tr '\n' '\1' <"$1" | sed -E 's,/\*([^*]|\*[^/])*\*/,,g' | tr '\1' '\n' | sed -E "s/'[^']*'/ /g; s/\[[^]]*\]/ /g; s/#x[0-9A-F]+/ /g"
}

# ebnf_words EBNF: the words of the language, sorted.
ebnf_words() { ebnf_rules "$1" | grep -o '"[a-z][a-z0-9-]*"' | tr -d '"' | LC_ALL=C sort -u; }
