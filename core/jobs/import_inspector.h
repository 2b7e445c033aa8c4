#pragma once

#include "jobs/import_captions.h"
#include "jobs/import_files.h"
#include "store/catalogue.h"

#include <memory>
#include <optional>
#include <stop_token>
#include <unordered_map>
#include <unordered_set>

namespace clipscope::jobs {

/// What looking into one file gave.
struct Inspection
{
    enum class Kind {
        Unchanged, ///< in the catalogue with this path, size and time
        KnownContent, ///< the catalogue has this content, maybe from another path
        Video, ///< new; `video` is filled but for captions of caption libraries
        Unusable, ///< `error` says why
    };
    Kind kind = Kind::Unusable;
    std::string contentHash;
    std::int64_t modifiedNanoseconds = 0;
    store::NewVideo video;
    std::optional<CaptionSource> sidecar;
    std::vector<store::ProblemRecord> sidecarProblems;
    Error error;
};

/// Looks into files on several threads, gives the results in the order of the files.
/// Private to the module.
/// Errors: those of a file are in its Inspection.
/// Threads: next() and contentAdded() by one thread; the destructor joins the workers.
class Inspector final
{
public:
    Inspector(const FoundFiles& files, const std::vector<store::VideoRecord>& known, int threads,
        std::stop_token stop);
    ~Inspector();
    Inspector(const Inspector&) = delete;
    Inspector& operator=(const Inspector&) = delete;

    /// The next file's result; waits for it. Errors: Cancelled.
    Result<Inspection> next();
    /// Files with this content need not be looked into from now on.
    void contentAdded(const std::string& contentHash);

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

/// Size and time stamp of a file.
struct FileStamp
{
    std::int64_t bytes = 0;
    std::int64_t modifiedNanoseconds = 0;
    bool operator==(const FileStamp&) const = default;
};
/// Nothing when it is not there.
std::optional<FileStamp> stampOf(const std::filesystem::path& file);

} // namespace clipscope::jobs
