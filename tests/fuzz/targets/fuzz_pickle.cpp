#include "tensor/torch_archive.h"

#include <cstdlib>

using namespace clipscope;

/// Whole files of torch.save(): the old stream, and zip archives where the fuzzer finds them.
/// Whatever is accepted lies inside of the file.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto bytes = std::as_bytes(std::span(data, size));
    const auto archive = tensor::parseTorchFile(bytes, "input");
    if (!archive)
        return 0;
    for (const auto& [name, view] : archive->tensors) {
        const auto& storage = archive->storages.at(view.storage);
        std::int64_t last = view.offset;
        bool empty = false;
        for (std::size_t i = 0; i < view.sizes.size(); ++i) {
            empty = empty || view.sizes[i] == 0;
            last += (view.sizes[i] - 1) * view.strides[i] * (view.sizes[i] > 0 ? 1 : 0);
        }
        if (storage.bytes.data() < bytes.data()
            || storage.bytes.data() + storage.bytes.size() > bytes.data() + bytes.size()
            || (!empty && last >= storage.count))
            std::abort();
    }
    return 0;
}
