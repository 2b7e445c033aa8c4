#pragma once

#include "base/result.h"
#include "store/caption_shards.h"
#include "text/word_piece.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace clipscope::store {
class Project;
class RunFolder;
} // namespace clipscope::store

namespace clipscope::jobs {

struct PretrainSettings;

/// What the videos in a run's records are called, and their captions as its model reads them.
/// Threads: const after construction; any thread at once.
class RunCaptions final
{
public:
    struct Said
    {
        std::string text;
        double startSeconds = 0.0, stopSeconds = 0.0;
    };

    /// Errors: NotFound (no checkpoint with a vocabulary yet, or no captions any more), BadInput,
    /// Io; as data::openProjectCaptions().
    static Result<RunCaptions> open(const store::Project& project, const store::RunFolder& run);
    /// As open() for a run on videos that are not in the catalogue, whose names need no checkpoint;
    /// none for a run on the project's own films. Writes nothing.
    /// Errors: as store::CaptionShard::open(); BadInput and Io for the run's settings.
    static Result<std::optional<RunCaptions>> openSource(
        const store::Project& project, const store::RunFolder& run);

    /// File name, or id in the source; empty when the video is gone.
    std::string_view nameOf(std::int64_t videoId) const;
    /// None when the captions are others by now, or there is no vocabulary to read them with.
    std::optional<Said> said(
        std::int64_t videoId, std::int64_t captionBegin, std::int64_t captionEnd) const;

private:
    /// openSource() with the run's settings at hand.
    static Result<std::optional<RunCaptions>> ofSource(const store::Project& project,
        const store::RunFolder& run, const PretrainSettings& settings);
    RunCaptions(std::optional<text::WordPiece> words, store::CaptionShard shard);

    std::optional<text::WordPiece> m_words;
    store::CaptionShard m_shard;
    std::unordered_map<std::int64_t, std::int64_t> m_places; ///< in the shard, by video
};

} // namespace clipscope::jobs
