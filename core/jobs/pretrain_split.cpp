#include "jobs/pretrain_split.h"

#include "base/files.h"
#include "base/json.h"
#include "data/training_set.h"
#include "store/project.h"

#include <set>
#include <string>
#include <unordered_map>

namespace clipscope::jobs {

namespace {

constexpr const char* formatName = "clipscope-split";
constexpr std::int64_t formatVersion = 1;

std::string_view trimmed(std::string_view text)
{
    constexpr std::string_view blanks = " \t\r";
    const std::size_t begin = text.find_first_not_of(blanks);
    if (begin == std::string_view::npos)
        return {};
    return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

/// Finds videos of the catalogue by what a person would write.
class VideoNames final
{
public:
    explicit VideoNames(std::vector<store::VideoRecord> videos)
        : m_videos(std::move(videos))
    {
        for (const store::VideoRecord& video : m_videos) {
            m_byName.emplace(utf8(video.path.filename()), &video);
            m_byHash.emplace(video.contentHash, &video);
        }
    }

    std::vector<const store::VideoRecord*> meantBy(const std::string& name) const
    {
        if (const auto found = m_byHash.find(name); found != m_byHash.end())
            return { found->second };
        std::vector<const store::VideoRecord*> meant;
        const std::string plain = utf8(pathFromUtf8(name).lexically_normal());
        const auto [begin, end] = m_byName.equal_range(utf8(pathFromUtf8(plain).filename()));
        for (auto it = begin; it != end; ++it) {
            const std::string path = utf8(it->second->path);
            if (path == plain || path.ends_with("/" + plain))
                meant.push_back(it->second);
        }
        return meant;
    }

private:
    std::vector<store::VideoRecord> m_videos;
    std::unordered_multimap<std::string, const store::VideoRecord*> m_byName;
    std::unordered_map<std::string, const store::VideoRecord*> m_byHash;
};

data::Split splitWith(const std::set<std::int64_t>& validation, std::size_t videos)
{
    data::Split split;
    for (std::int64_t at = 0; at < static_cast<std::int64_t>(videos); ++at)
        (validation.contains(at) ? split.validation : split.training).push_back(at);
    return split;
}

std::unordered_map<std::int64_t, std::int64_t> indexById(std::span<const SplitVideo> videos)
{
    std::unordered_map<std::int64_t, std::int64_t> index;
    for (std::size_t at = 0; at < videos.size(); ++at)
        index.emplace(videos[at].id, static_cast<std::int64_t>(at));
    return index;
}

} // namespace

std::vector<SplitVideo> splitVideos(const data::TrainingSet& set)
{
    std::vector<SplitVideo> videos;
    for (std::int64_t at = 0; at < set.count(); ++at) {
        const data::CaptionedVideo video = set.video(at);
        videos.push_back({ video.videoId, std::string(video.contentHash) });
    }
    return videos;
}

Result<data::Split> splitByList(const std::filesystem::path& list, const store::Project& project,
    std::span<const SplitVideo> videos)
{
    CLIP_TRY_ASSIGN(const std::string text, readFile(list));
    CLIP_TRY_ASSIGN(auto records, project.catalogue().videos());
    const VideoNames names(std::move(records));
    const auto indexOfId = indexById(videos);

    std::set<std::int64_t> validation;
    std::int64_t line = 0;
    for (std::string_view rest = text; !rest.empty();) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        const std::string name(trimmed(rest.substr(0, end)));
        rest.remove_prefix(std::min(end + 1, rest.size()));
        ++line;
        if (name.empty())
            continue;
        const auto bad = [&](const std::string& why) {
            std::string message = "\"" + name + "\" ";
            message += why;
            return fail(ErrorKind::BadInput, std::move(message),
                { list, "line " + std::to_string(line) },
                "Write a file name, the end of a path or a content hash, one a line.");
        };
        const auto meant = names.meantBy(name);
        if (meant.empty())
            return bad("is no video of the project.");
        if (meant.size() > 1)
            return bad("means " + std::to_string(meant.size()) + " videos of the project.");
        const auto index = indexOfId.find(meant.front()->id);
        if (index == indexOfId.end())
            return bad("has no captions or no features, so nothing can be measured on it.");
        validation.insert(index->second);
    }
    if (validation.size() == videos.size())
        return fail(ErrorKind::BadInput,
            "The list names every video that could train, so none is left to train on.",
            { list, {} });
    return splitWith(validation, videos.size());
}

Status writeSplit(const std::filesystem::path& file, const data::Split& split,
    std::span<const SplitVideo> videos, std::int64_t seed)
{
    Json validation = Json::array();
    for (const std::int64_t index : split.validation) {
        const SplitVideo& video = videos[static_cast<std::size_t>(index)];
        validation.push_back({ { "video", video.id }, { "content_hash", video.contentHash } });
    }
    const Json json{ { "format", formatName }, { "version", formatVersion }, { "seed", seed },
        { "training_videos", split.training.size() }, { "validation", std::move(validation) } };
    return writeFileAtomically(file, dump(json, 1) + "\n");
}

Result<data::Split> readSplit(const std::filesystem::path& file, std::span<const SplitVideo> videos)
{
    CLIP_TRY_ASSIGN(const Json json, readJson(file));
    if (!json.is_object() || json.value("format", "") != formatName || !json.contains("validation")
        || !json["validation"].is_array())
        return fail(ErrorKind::BadInput, "This is not the split of a run.", { file, {} });
    if (json.value("version", formatVersion) > formatVersion)
        return fail(ErrorKind::Unsupported, "The split was written by a newer Clipscope.",
            { file, {} }, "Use the newer one.");
    const auto indexOfId = indexById(videos);
    std::set<std::int64_t> validation;
    for (std::size_t at = 0; at < json["validation"].size(); ++at) {
        const Json& item = json["validation"][at];
        if (!item.is_object() || !item.contains("video") || !item["video"].is_number_integer()
            || !item.contains("content_hash") || !item["content_hash"].is_string())
            return fail(ErrorKind::BadInput, "A video of the split lacks its id or its hash.",
                { file, "/validation/" + std::to_string(at) });
        const auto id = item["video"].get<std::int64_t>();
        const auto index = indexOfId.find(id);
        if (index == indexOfId.end()
            || videos[static_cast<std::size_t>(index->second)].contentHash
                != item["content_hash"].get_ref<const std::string&>())
            return fail(ErrorKind::Conflict,
                "Video " + std::to_string(id)
                    + ", which the run is measured on, is no longer there with its captions and "
                      "features.",
                { file, {} }, "Import and extract it again, or start a new run.");
        validation.insert(index->second);
    }
    return splitWith(validation, videos.size());
}

} // namespace clipscope::jobs
