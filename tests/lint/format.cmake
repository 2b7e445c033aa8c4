# cmake -DROOT=FOLDER -P format.cmake: the sources are as clang-format 14 writes them. Another
# version formats differently, so it counts as missing.
cmake_policy(VERSION 3.25)
find_program(CLANG_FORMAT NAMES clang-format-14 clang-format)
if(CLANG_FORMAT)
  execute_process(COMMAND ${CLANG_FORMAT} --version OUTPUT_VARIABLE version)
endif()
if(NOT version MATCHES "version 14[.]")
  message("SKIP: clang-format 14 is not installed")
  return()
endif()

file(GLOB_RECURSE files
    ${ROOT}/core/*.h ${ROOT}/core/*.cpp ${ROOT}/widgets/*.h ${ROOT}/widgets/*.cpp
    ${ROOT}/app/*.h ${ROOT}/app/*.cpp ${ROOT}/tests/*.h ${ROOT}/tests/*.cpp)
execute_process(COMMAND ${CLANG_FORMAT} --dry-run -Werror ${files}
    ERROR_VARIABLE faults RESULT_VARIABLE failed)
if(failed)
  string(REGEX MATCHALL "[^\n]+:[0-9]+:[0-9]+: error" places "${faults}")
  list(TRANSFORM places REPLACE ":[0-9]+:[0-9]+: error" "")
  list(TRANSFORM places REPLACE "^${ROOT}/" "")
  list(REMOVE_DUPLICATES places)
  list(JOIN places "\n" places)
  message(FATAL_ERROR "lint.format: run ./dev format\n${places}")
endif()
list(LENGTH files count)
message("lint.format: ${count} files are formatted")
