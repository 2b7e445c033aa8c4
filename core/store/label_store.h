#pragma once

#include "base/result.h"
#include "labels/annotation.h"
#include "labels/edit.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace clipscope::store {

enum class Access;
class Database;

/// How far a person is with a video.
enum class ReviewState : std::uint8_t { Open, Started, Done };
std::string_view nameOf(ReviewState state); ///< "open", "started", "done"

/// The labels of one video as they are stored.
struct LabelDocument
{
    labels::Annotation annotation;
    std::int64_t revision = 0; ///< rises with each edit, undo and redo; 0: nothing was ever there
    std::int64_t nextId = 1; ///< for the next tier or segment
    std::optional<std::string> undoes, redoes; ///< Edit::what of what undo() and redo() would do
    ReviewState review = ReviewState::Open;
    double secondsSpent = 0.0; ///< time a person worked on it

    bool operator==(const LabelDocument&) const = default;
};

/// One line of the queue of videos to review.
struct LabelSummary
{
    std::string videoHash;
    ReviewState review = ReviewState::Open;
    double secondsSpent = 0.0;
    std::int64_t handSegments = 0, modelSegments = 0;
    std::int64_t openSuggestions = 0; ///< model segments that nobody accepted or rejected

    bool operator==(const LabelSummary&) const = default;
};

/// Labels of a project by content hash of the video, PROJECT/labels.sqlite
/// (docs/formats/label-store.md). It needs no lock of the project: labelling goes on while an
/// import runs, and labels come back with a film that is removed and imported again.
///
/// Each writing function is one transaction: after a crash it happened wholly or not at all. The
/// history is kept, so edits can be undone after any number of restarts.
/// Errors:  every function Io (names the file; disk full has its own hint), BadInput (damaged);
///          writing ones Conflict when opened read-only.
/// Threads: one thread at a time, blocks on the file. Any number of processes and threads may have
///          their own; two writers of one video see each other by the revision.
class LabelStore final
{
public:
    /// A project without labels reads as empty; the file is made by the first edit.
    /// Errors: Unsupported (made by a newer Clipscope).
    static Result<LabelStore> open(const std::filesystem::path& project, Access access);
    LabelStore(LabelStore&&) noexcept;
    LabelStore& operator=(LabelStore&&) noexcept;
    ~LabelStore();

    Result<LabelDocument> read(std::string_view videoHash) const;
    /// Every video that ever had labels.
    Result<std::vector<LabelSummary>> summaries() const;

    /// Does and remembers `edit`; what was undone before cannot be redone any more. Returns the new
    /// revision.
    /// Errors: Conflict when the document is not at `revision`, or the edit does not fit it.
    Result<std::int64_t> apply(
        std::string_view videoHash, std::int64_t revision, const labels::Edit& edit);
    /// Takes back the newest edit; gives what was done to the annotation, nothing at the start of
    /// the history. Errors: as apply().
    Result<std::optional<labels::Edit>> undo(std::string_view videoHash, std::int64_t revision);
    Result<std::optional<labels::Edit>> redo(std::string_view videoHash, std::int64_t revision);

    /// Both are no edits: they are not undone and leave the revision alone.
    Status setReview(std::string_view videoHash, ReviewState state);
    Status addSecondsSpent(std::string_view videoHash, double seconds);

    /// What a file format has beside the tiers (unknown elements of an EAF file), given back to its
    /// writer. Empty when there is nothing.
    Status setKept(std::string_view videoHash, std::string_view format, std::string_view data);
    Result<std::string> kept(std::string_view videoHash, std::string_view format) const;

private:
    LabelStore(std::filesystem::path file, Access access);
    /// Null while there is no file.
    Result<Database*> writable();
    Result<std::optional<labels::Edit>> turn(
        std::string_view videoHash, std::int64_t revision, bool undo);

    std::filesystem::path m_file;
    Access m_access;
    std::unique_ptr<Database> m_database;
};

} // namespace clipscope::store
