#include "tensor/npy_header.h"

#include <cstdlib>

using namespace clipscope;

/// npy files of numbers and of texts.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto bytes = std::as_bytes(std::span(data, size));
    const auto header = tensor::parseNpy(bytes, "input");
    if (!header)
        return 0;
    if (header->data.size() > bytes.size())
        std::abort();
    if (header->content != tensor::NpyHeader::Content::Numbers)
        static_cast<void>(tensor::npyTexts(*header, "input"));
    return 0;
}
