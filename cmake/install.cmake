# What `cmake --install` puts where, and the Debian package, which is the same under /usr: `cmake --build --preset package`.
include(GNUInstallDirs)

install(TARGETS natc RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})

if(TARGET natc_man)
  install(FILES ${PROJECT_BINARY_DIR}/man/natc.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
  install(FILES ${PROJECT_BINARY_DIR}/man/natc.5 DESTINATION ${CMAKE_INSTALL_MANDIR}/man5)
endif()
set(data ${CMAKE_INSTALL_DATADIR})
install(FILES ${PROJECT_BINARY_DIR}/completions/natc.bash DESTINATION ${data}/bash-completion/completions RENAME natc)
install(FILES ${PROJECT_BINARY_DIR}/completions/_natc DESTINATION ${data}/zsh/site-functions)
install(FILES ${PROJECT_BINARY_DIR}/completions/natc.fish DESTINATION ${data}/fish/vendor_completions.d)

# The unit says where its programs are, and that is known only here: `cmake --install` may name another prefix.
install(CODE "
  foreach(dir BINDIR=${CMAKE_INSTALL_BINDIR} LIBEXECDIR=${CMAKE_INSTALL_LIBEXECDIR} DOCDIR=${CMAKE_INSTALL_DOCDIR})
    string(REGEX MATCH \"^([^=]*)=(.*)\" dir \${dir})
    cmake_path(ABSOLUTE_PATH CMAKE_MATCH_2 BASE_DIRECTORY \${CMAKE_INSTALL_PREFIX} OUTPUT_VARIABLE CMAKE_INSTALL_FULL_\${CMAKE_MATCH_1})
  endforeach()
  configure_file(${PROJECT_SOURCE_DIR}/tools/boot/natc.service.in ${PROJECT_BINARY_DIR}/natc.service @ONLY)")
install(FILES ${PROJECT_BINARY_DIR}/natc.service DESTINATION lib/systemd/system)
install(PROGRAMS tools/boot/load DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/natc)

install(DIRECTORY rules DESTINATION ${data}/natc)
install(FILES .pre-commit-hooks.yaml DESTINATION ${data}/natc RENAME pre-commit-hooks.yaml)
install(FILES grammar/natc.tmLanguage.json DESTINATION ${data}/natc)
install(DIRECTORY grammar/vim/ DESTINATION ${data}/vim/vimfiles)
install(FILES README.md grammar/natc.ebnf DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "The natc authors <natc@example.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "compiler from a description of networks to netfilter rules")
set(CPACK_PACKAGE_DESCRIPTION "\
natc turns a short description of a host's virtual networks (which bridge,
which subnet, what the guests may do) into the iptables and ip6tables rules,
or the nftables rules, that make it so. It finds what cannot be meant, tells
what happens to a packet and which lines decide it, and how two rulesets
differ. It reads what iptables-save prints as well.
.
At boot, natc.service loads what is described in /etc/natc.")
# Absolute paths in the package, and in the unit.
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "iptables | nftables")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "graphviz")
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(debian ${PROJECT_SOURCE_DIR}/cmake/debian)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${debian}/conffiles ${debian}/postinst ${debian}/postrm)
# What Debian has in places of its own.
set(CPACK_PRE_BUILD_SCRIPTS ${debian}/arrange.cmake)
set(CPACK_NATC_SOURCE_DIR ${PROJECT_SOURCE_DIR})
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR})
# The package needs natc, not its tests.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)
include(CPack)
add_custom_target(deb COMMAND ${CMAKE_CPACK_COMMAND} COMMENT "Making the Debian package" VERBATIM USES_TERMINAL)
add_dependencies(deb natc)
foreach(target natc_man natc_completions)
  if(TARGET ${target})
    add_dependencies(deb ${target})
  endif()
endforeach()
