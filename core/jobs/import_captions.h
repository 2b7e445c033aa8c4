#pragma once

#include "jobs/import.h"
#include "store/records.h"
#include "text/caption.h"

#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

namespace clipscope::jobs {

/// Captions of one video from one place.
struct CaptionSource
{
    std::string origin; ///< as store::CaptionRecord::origin
    std::vector<store::CaptionRecord> captions;
};

/// Caption files with many videos, and which of their entries belong to which video.
/// Private to the module. Threads: one thread at a time.
class CaptionLibrary final
{
public:
    enum class Scope {
        Everywhere, ///< named by the user: any video of the project
        OwnFolder, ///< found: videos in its folder and below
    };
    /// Errors: as text::readCaptionsJson(). Single bad captions go to problems().
    Status add(const std::filesystem::path& file, Scope scope);
    bool empty() const { return m_files.empty(); }

    /// The captions for a video; the entries count as used from now on. An entry is meant by its
    /// path (absolute or from its own file), its file name or its file name without extension.
    std::vector<CaptionSource> captionsFor(const std::filesystem::path& video);

    const std::vector<SkippedItem>& problems() const { return m_problems; }
    /// One item for each file with entries that no video was found for.
    std::vector<SkippedItem> unused() const;
    std::vector<std::filesystem::path> files() const;

private:
    struct Entry
    {
        std::size_t file = 0;
        text::VideoCaptions captions;
        bool used = false;
    };
    struct File
    {
        std::filesystem::path path;
        Scope scope = Scope::Everywhere;
    };
    std::vector<File> m_files;
    std::vector<Entry> m_entries;
    std::unordered_multimap<std::string, std::size_t> m_byPath; ///< absolute path -> entry
    std::unordered_multimap<std::string, std::size_t> m_byName; ///< as written -> entry
    std::vector<SkippedItem> m_problems;
};

/// The incoming captions without those that another origin has too (same words, same times within
/// 50 ms): subtitles inside a film are often also beside it.
std::vector<store::CaptionRecord> withoutRepeats(std::string_view origin,
    std::span<const store::CaptionRecord> incoming, std::span<const store::CaptionRecord> existing);

/// Reads a subtitle file beside a video.
/// Errors: as text::readSubtitles(). `problems` gets a sentence for each caption left out.
Result<CaptionSource> readSidecar(
    const std::filesystem::path& file, std::vector<store::ProblemRecord>& problems);

/// "line 3: the caption ends before it starts." for a list of problems.
std::string reasonOf(const Error& error);

} // namespace clipscope::jobs
