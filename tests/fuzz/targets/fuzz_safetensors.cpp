#include "tensor/safetensors_header.h"

#include <cstdlib>

using namespace clipscope;

/// safetensors files; whatever is accepted covers its data once.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto bytes = std::as_bytes(std::span(data, size));
    const auto header = tensor::parseSafetensors(bytes, "input");
    if (!header)
        return 0;
    std::uint64_t position = 0;
    for (const auto& entry : header->entries) {
        if (entry.begin != position)
            std::abort();
        position = entry.end;
    }
    if (position != header->data.size())
        std::abort();
    return 0;
}
