#include "text/caption_readers.h"

#include <cstdlib>

using namespace clipscope;

namespace {

void check(const text::CaptionList& list)
{
    for (const text::Caption& caption : list.captions)
        if (!(caption.startSeconds >= 0.0) || caption.stopSeconds < caption.startSeconds)
            std::abort();
}

} // namespace

/// Subtitles and caption files. Whatever is accepted has times in order.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    if (const auto list = text::parseSrt(input, "input"))
        check(*list);
    if (const auto list = text::parseVtt(input, "input"))
        check(*list);
    static_cast<void>(text::parseCaptionsJson(input, "input"));
    return 0;
}
