#include "jobs/benchmark_videos.h"

#include "base/files.h"
#include "data/named_source.h"
#include "jobs/labelled_video.h"
#include "tasks/states.h"
#include "tensor/npy.h"

#include <ATen/ATen.h>

#include <memory>
#include <unordered_map>

namespace clipscope::jobs {

namespace {

namespace fs = std::filesystem;

/// Numbers of a project's videos by the names that benchmarks may have for them.
class VideoNames final
{
public:
    static Result<VideoNames> of(const store::Project& project)
    {
        CLIP_TRY_ASSIGN(const auto videos, videosByStem(project));
        VideoNames names;
        for (const auto& [stem, video] : videos.byStem) {
            names.m_ids.emplace(stem, video.id);
            const std::size_t open = stem.rfind('[');
            if (open != std::string::npos && stem.back() == ']')
                names.m_ids.emplace(stem.substr(open + 1, stem.size() - open - 2), video.id);
        }
        return names;
    }

    std::optional<std::int64_t> find(const std::string& name) const
    {
        auto found = m_ids.find(name);
        if (found == m_ids.end())
            found = m_ids.find(withoutExtension(name));
        return found == m_ids.end() ? std::nullopt : std::optional(found->second);
    }

    static std::string withoutExtension(const std::string& name)
    {
        return utf8(pathFromUtf8(name).stem());
    }

private:
    std::unordered_map<std::string, std::int64_t> m_ids;
};

Result<std::optional<at::Tensor>> readFeatures(
    const fs::path& folder, const std::string& name, std::int64_t width)
{
    for (const std::string& called : { name, VideoNames::withoutExtension(name) }) {
        CLIP_TRY_ASSIGN(const fs::path file, data::featurePath(folder, called));
        std::error_code code;
        if (!fs::exists(file, code))
            continue;
        CLIP_TRY_ASSIGN(const auto form, data::featureFile(file));
        if (form.width != width)
            return fail(ErrorKind::BadInput,
                "The features have " + std::to_string(form.width)
                    + " numbers per second, the checkpoint reads " + std::to_string(width) + ".",
                { file, {} });
        if (form.seconds > 0) {
            CLIP_TRY_ASSIGN(auto features, tensor::readNpy(file));
            return features;
        }
    }
    return std::nullopt;
}

} // namespace

Result<BenchmarkVideos> projectVideos(
    const store::Project& project, const tasks::EmbeddingModel& model)
{
    CLIP_TRY_ASSIGN(auto opened, tasks::featuresOf(project, model));
    CLIP_TRY_ASSIGN(auto names, VideoNames::of(project));
    const auto reader = std::make_shared<const store::FeatureReader>(std::move(opened));
    BenchmarkVideos videos;
    videos.fingerprint = reader->manifest().fingerprint;
    videos.find = [reader, names = std::move(names)](
                      const std::string& name) -> Result<std::optional<tasks::BenchmarkVideo>> {
        const auto id = names.find(name);
        const auto view = id ? reader->find(*id) : std::nullopt;
        if (!view || view->seconds == 0)
            return std::nullopt;
        return tasks::BenchmarkVideo{ *id, tasks::tensorOf(*view) };
    };
    return videos;
}

Result<BenchmarkVideos> folderVideos(
    const store::Project& project, const tasks::EmbeddingModel& model, const fs::path& folder)
{
    std::error_code code;
    if (!fs::is_directory(folder, code))
        return fail(ErrorKind::NotFound, "There is no such folder of features.", { folder, {} });
    CLIP_TRY_ASSIGN(auto names, VideoNames::of(project));
    BenchmarkVideos videos;
    videos.fingerprint = "files:" + utf8(folder);
    videos.find = [names = std::move(names), folder, width = std::int64_t{ model.featureDim() }](
                      const std::string& name) -> Result<std::optional<tasks::BenchmarkVideo>> {
        CLIP_TRY_ASSIGN(auto features, readFeatures(folder, name, width));
        if (!features)
            return std::nullopt;
        return tasks::BenchmarkVideo{ names.find(name).value_or(0), std::move(*features) };
    };
    return videos;
}

} // namespace clipscope::jobs
