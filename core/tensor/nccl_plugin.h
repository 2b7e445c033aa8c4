#pragma once

#include "base/result.h"

#include <c10/util/intrusive_ptr.h>

namespace c10d {
class Backend;
class Store;
} // namespace c10d

namespace clipscope::tensor {

/// NCCL's process group, from the library clipscope_nccl beside the program, which is built where
/// the CUDA headers are (docs/hacking.md). Private to the module.
/// Errors: Unsupported when there is no such library or it cannot be loaded; Io.
Result<c10::intrusive_ptr<c10d::Backend>> makeNcclGroup(
    const c10::intrusive_ptr<c10d::Store>& store, int rank, int size);

} // namespace clipscope::tensor
