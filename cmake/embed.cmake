# cmake -D INPUT=FILE -D OUTPUT=FILE.cpp -D HEADER=a/b.hpp -D NAME=x -P embed.cmake
# Writes a source that defines natc::NAME, declared in HEADER, as the text of INPUT.
file(READ "${INPUT}" text)
string(FIND "${text}" ")natc\"" end)
if(NOT end EQUAL -1)
  message(FATAL_ERROR "${INPUT} contains )natc\", the end of the literal that it is to stand in")
endif()
file(WRITE "${OUTPUT}" "#include \"${HEADER}\"

namespace natc {

const std::string_view ${NAME} = R\"natc(${text})natc\";

}  // namespace natc
")
