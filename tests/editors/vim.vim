" vim … -S vim.vim FILE…: which syntax group each part of FILEs has, a line each: file, line, group, text, between tabs; into ./highlighted.
filetype on
syntax on
let s:out = []
for s:file in argv()
    execute 'edit' fnameescape(s:file)
    if &filetype !=# 'natc'
        call writefile([s:file .. ' is not taken for a file of natc'], 'highlighted')
        cquit
    endif
    for s:number in range(1, line('$'))
        let s:text = getline(s:number)
        let s:at = 0
        while s:at < len(s:text)
            let s:group = synIDattr(synID(s:number, s:at + 1, 1), 'name')
            let s:begin = s:at
            while s:at < len(s:text) && synIDattr(synID(s:number, s:at + 1, 1), 'name') ==# s:group
                let s:at += 1
            endwhile
            call add(s:out, join([s:file, s:number, s:group, strpart(s:text, s:begin, s:at - s:begin)], "\t"))
        endwhile
    endfor
endfor
call writefile(s:out, 'highlighted')
quitall!
