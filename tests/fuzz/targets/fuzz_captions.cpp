#include "text/caption_readers.h"
#include "text/caption_stream.h"

#include <cstdlib>
#include <sstream>

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
    std::istringstream stream{ std::string(input) };
    static_cast<void>(text::streamCaptionsJson(stream, size, "input",
        { [](text::VideoCaptions video) {
             check({ std::move(video.captions), {} });
             return Status();
         },
            [](Error) {}, [](std::uint64_t, std::uint64_t) {} }));
    return 0;
}
