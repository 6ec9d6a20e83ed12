autocmd BufRead,BufNewFile *.net setfiletype natc
