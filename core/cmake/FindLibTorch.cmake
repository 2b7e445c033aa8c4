# LibTorch as the PyPI wheel unpacked under CLIPSCOPE_LIBTORCH: target LibTorch::LibTorch.
# The wheel's own package file insists on a CUDA toolkit; the CPU libraries need only the CUDA
# run-time and CUPTI wheels beside it.
find_path(LibTorch_INCLUDE_DIR torch/script.h
    PATHS ${CLIPSCOPE_LIBTORCH}/torch/include NO_DEFAULT_PATH)
find_library(LibTorch_CPU_LIBRARY torch_cpu PATHS ${CLIPSCOPE_LIBTORCH}/torch/lib NO_DEFAULT_PATH)
find_library(LibTorch_C10_LIBRARY c10 PATHS ${CLIPSCOPE_LIBTORCH}/torch/lib NO_DEFAULT_PATH)
find_file(LibTorch_CUDART libcudart.so.13
    PATHS ${CLIPSCOPE_LIBTORCH}/nvidia/cu13/lib NO_DEFAULT_PATH)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibTorch
    REQUIRED_VARS LibTorch_CPU_LIBRARY LibTorch_C10_LIBRARY LibTorch_INCLUDE_DIR LibTorch_CUDART
    REASON_FAILURE_MESSAGE "run ./dev build, which fetches it into .deps/, or set CLIPSCOPE_LIBTORCH")

if(LibTorch_FOUND AND NOT TARGET LibTorch::LibTorch)
  add_library(LibTorch::LibTorch INTERFACE IMPORTED)
  target_include_directories(LibTorch::LibTorch SYSTEM INTERFACE
      ${LibTorch_INCLUDE_DIR} ${LibTorch_INCLUDE_DIR}/torch/csrc/api/include)
  # OpenMP: at::parallel_for() is written out in LibTorch's headers and runs on one thread wherever
  # they are compiled without it.
  target_link_libraries(LibTorch::LibTorch INTERFACE
      ${LibTorch_CPU_LIBRARY} ${LibTorch_C10_LIBRARY} Threads::Threads OpenMP::OpenMP_CXX)
  get_filename_component(libTorchFolder ${LibTorch_CPU_LIBRARY} DIRECTORY)
  get_filename_component(cudartFolder ${LibTorch_CUDART} DIRECTORY)
  # As an option the library stands before everything else on the link line, so that sgemm_ and its
  # like are LibTorch's own. Behind the BLAS that FAISS asks for, LibTorch's matrix products would
  # run in that one, ten times slower where it does not know the processor.
  target_link_options(LibTorch::LibTorch INTERFACE
      ${LibTorch_CPU_LIBRARY}
      -Wl,--disable-new-dtags
      -Wl,-rpath-link,${libTorchFolder} -Wl,-rpath-link,${cudartFolder})
  # Where ./dev cuda puts what libtorch_cuda.so needs; it is loaded at run time where there is a card.
  set(cudaFolder ${CLIPSCOPE_LIBTORCH}/nvidia)
  set(LibTorch_RUNTIME_FOLDERS ${libTorchFolder} ${cudartFolder})
  foreach(part IN ITEMS cudnn cusparselt nccl nvshmem)
    list(APPEND LibTorch_RUNTIME_FOLDERS ${cudaFolder}/${part}/lib)
  endforeach()
  list(APPEND CMAKE_BUILD_RPATH ${LibTorch_RUNTIME_FOLDERS})
endif()
mark_as_advanced(LibTorch_INCLUDE_DIR LibTorch_CPU_LIBRARY LibTorch_C10_LIBRARY LibTorch_CUDART)
