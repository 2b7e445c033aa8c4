#pragma once

#include "base/result.h"
#include "store/records.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace clipscope::store {

class Database;

/// What addVideo() stores in one transaction.
struct NewVideo
{
    VideoRecord record; ///< `id` is ignored
    std::string frameIndex; ///< serialised presentation-time table
    std::vector<CaptionRecord> captions;
    std::vector<ProblemRecord> problems; ///< `videoId` and `path` are filled in
};

/// Videos, captions and problems of a project: one SQLite connection.
///
/// Each writing function is one transaction: after a crash it happened wholly or not at all.
/// Errors:  every function Io (names the file; disk full has its own hint); writing functions of a
///          project opened read-only Conflict; a damaged file BadInput.
/// Threads: one thread at a time, blocks on the file. Another thread opens its own Project.
class Catalogue final
{
public:
    Catalogue(Catalogue&&) noexcept;
    Catalogue& operator=(Catalogue&&) noexcept;
    ~Catalogue();

    /// All videos in the order they were added.
    Result<std::vector<VideoRecord>> videos() const;
    Result<std::int64_t> videoCount() const;
    Result<std::optional<VideoRecord>> video(std::int64_t id) const;
    Result<std::optional<VideoRecord>> findByHash(std::string_view contentHash) const;
    /// The newest one, should a file have been replaced by another video.
    Result<std::optional<VideoRecord>> findByPath(const std::filesystem::path& path) const;
    /// The presentation-time table given to addVideo(). Errors: NotFound.
    Result<std::string> frameIndex(std::int64_t videoId) const;

    /// Returns the new id; problems recorded for the path before are dropped.
    /// Errors: Conflict when the content hash is already there.
    Result<std::int64_t> addVideo(const NewVideo& video);
    /// The same content was seen at another place or with another time stamp.
    /// Errors: NotFound.
    Status moveVideo(
        std::int64_t id, const std::filesystem::path& path, std::int64_t modifiedNanoseconds);
    /// Removes the video with its captions and problems. Errors: NotFound.
    Status removeVideo(std::int64_t id);

    /// Captions of one video, ordered by start, then stop, then as added.
    Result<std::vector<CaptionRecord>> captions(std::int64_t videoId) const;
    /// Number of captions by video id; videos without any are absent.
    Result<std::map<std::int64_t, std::int64_t>> captionCounts() const;
    /// Replaces the captions of one origin; those of other origins stay. Errors: NotFound.
    Status setCaptions(
        std::int64_t videoId, std::string_view origin, std::span<const CaptionRecord> captions);

    /// All problems ordered by path.
    Result<std::vector<ProblemRecord>> problems() const;
    /// Replaces what one job (`origin`) found about `path`; an empty list clears it.
    Status setProblems(const std::filesystem::path& path, std::string_view origin,
        std::span<const ProblemRecord> problems);

private:
    friend class Project;
    explicit Catalogue(std::unique_ptr<Database> database);
    std::unique_ptr<Database> m_database;
};

} // namespace clipscope::store
