# cmake -DROOT=FOLDER -P words.cmake: nothing in the tree names a folder of one machine or the
# address of a package server. Each pattern is written so that it does not match itself.
cmake_policy(VERSION 3.25)
set(patterns
    "(^|[^A-Za-z0-9_.])/[w]ork/" "/[r]oot/" "/[h]ome/[a-z]" "/[U]sers/[a-z]"
    "[p]ypi[.]org" "[p]ythonhosted" "[d]eb[.]debian[.]org" "[a]rchive[.]ubuntu[.]com"
    "[i]ndex-url" "[c]rates[.]io" "[n]pmjs[.]" "[p]roxy[.]golang")
set(arguments)
foreach(pattern IN LISTS patterns)
  list(APPEND arguments -e "${pattern}")
endforeach()

find_program(GIT git)
if(NOT GIT OR NOT EXISTS ${ROOT}/.git)
  message("SKIP: not a git checkout")
  return()
endif()
execute_process(COMMAND ${GIT} -C ${ROOT} grep -n -I -E ${arguments}
    OUTPUT_VARIABLE hits ERROR_VARIABLE problem RESULT_VARIABLE code)
if(code EQUAL 0)
  message(FATAL_ERROR "lint.words: machine paths or package servers\n${hits}")
elseif(NOT code EQUAL 1)
  message(FATAL_ERROR "lint.words: git grep failed: ${problem}")
endif()
message("lint.words: no fault")
