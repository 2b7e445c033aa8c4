#include "tasks/checkpoints.h"

#include "base/files.h"
#include "base/json.h"
#include "features/encoder.h"
#include "model/efficientnet_lite.h"
#include "model/video_clip.h"
#include "store/project.h"
#include "store/run_folder.h"
#include "tasks/starter.h"
#include "tensor/tensor_file.h"

#include <algorithm>

namespace clipscope::tasks {

namespace {

namespace fs = std::filesystem;

/// Whose features a VideoCLIP checkpoint reads: what it says, else what its width tells.
std::string encoderOf(const tensor::TensorFile& file, const model::VideoClipConfig& config)
{
    if (const auto said = file.metadata.find("clipscope.encoder"); said != file.metadata.end())
        return said->second;
    return config.video.inputWidth == model::EfficientNetLite0::featureWidth ? "efficientnet-lite0"
                                                                             : "s3d";
}

std::optional<CheckpointInfo> videoClipAt(const fs::path& path, std::string name, std::string title)
{
    const auto file = tensor::readSafetensors(path);
    if (!file)
        return std::nullopt;
    const auto config = [&]() -> Result<model::VideoClipConfig> {
        if (const auto own = file->metadata.find("clipscope.config"); own != file->metadata.end())
            return model::videoClipConfigFromJson(own->second, path);
        const auto prefix = tensor::prefixOf(*file, "video_encoder.videomlp.linear1.weight");
        return model::videoClipConfigFromTensors(*file, prefix.value_or(""));
    }();
    if (!config)
        return std::nullopt;
    return CheckpointInfo{ std::move(name), std::move(title), CheckpointKind::VideoClip, path,
        encoderOf(*file, *config), {} };
}

std::optional<CheckpointInfo> starterAt(const fs::path& path)
{
    std::error_code error;
    if (!fs::exists(path, error))
        return std::nullopt;
    return CheckpointInfo{ "starter", std::string(starterTitle), CheckpointKind::Starter, path,
        "efficientnet-lite0", std::string(starterLimits) };
}

/// Newest first.
void addRuns(const store::Project& project, std::vector<CheckpointInfo>& found)
{
    std::vector<std::pair<fs::file_time_type, CheckpointInfo>> runs;
    for (const auto& run : store::RunFolder::list(project.runsFolder())) {
        for (const char* which : { "best", "last" }) {
            const auto path = run.checkpointsFolder() / (std::string(which) + ".safetensors");
            std::error_code error;
            const auto time = fs::last_write_time(path, error);
            if (error)
                continue;
            if (auto info = videoClipAt(path, run.name() + "." + which,
                    "Run " + run.name() + ", " + which + " checkpoint")) {
                info->limits
                    = "Trained in this project; it knows no more than the films it was trained on.";
                runs.emplace_back(time, std::move(*info));
            }
        }
    }
    std::stable_sort(
        runs.begin(), runs.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    for (auto& [time, info] : runs)
        found.push_back(std::move(info));
}

bool hasFeatures(const store::Project& project, const CheckpointInfo& info)
{
    std::error_code error;
    return fs::exists(project.featuresFolder(info.encoder) / "manifest.json", error);
}

} // namespace

Result<std::vector<CheckpointInfo>> listCheckpoints(const store::Project& project)
{
    std::vector<CheckpointInfo> found;
    const auto videoClip
        = videoClipAt(modelsFolder() / "videoclip.safetensors", "videoclip", "VideoCLIP");
    const bool videoClipFirst = videoClip && hasFeatures(project, *videoClip);
    if (videoClipFirst)
        found.push_back(*videoClip);
    if (auto starter = starterAt(modelsFolder() / "starter.safetensors"))
        found.push_back(std::move(*starter));
    if (videoClip && !videoClipFirst)
        found.push_back(*videoClip);
    addRuns(project, found);
    return found;
}

Result<CheckpointInfo> findCheckpoint(const store::Project& project, const std::string& name)
{
    CLIP_TRY_ASSIGN(const auto all, listCheckpoints(project));
    if (all.empty())
        return fail(ErrorKind::NotFound, "There is no checkpoint to search with.",
            { modelsFolder(), {} },
            "Make the starter with `clipscope-setup starter`, in a checkout with `./dev starter`.");
    const auto wanted = std::find_if(all.begin(), all.end(), [&](const CheckpointInfo& info) {
        return name.empty() ? hasFeatures(project, info) : info.name == name;
    });
    if (wanted != all.end())
        return *wanted;
    if (name.empty())
        return all.front();
    std::string known;
    for (const auto& info : all)
        known += (known.empty() ? "" : ", ") + info.name;
    return fail(ErrorKind::NotFound, "The project has no checkpoint named \"" + name + "\".",
        { project.folder(), {} }, "It has: " + known + ".");
}

} // namespace clipscope::tasks
