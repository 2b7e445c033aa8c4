#include "label_fuzzing.h"
#include "labels/label_set_file.h"

using namespace clipscope;

/// Label files and label sets in lines of text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    readAndWrite(input,
        { labels::Format::Vtt, labels::Format::Srt, labels::Format::Csv, labels::Format::Frames,
            labels::Format::TextGrid, labels::Format::Boris });
    for (const auto format : { labels::SetFormat::Text, labels::SetFormat::Csv,
             labels::SetFormat::CoinTaxonomy, labels::SetFormat::CrossTask })
        if (const auto set = labels::parseLabelSet(input, "input", format))
            if (!labels::parseLabelSet(
                    labels::serialise(set->set), "output", labels::SetFormat::Json))
                std::abort();
    return 0;
}
