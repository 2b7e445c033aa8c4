#include "jobs/import_captions.h"

#include "base/files.h"
#include "text/caption_readers.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace clipscope::jobs {

namespace fs = std::filesystem;

std::string reasonOf(const Error& error)
{
    return error.place.where.empty() ? error.message
                                     : error.message + " [" + error.place.where + "]";
}

Status CaptionLibrary::add(const fs::path& file, Scope scope)
{
    const fs::path absolute = fs::absolute(file).lexically_normal();
    for (const File& known : m_files)
        if (known.path == absolute)
            return {};
    CLIP_TRY_ASSIGN(text::CaptionCollection read, text::readCaptionsJson(absolute));
    for (const Error& problem : read.problems)
        m_problems.push_back({ absolute, problem.kind, reasonOf(problem) });
    for (text::VideoCaptions& video : read.videos) {
        const std::size_t index = m_entries.size();
        const fs::path named = pathFromUtf8(video.video);
        m_byPath.emplace(utf8((absolute.parent_path() / named).lexically_normal()), index);
        m_byName.emplace(utf8(named.filename()), index);
        m_entries.push_back({ m_files.size(), std::move(video), false });
    }
    m_files.push_back({ absolute, scope });
    return {};
}

std::vector<CaptionSource> CaptionLibrary::captionsFor(const fs::path& video)
{
    std::set<std::size_t> matches; // in the order of the files
    std::set<std::size_t> filesByPath; // a file that means the path does not mean the name as well
    const auto [begin, end] = m_byPath.equal_range(utf8(video));
    for (auto it = begin; it != end; ++it) {
        matches.insert(it->second);
        filesByPath.insert(m_entries[it->second].file);
    }
    for (const std::string& name : { utf8(video.filename()), utf8(video.stem()) }) {
        const auto [first, last] = m_byName.equal_range(name);
        for (auto it = first; it != last; ++it)
            if (!filesByPath.contains(m_entries[it->second].file))
                matches.insert(it->second);
    }
    std::vector<CaptionSource> sources;
    for (const std::size_t index : matches) {
        Entry& entry = m_entries[index];
        const File& file = m_files[entry.file];
        const std::string folder = utf8(file.path.parent_path() / "");
        if (file.scope == Scope::OwnFolder && !utf8(video).starts_with(folder))
            continue;
        entry.used = true;
        const std::string origin = utf8(file.path);
        if (sources.empty() || sources.back().origin != origin)
            sources.push_back({ origin, {} });
        for (const text::Caption& caption : entry.captions.captions)
            sources.back().captions.push_back(
                { caption.startSeconds, caption.stopSeconds, caption.text, origin });
    }
    return sources;
}

std::vector<SkippedItem> CaptionLibrary::unused() const
{
    std::vector<SkippedItem> items;
    for (std::size_t file = 0; file < m_files.size(); ++file) {
        std::size_t count = 0;
        std::string names;
        for (const Entry& entry : m_entries) {
            if (entry.file != file || entry.used)
                continue;
            if (++count <= 5)
                names += (count > 1 ? ", " : "") + entry.captions.video;
        }
        if (count == 0)
            continue;
        items.push_back({ m_files[file].path, ErrorKind::NotFound,
            "It has captions for " + std::to_string(count)
                + (count == 1 ? " video that is" : " videos that are")
                + " not in the project: " + names + (count > 5 ? ", ..." : "") + "." });
    }
    return items;
}

std::vector<fs::path> CaptionLibrary::files() const
{
    std::vector<fs::path> paths;
    for (const File& file : m_files)
        paths.push_back(file.path);
    return paths;
}

namespace {

constexpr double sameSeconds = 0.05;

} // namespace

std::vector<store::CaptionRecord> withoutRepeats(std::string_view origin,
    std::span<const store::CaptionRecord> incoming, std::span<const store::CaptionRecord> existing)
{
    std::unordered_multimap<std::string_view, const store::CaptionRecord*> others;
    for (const store::CaptionRecord& other : existing)
        if (other.origin != origin)
            others.emplace(other.text, &other);
    std::vector<store::CaptionRecord> kept;
    for (const store::CaptionRecord& caption : incoming) {
        const auto [begin, end] = others.equal_range(caption.text);
        const bool repeated = std::any_of(begin, end, [&caption](const auto& entry) {
            return std::abs(entry.second->startSeconds - caption.startSeconds) < sameSeconds
                && std::abs(entry.second->stopSeconds - caption.stopSeconds) < sameSeconds;
        });
        if (!repeated)
            kept.push_back(caption);
    }
    return kept;
}

Result<CaptionSource> readSidecar(const fs::path& file, std::vector<store::ProblemRecord>& problems)
{
    CLIP_TRY_ASSIGN(const text::CaptionList read, text::readSubtitles(file));
    CaptionSource source{ utf8(file), {} };
    for (const text::Caption& caption : read.captions)
        source.captions.push_back(
            { caption.startSeconds, caption.stopSeconds, caption.text, source.origin });
    for (const Error& problem : read.problems)
        problems.push_back({ file, problem.kind, utf8(file.filename()) + ": " + reasonOf(problem),
            "captions", std::nullopt });
    return source;
}

} // namespace clipscope::jobs
