# What natc's users' shells and man(1) need, all of it made from the command line's definition.

# completions/natc.bash, completions/_natc and completions/natc.fish, called as each shell looks for them.
set(completions)
foreach(shell_file bash:natc.bash zsh:_natc fish:natc.fish)
  string(REPLACE ":" ";" shell_file ${shell_file})
  list(POP_FRONT shell_file shell file)
  set(completion ${PROJECT_BINARY_DIR}/completions/${file})
  add_custom_command(
    OUTPUT ${completion}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${PROJECT_BINARY_DIR}/completions
    COMMAND natc completion ${shell} > ${completion}
    DEPENDS natc
    COMMENT "Making completions/${file}")
  list(APPEND completions ${completion})
endforeach()
add_custom_target(natc_completions ALL DEPENDS ${completions})

# man/natc.1 and man/natc.5, where scdoc is installed.
find_program(SCDOC scdoc)
mark_as_advanced(SCDOC)
if(SCDOC)
  add_executable(natc_man_page cmake/man_page.cpp)
  target_link_libraries(natc_man_page PRIVATE natc_cli natc_warnings)
  set(man_pages)
  foreach(name natc.1 natc.5)
    set(source ${PROJECT_SOURCE_DIR}/docs/man/${name}.scd)
    set(page ${PROJECT_BINARY_DIR}/man/${name})
    add_custom_command(
      OUTPUT ${page}
      COMMAND ${CMAKE_COMMAND} -E make_directory ${PROJECT_BINARY_DIR}/man
      COMMAND natc_man_page < ${source} > ${page}.scd
      COMMAND ${SCDOC} < ${page}.scd > ${page}
      DEPENDS natc_man_page ${source}
      COMMENT "Making man/${name}")
    list(APPEND man_pages ${page})
  endforeach()
  add_custom_target(natc_man ALL DEPENDS ${man_pages})
endif()
