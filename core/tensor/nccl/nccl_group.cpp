// A library of its own, for it must link against CUDA; the programs load it when they train on
// several graphics cards.
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>

#include <utility>

extern "C" __attribute__((visibility("default"))) c10::intrusive_ptr<c10d::Backend>
clipscopeNcclGroup(const c10::intrusive_ptr<c10d::Store>& store, int rank, int size)
{
    return c10::make_intrusive<c10d::ProcessGroupNCCL>(store, rank, size);
}
