# Run by CPack ahead of making the package: what `cmake --install` left, as Debian has it.
set(root ${CPACK_TEMPORARY_INSTALL_DIRECTORY})
set(source ${CPACK_NATC_SOURCE_DIR})

file(MAKE_DIRECTORY ${root}/lib ${root}/etc/default ${root}/etc/natc)
file(RENAME ${root}/usr/lib/systemd ${root}/lib/systemd)
file(REMOVE_RECURSE ${root}/usr/lib)
file(RENAME ${root}/usr/share/zsh/site-functions ${root}/usr/share/zsh/vendor-completions)
file(COPY_FILE ${source}/tools/boot/natc.default ${root}/etc/default/natc)
file(COPY_FILE ${source}/cmake/debian/changelog ${root}/usr/share/doc/natc/changelog)

# The licences of what is compiled into natc go along with it.
set(copyright ${root}/usr/share/doc/natc/copyright)
foreach(library tao-pegtl-dev libfmt-dev libcli11-dev nlohmann-json3-dev)
  set(licence /usr/share/doc/${library}/copyright)
  if(EXISTS ${licence})
    file(READ ${licence} text)
    file(APPEND ${copyright} "\n\nnatc has parts of ${library} in it, of which Debian says:\n\n${text}")
  endif()
endforeach()

file(GLOB texts ${root}/usr/share/man/man?/* ${root}/usr/share/doc/natc/changelog)
execute_process(COMMAND gzip -9n ${texts} COMMAND_ERROR_IS_FATAL ANY)
# Whatever the umask of whoever builds it.
execute_process(COMMAND chmod -R u=rwX,go=rX ${root} COMMAND_ERROR_IS_FATAL ANY)
