#include "label_fuzzing.h"

using namespace clipscope;

/// EAF and CVAT.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    readAndWrite(input, { labels::Format::Eaf, labels::Format::Cvat });
    return 0;
}
