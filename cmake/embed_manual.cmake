# cmake -D FOLDER=FOLDER -D OUTPUT=FILE.cpp -P embed_manual.cmake
# Writes a source that defines natc::manual_entries, declared in manual/manual.hpp: the text of each FOLDER/N….md with its number.
file(GLOB entries RELATIVE "${FOLDER}" "${FOLDER}/N*.md")
list(SORT entries COMPARE NATURAL)
set(texts "")
foreach(entry IN LISTS entries)
  if(NOT entry MATCHES "^N([1-9][0-9]*)\\.md$")
    message(FATAL_ERROR "${FOLDER}/${entry} is not called like a code: N3006.md")
  endif()
  set(number ${CMAKE_MATCH_1})
  file(READ "${FOLDER}/${entry}" text)
  string(FIND "${text}" ")natc\"" end)
  if(NOT end EQUAL -1)
    message(FATAL_ERROR "${FOLDER}/${entry} contains )natc\", the end of the literal that it is to stand in")
  endif()
  string(APPEND texts "    {static_cast<Code>(${number}), R\"natc(${text})natc\"},\n")
endforeach()
file(WRITE "${OUTPUT}" "#include \"manual/manual.hpp\"

namespace natc {

namespace {

constexpr ManualEntry texts[] = {
${texts}};

}  // namespace

const std::span<const ManualEntry> manual_entries = texts;

}  // namespace natc
")
