" Vim syntax file
" Language: natc, which describes the networks of a host: natc(5)
" The words are those of grammar/natc.ebnf; tests/editors holds this file against it.

if exists('b:current_syntax')
    finish
endif
let s:cpo_save = &cpo
set cpo&vim

" A word of natc: all but blanks, control characters and ! " # , ; = { }
syntax iskeyword @,36-43,45-58,60,62-122,124,126,128-255

" Of matches the last one here holds; keywords go before all.
syntax match natcName /\k\+/
syntax match natcValue /\d\k*/
syntax match natcValue /\k*:\k*:\k*/
syntax match natcValue /\[\k*/
syntax match natcRate "\d\+/\%(second\|minute\|hour\|day\|sec\|min\)\k\@!"
syntax match natcReference /\$\k*/
syntax match natcSign /[!,;=]/
syntax match natcBrace /[{}]/
syntax region natcBlock matchgroup=natcBrace start=/{/ end=/}/ transparent fold
syntax match natcEscape /\\["\\]/ contained
syntax region natcText start=/"/ skip=/\\./ end=/"/ end=/$/ contains=natcEscape oneline
syntax match natcIgnore /natc:\s*ignore\%(\%(\s\|,\)*N\d\+\)*/ contained
syntax match natcComment /#.*/ contains=natcIgnore,@Spell

" The word after these is a name, whatever it is.
syntax match natcNewName /\k\+/ contained
syntax keyword natcStatement define guest network service nextgroup=natcNewName skipwhite
syntax keyword natcVerdict jump goto nextgroup=natcNewName skipwhite
syntax keyword natcStatement chain nextgroup=natcTable skipwhite
syntax keyword natcTable raw mangle nat filter nextgroup=natcNewName skipwhite

syntax keyword natcStatement include uplink port-forward input output forward policy
syntax keyword natcStatement bridge subnet domain dhcp-range serve masquerade snat route isolated
syntax keyword natcVerdict accept drop reject return log dnat redirect checksum-fill set-mark clamp-mss notrack
syntax keyword natcPart stp members gateway tap hairpin ports except none on off
syntax keyword natcPart in out from to mac limit burst mark to-local comment match sport with state
syntax keyword natcDirection outbound inbound internal rest
syntax keyword natcState established new invalid related untracked
syntax keyword natcProtocol tcp udp sctp icmp icmpv6 proto ipv4 ipv6
syntax keyword natcReject tcp-reset
syntax keyword natcReject icmp-port-unreachable icmp-net-unreachable icmp-host-unreachable icmp-proto-unreachable
syntax keyword natcReject icmp-net-prohibited icmp-host-prohibited icmp-admin-prohibited
syntax keyword natcReject icmp6-port-unreachable icmp6-no-route icmp6-adm-prohibited icmp6-addr-unreachable
syntax keyword natcReject icmp6-policy-fail icmp6-reject-route
syntax keyword natcReject port-unreachable no-route adm-prohibited admin-prohibited addr-unreachable
syntax keyword natcReject policy-fail reject-route

highlight default link natcName Identifier
highlight default link natcNewName Function
highlight default link natcValue Number
highlight default link natcRate Number
highlight default link natcReference PreProc
highlight default link natcSign Operator
highlight default link natcBrace Delimiter
highlight default link natcEscape SpecialChar
highlight default link natcText String
highlight default link natcIgnore SpecialComment
highlight default link natcComment Comment
highlight default link natcStatement Statement
highlight default link natcTable StorageClass
highlight default link natcVerdict Conditional
highlight default link natcPart Keyword
highlight default link natcDirection Special
highlight default link natcState Constant
highlight default link natcProtocol Type
highlight default link natcReject Constant

let b:current_syntax = 'natc'
let &cpo = s:cpo_save
unlet s:cpo_save
