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
# TORCH: the module sees LibTorch.
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
    clip_precompile(clip_${name} torch)
  endif()
endfunction()

# clip_headers(GROUP HEADERS header... LIBS target...)
# The headers are parsed once for all targets that clip_precompile() puts into the group. These may
# define more than LIBS do, never less. Each file of the group pays for every template that a header
# has the compiler make, 6 s for torch/torch.h: what only a few files include does not belong here.
function(clip_headers group)
  cmake_parse_arguments(H "" "" "HEADERS;LIBS" ${ARGN})
  file(CONFIGURE OUTPUT headers_${group}.cpp CONTENT "// none\n")
  add_library(clip_headers_${group} OBJECT ${CMAKE_CURRENT_BINARY_DIR}/headers_${group}.cpp)
  target_link_libraries(clip_headers_${group} PRIVATE ${H_LIBS})
  clip_warnings(clip_headers_${group})
  target_precompile_headers(clip_headers_${group} PRIVATE ${H_HEADERS})
endfunction()

function(clip_precompile target group)
  target_precompile_headers(${target} REUSE_FROM clip_headers_${group})
endfunction()

# clip_test_headers(GROUP HEADERS header... LIBS target...): the same for a group of tests.
function(clip_test_headers group)
  clip_headers(${group} ${ARGN})
  target_compile_definitions(clip_headers_${group} PRIVATE QT_NO_KEYWORDS QT_NO_FOREACH)
  clip_without_places(clip_headers_${group})
endfunction()

# Qt tells each test its folders; they differ and nothing here asks for them.
function(clip_without_places target)
  target_compile_options(${target} PRIVATE -UQT_TESTCASE_BUILDDIR -UQT_TESTCASE_SOURCEDIR)
endfunction()

# clip_test(MODULE FILE [CUDA] [LABELS label...] [LIBS target...] [SOURCES file...])
# tests/MODULE/tst_FILE.cpp becomes one executable and the ctest entry MODULE.FILE; with CUDA another
# one, MODULE.FILE.cuda, that computes on a graphics card and is skipped without. It is compiled with
# the precompiled headers of the group that CLIP_TEST_HEADERS names.
function(clip_test module file)
  cmake_parse_arguments(T "CUDA" "" "LABELS;LIBS;SOURCES" ${ARGN})
  set(target tst_${module}_${file})
  # Not by AUTOMOC, which adds a second file to compile and a run of CMake to each test.
  set(moc ${CMAKE_CURRENT_BINARY_DIR}/tst_${file}.moc)
  add_custom_command(OUTPUT ${moc} VERBATIM
      COMMAND Qt6::moc -o ${moc} ${CMAKE_CURRENT_SOURCE_DIR}/tst_${file}.cpp
      DEPENDS tst_${file}.cpp)
  add_executable(${target} tst_${file}.cpp ${moc} ${T_SOURCES})
  set_target_properties(${target} PROPERTIES
      RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  target_include_directories(${target} PRIVATE
      ${CMAKE_SOURCE_DIR}/tests ${CMAKE_CURRENT_BINARY_DIR})
  target_compile_definitions(${target} PRIVATE
      CLIPSCOPE_SOURCE_DIR="${CMAKE_SOURCE_DIR}" QT_NO_KEYWORDS QT_NO_FOREACH)
  target_link_libraries(${target} PRIVATE Qt6::Test ${T_LIBS})
  clip_warnings(${target})
  clip_without_places(${target})
  clip_precompile(${target} ${CLIP_TEST_HEADERS})
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
