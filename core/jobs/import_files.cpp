#include "jobs/import_files.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>
#include <string_view>
#include <system_error>

namespace clipscope::jobs {

namespace {

namespace fs = std::filesystem;

/// Files in folders that nobody means as a video; everything else is looked into.
constexpr std::array<std::string_view, 46> notVideos = { ".7z", ".aac", ".bmp", ".bz2", ".c",
    ".cpp", ".csv", ".db", ".doc", ".docx", ".flac", ".gif", ".gz", ".h", ".htm", ".html", ".ini",
    ".jpeg", ".jpg", ".js", ".json", ".log", ".lrc", ".md", ".mp3", ".nfo", ".odt", ".pdf", ".png",
    ".py", ".rar", ".sh", ".srt", ".svg", ".tar", ".tif", ".tiff", ".toml", ".tsv", ".txt", ".vtt",
    ".wav", ".webp", ".xml", ".xz", ".zip" };

std::string lowerExtension(const fs::path& file)
{
    std::string extension = file.extension().string();
    for (char& c : extension)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return extension;
}

bool isSubtitle(const fs::path& file)
{
    const std::string extension = lowerExtension(file);
    return extension == ".srt" || extension == ".vtt";
}

/// "en", "eng", "en-GB", "pt_BR": what people write between the stem and .srt.
bool looksLikeLanguage(std::string_view text)
{
    const std::size_t base = std::min(text.find_first_of("-_"), text.size());
    return (base == 2 || base == 3) && text.size() <= base + 5
        && std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(base),
            [](unsigned char c) { return std::isalpha(c) != 0; });
}

class Walk final
{
public:
    Walk(FoundFiles& found, const std::stop_token& stop)
        : m_found(found)
        , m_stop(stop)
    {
    }

    void folder(const fs::path& folder)
    {
        std::error_code code;
        const fs::path real = fs::canonical(folder, code);
        if (code || !m_visited.insert(real).second) // a link back to where we come from
            return;
        std::vector<fs::path> entries;
        auto listing = fs::directory_iterator(folder, code);
        for (; !code && listing != fs::directory_iterator(); listing.increment(code))
            entries.push_back(listing->path());
        if (code) {
            m_found.skipped.push_back(
                { folder, ErrorKind::Io, "The folder cannot be read: " + code.message() + "." });
            return;
        }
        std::sort(entries.begin(), entries.end());
        for (const fs::path& entry : entries) {
            if (m_stop.stop_requested())
                return;
            const std::string name = entry.filename().string();
            if (name.starts_with("."))
                continue;
            const bool isFolder = fs::is_directory(entry, code);
            if (isFolder && !fs::exists(entry / "project.sqlite", code))
                this->folder(entry);
            else if (isFolder)
                continue;
            else if (isSubtitle(entry))
                subtitle(entry);
            else if (name == "captions.json" || name == "raw_caption.json")
                m_found.captionFiles.push_back(entry);
            else if (!std::binary_search(notVideos.begin(), notVideos.end(), lowerExtension(entry))
                && fs::is_regular_file(entry, code))
                candidate(entry);
        }
    }

    void file(const fs::path& file)
    {
        candidate(file);
        const fs::path folder = file.parent_path();
        if (m_found.subtitles.contains(folder))
            return;
        m_found.subtitles[folder];
        std::error_code code;
        for (const auto& entry : fs::directory_iterator(folder, code))
            if (isSubtitle(entry.path()))
                subtitle(entry.path());
    }

private:
    void candidate(const fs::path& file)
    {
        if (m_seen.insert(file).second)
            m_found.candidates.push_back(file);
    }

    void subtitle(const fs::path& file)
    {
        auto& ofFolder = m_found.subtitles[file.parent_path()];
        const std::string stem = file.stem().string();
        ofFolder.emplace(stem, file);
        const std::size_t dot = stem.rfind('.');
        if (dot != std::string::npos && looksLikeLanguage(std::string_view(stem).substr(dot + 1)))
            ofFolder.emplace(stem.substr(0, dot), file);
    }

    FoundFiles& m_found;
    const std::stop_token& m_stop;
    std::set<fs::path> m_visited;
    std::set<fs::path> m_seen;
};

} // namespace

std::optional<fs::path> FoundFiles::subtitleOf(const fs::path& video) const
{
    const auto folder = subtitles.find(video.parent_path());
    if (folder == subtitles.end())
        return std::nullopt;
    const std::string stem = video.stem().string();
    std::optional<fs::path> best;
    int bestRank = 3;
    const auto [begin, end] = folder->second.equal_range(stem);
    for (auto it = begin; it != end; ++it) {
        const std::string own = it->second.stem().string();
        const std::string_view language = std::string_view(own).substr(stem.size());
        const int rank = language.empty() ? 0 : language.starts_with(".en") ? 1 : 2;
        if (rank < bestRank || (rank == bestRank && it->second < *best)) {
            best = it->second;
            bestRank = rank;
        }
    }
    return best;
}

FoundFiles findFiles(const std::vector<fs::path>& paths, const std::stop_token& stop)
{
    FoundFiles found;
    Walk walk(found, stop);
    for (const fs::path& path : paths) {
        std::error_code code;
        fs::path absolute = fs::absolute(path, code).lexically_normal();
        if (!absolute.has_filename()) // "folder/"
            absolute = absolute.parent_path();
        const fs::file_status status = fs::status(absolute, code);
        if (status.type() == fs::file_type::not_found)
            found.skipped.push_back(
                { path, ErrorKind::NotFound, "There is no such file or folder." });
        else if (fs::is_directory(status))
            walk.folder(absolute);
        else if (fs::is_regular_file(status))
            walk.file(absolute);
        else
            found.skipped.push_back({ path, code ? ErrorKind::Io : ErrorKind::BadInput,
                code ? "The file cannot be read: " + code.message() + "."
                     : "This is neither a file nor a folder." });
    }
    return found;
}

} // namespace clipscope::jobs
