// The shape of what iptables-save prints, in PEGTL: lines, and the words of a line as iptables-restore splits
// them. What the words say is read by src/read, a line at a time: so one bad line never hides another.
//
// Every text that is UTF-8 without control characters matches; a quote that stays open has a rule of its own.
#pragma once

#include <tao/pegtl.hpp>

namespace natc::grammar::dump {

namespace p = tao::pegtl;

struct blank : p::one<' ', '\t'> {};
struct rest_of_line : p::star<p::not_one<'\n'>> {};

// A closing quote ends the word, even if the next one follows without a blank: a"b c"d is `ab c` and `d`.
struct bare : p::plus<p::not_one<' ', '\t', '\n', '"'>> {};
struct quoted : p::seq<p::one<'"'>, p::star<p::sor<p::seq<p::one<'\\'>, p::not_one<'\n'>>, p::not_one<'"', '\\', '\n'>>>,
                       p::one<'"'>> {};
struct plain_word : bare {};
struct quoted_word : p::seq<p::opt<bare>, quoted> {};
struct unclosed_word : p::seq<p::opt<bare>, p::one<'"'>, rest_of_line> {};
struct words : p::star<p::sor<blank, quoted_word, p::seq<plain_word, p::not_at<p::one<'"'>>>, unclosed_word>> {};

// `[packets:bytes]`
struct counters : p::seq<p::one<'['>, p::plus<p::digit>, p::one<':'>, p::plus<p::digit>, p::one<']'>,
                         p::at<p::sor<blank, p::eolf>>> {};

struct comment_line : p::seq<p::one<'#'>, rest_of_line> {};
struct commit_line : p::seq<p::string<'C', 'O', 'M', 'M', 'I', 'T'>, p::at<p::eolf>> {};
struct table_mark : p::one<'*'> {};
struct table_line : p::seq<table_mark, words> {};
struct chain_mark : p::one<':'> {};
struct chain_line : p::seq<chain_mark, words> {};
struct rule_line : p::seq<p::opt<counters>, words> {};

struct line : p::seq<p::sor<comment_line, commit_line, table_line, chain_line, rule_line>, p::eof> {};

}  // namespace natc::grammar::dump
