# clip_warnings(TARGET): what our own targets are compiled with.
function(clip_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
      -Wnon-virtual-dtor -Woverloaded-virtual)
  if(CLIPSCOPE_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
  if(CLIPSCOPE_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${CLIPSCOPE_SANITIZE}
        -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(${target} PUBLIC -fsanitize=${CLIPSCOPE_SANITIZE})
  endif()
endfunction()

# clip_module(NAME DEPENDS module... LIBS target... HEADERS file... SOURCES file... [TORCH])
# One static library clip::NAME. Its outside libraries stay private: headers cannot show them.
# TORCH: the module's headers may show at::Tensor; sources share one precompiled header.
function(clip_module name)
  cmake_parse_arguments(M "TORCH" "" "DEPENDS;LIBS;HEADERS;SOURCES" ${ARGN})
  add_library(clip_${name} STATIC ${M_SOURCES})
  add_library(clip::${name} ALIAS clip_${name})
  target_link_libraries(clip_${name} PRIVATE ${M_LIBS})
  clip_warnings(clip_${name})
  target_sources(clip_${name} PUBLIC FILE_SET HEADERS
      BASE_DIRS ${CMAKE_SOURCE_DIR}/core FILES ${M_HEADERS})
  foreach(lower IN LISTS M_DEPENDS)
    if(NOT TARGET clip_${lower})
      message(FATAL_ERROR "module ${name} depends on ${lower}, which does not exist below it")
    endif()
    target_link_libraries(clip_${name} PUBLIC clip_${lower})
  endforeach()
  if(M_TORCH)
    target_link_libraries(clip_${name} PUBLIC LibTorch::LibTorch)
    clip_precompile(clip_${name} torch <torch/torch.h>)
  endif()
endfunction()

# clip_precompile(TARGET GROUP header...): the headers are parsed once for all targets of the group,
# which must be compiled alike.
function(clip_precompile target group)
  get_property(first GLOBAL PROPERTY clip_precompiled_${group})
  if(first)
    target_precompile_headers(${target} REUSE_FROM ${first})
  else()
    target_precompile_headers(${target} PRIVATE ${ARGN})
    set_property(GLOBAL PROPERTY clip_precompiled_${group} ${target})
  endif()
endfunction()

# clip_test(MODULE FILE [CUDA] [LABELS label...] [LIBS target...] [SOURCES file...])
# tests/MODULE/tst_FILE.cpp becomes one executable and the ctest entry MODULE.FILE; with CUDA another
# one, MODULE.FILE.cuda, that computes on a graphics card and is skipped without. Where
# CLIP_TEST_HEADERS is set, the tests of the module share these as precompiled headers.
function(clip_test module file)
  cmake_parse_arguments(T "CUDA" "" "LABELS;LIBS;SOURCES" ${ARGN})
  set(target tst_${module}_${file})
  add_executable(${target} tst_${file}.cpp ${T_SOURCES})
  set_target_properties(${target} PROPERTIES AUTOMOC ON
      RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
  target_compile_definitions(${target} PRIVATE
      CLIPSCOPE_SOURCE_DIR="${CMAKE_SOURCE_DIR}" QT_NO_KEYWORDS QT_NO_FOREACH)
  target_link_libraries(${target} PRIVATE Qt6::Test ${T_LIBS})
  clip_warnings(${target})
  if(CLIP_TEST_HEADERS)
    clip_precompile(${target} tst_${module} ${CLIP_TEST_HEADERS})
  endif()
  if(NOT T_LABELS)
    set(T_LABELS unit)
  endif()
  # Tests run side by side: threads that wait for each other's cores would only slow them down.
  set(environment OMP_NUM_THREADS=1 QT_QPA_PLATFORM=offscreen
      CLIPSCOPE_CLI=${CMAKE_BINARY_DIR}/bin/clipscope-cli)
  add_test(NAME ${module}.${file} COMMAND ${target})
  set_tests_properties(${module}.${file} PROPERTIES LABELS "${T_LABELS}" TIMEOUT 600
      ENVIRONMENT "${environment}")
  if(T_CUDA)
    add_test(NAME ${module}.${file}.cuda COMMAND ${target})
    set_tests_properties(${module}.${file}.cuda PROPERTIES LABELS "${T_LABELS};cuda" TIMEOUT 600
        ENVIRONMENT "${environment};CLIPSCOPE_TEST_DEVICE=cuda")
  endif()
endfunction()
