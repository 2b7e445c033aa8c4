# cmake -DTARGET=PROGRAM -DCORPUS=FOLDER -DSCRATCH=FOLDER -DSECONDS=N -P run.cmake: one fuzz target,
# first on the kept corpus, then on what it makes of it. New finds stay in SCRATCH; an input that
# brings the program down is written there too, and named.
cmake_policy(VERSION 3.25)
if(NOT EXISTS ${TARGET})
  message("SKIP: no clang with libFuzzer here (clang, libclang-rt-dev)")
  return()
endif()
file(MAKE_DIRECTORY ${SCRATCH}/found)
execute_process(
    COMMAND ${TARGET} -max_total_time=${SECONDS} -timeout=10 -rss_limit_mb=1024 -max_len=65536
        -print_final_stats=1 -artifact_prefix=${SCRATCH}/ ${SCRATCH}/found ${CORPUS}
    RESULT_VARIABLE code OUTPUT_VARIABLE said ERROR_VARIABLE said)
if(NOT code EQUAL 0)
  message(FATAL_ERROR "${said}")
endif()
string(REGEX MATCHALL "stat::[^\n]*" stats "${said}")
list(JOIN stats "\n" stats)
message("${stats}")
