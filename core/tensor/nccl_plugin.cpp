#include "tensor/nccl_plugin.h"

#include "base/guarded.h"

#include <torch/csrc/distributed/c10d/Backend.hpp>
#include <torch/csrc/distributed/c10d/Store.hpp>

#include <filesystem>

#include <dlfcn.h>

namespace clipscope::tensor {

Result<c10::intrusive_ptr<c10d::Backend>> makeNcclGroup(
    const c10::intrusive_ptr<c10d::Store>& store, int rank, int size)
{
    using Factory
        = c10::intrusive_ptr<c10d::Backend> (*)(const c10::intrusive_ptr<c10d::Store>&, int, int);
    std::error_code code;
    const auto library = std::filesystem::read_symlink("/proc/self/exe", code).parent_path()
        / "libclipscope_nccl.so";
    void* handle = ::dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
    void* entry = handle == nullptr ? nullptr : ::dlsym(handle, "clipscopeNcclGroup");
    if (entry == nullptr) {
        const char* reason = ::dlerror();
        return fail(ErrorKind::Unsupported,
            std::string("Several graphics cards need the library clipscope_nccl: ")
                + (reason == nullptr ? "it has no entry" : reason) + ".",
            { library, {} },
            "docs/hacking.md says how it is built; --device cpu trains over Gloo.");
    }
    return guarded([&] { return reinterpret_cast<Factory>(entry)(store, rank, size); });
}

} // namespace clipscope::tensor
