#include "tensor/zip_entries.h"

#include <cstdlib>

using namespace clipscope;

/// Zip archives; every entry lies inside of the file.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto bytes = std::as_bytes(std::span(data, size));
    const auto entries = tensor::zipEntries(bytes, "input");
    if (!entries)
        return 0;
    for (const auto& [name, content] : *entries)
        if (content.data() < bytes.data()
            || content.data() + content.size() > bytes.data() + bytes.size())
            std::abort();
    return 0;
}
