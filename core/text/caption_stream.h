#pragma once

#include "base/result.h"
#include "text/caption.h"

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <stop_token>

namespace clipscope::text {

/// Who gets what streamCaptionsJson() reads; all on the caller's thread.
struct CaptionStreamSink
{
    /// One video with its captions in the order of the file, texts as they stand there; may have no
    /// captions. An error ends the reading and is returned.
    std::function<Status(VideoCaptions)> video;
    /// A caption or a video that was left out, with the reason and the byte.
    std::function<void(Error)> problem;
    /// Bytes read of all; about once a megabyte.
    std::function<void(std::uint64_t done, std::uint64_t total)> progress;
};

/// Reads HowTo100M's raw_caption.json, {"VIDEO": {"start": [s], "end": [s], "text": ["…"]}}, of any
/// size. Texts that are empty or not strings are dropped in silence; other members of a video are
/// passed over; "stop" is taken for "end". A caption whose times are missing, no numbers, negative
/// or reversed becomes a problem, and so does a video whose three lists are not of one length.
///
/// Memory:  one video; at most some 300 MB however the file is made.
/// Errors:  NotFound, Io, Cancelled; BadInput with line, column and byte when it is not JSON, is of
///          another form, or has a video of more than 64 MB.
/// Threads: any thread at once.
Status streamCaptionsJson(
    const std::filesystem::path& path, const CaptionStreamSink& sink, std::stop_token stop = {});
/// The same from a stream of `total` bytes; `name` stands in messages.
Status streamCaptionsJson(std::istream& stream, std::uint64_t total,
    const std::filesystem::path& name, const CaptionStreamSink& sink, std::stop_token stop = {});

} // namespace clipscope::text
