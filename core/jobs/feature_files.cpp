#include "jobs/feature_files.h"

#include "base/files.h"
#include "base/guarded.h"
#include "base/hash.h"
#include "jobs/labelled_video.h"
#include "jobs/skipped.h"
#include "store/feature_shards.h"
#include "store/project.h"
#include "tasks/states.h"
#include "tensor/npy.h"

#include <torch/types.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

namespace clipscope::jobs {

namespace {

namespace fs = std::filesystem;
constexpr const char* takenInKey = "taken_in";

/// The arrays of a folder, in the order of their names.
Result<std::vector<fs::path>> arraysIn(const fs::path& folder)
{
    std::error_code error;
    if (!fs::is_directory(folder, error))
        return fail(ErrorKind::NotFound, "There is no such folder.", { folder, {} });
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder, error))
        if (entry.path().extension() == ".npy")
            files.push_back(entry.path());
    if (error)
        return fail(
            ErrorKind::Io, "The folder cannot be read: " + error.message() + ".", { folder, {} });
    if (files.empty())
        return fail(ErrorKind::NotFound, "The folder has no .npy file.", { folder, {} });
    std::sort(files.begin(), files.end());
    return files;
}

/// The video an array belongs to.
Result<store::VideoRecord> videoOf(const fs::path& file, const VideosByStem& videos)
{
    const std::string stem = utf8(file.stem());
    if (videos.ambiguous.contains(stem))
        return fail(ErrorKind::Conflict, "Several videos have this name.", { file, {} });
    const auto video = videos.byStem.find(stem);
    if (video == videos.byStem.end())
        return fail(ErrorKind::NotFound, "The project has no video of this name.", { file, {} });
    return video->second;
}

/// Binary16 [seconds, width]; `width` 0: any.
Result<at::Tensor> readRows(const fs::path& file, std::int64_t seconds, std::int64_t width)
{
    CLIP_TRY_ASSIGN(const auto array, tensor::readNpy(file));
    const auto shape = c10::str(array.sizes());
    if (array.dim() != 2 || !array.is_floating_point() || array.size(1) == 0)
        return fail(ErrorKind::BadInput,
            "An array of shape " + shape + " is no list of vectors, one a second.", { file, {} });
    if (width > 0 && array.size(1) != width)
        return fail(ErrorKind::BadInput,
            "The vectors have " + std::to_string(array.size(1)) + " numbers, the others "
                + std::to_string(width) + ".",
            { file, {} });
    if (array.size(0) == 0 || std::abs(array.size(0) - seconds) > 1)
        return fail(ErrorKind::BadInput,
            "The array has " + std::to_string(array.size(0)) + " rows, the video "
                + std::to_string(seconds) + " seconds.",
            { file, {} });
    at::Tensor halves = array.to(torch::kHalf).contiguous();
    if (!halves.isfinite().all().item<bool>())
        return fail(ErrorKind::BadInput,
            "The array has values that are not finite, or too large for binary16.", { file, {} });
    return halves;
}

std::span<const std::uint16_t> bitsOf(const at::Tensor& halves)
{
    return { static_cast<const std::uint16_t*>(halves.const_data_ptr()),
        static_cast<std::size_t>(halves.numel()) };
}

/// Features of this encoder that are there already; extracted ones are not to be lost to others.
Result<std::optional<store::FeatureReader>> takenInBefore(const fs::path& folder)
{
    auto present = store::FeatureReader::open(folder);
    if (!present) {
        if (present.error().kind == ErrorKind::NotFound)
            return std::nullopt;
        return fail(std::move(present).error());
    }
    if (present->videoCount() > 0 && !wereTakenIn(present->manifest().details))
        return fail(ErrorKind::Conflict,
            "The project has features that it extracted with this encoder.", { folder, {} },
            "Take the others in under another name with --encoder, or remove this folder.");
    return std::optional(std::move(*present));
}

bool holds(const std::optional<store::FeatureReader>& reader, const store::VideoRecord& video,
    std::span<const std::uint16_t> bits)
{
    const auto view = reader ? reader->find(video.id) : std::nullopt;
    return view && view->contentHash == video.contentHash
        && std::equal(view->halves.begin(), view->halves.end(), bits.begin(), bits.end());
}

} // namespace

void describe(SettingsVisitor& visitor, FeatureFilesSettings& settings)
{
    visitor.field("features.encoder", settings.encoder, SettingLevel::Basic,
        "Encoder that the features are from: s3d, efficientnet-lite0 or a name of your own.");
}

Json toJson(const FeatureFilesReport& report)
{
    return { { "encoder", report.encoder }, { "videos", report.videos }, { "known", report.known },
        { "seconds", report.seconds }, { "skipped", skippedList(report.skipped) } };
}

bool wereTakenIn(const Json& manifestDetails)
{
    return manifestDetails.is_object() && manifestDetails.value(takenInKey, false);
}

Result<FeatureFilesReport> runTakeFeatures(const FeatureFilesSettings& settings, JobContext context)
{
    return guarded([&]() -> Result<FeatureFilesReport> {
        CLIP_TRY_ASSIGN(
            const auto project, store::Project::open(settings.project, store::Access::ReadOnly));
        CLIP_TRY_ASSIGN(const auto files, arraysIn(settings.folder));
        CLIP_TRY_ASSIGN(const auto videos, videosByStem(project));
        const fs::path folder = project.featuresFolder(settings.encoder);
        CLIP_TRY_ASSIGN(const auto before, takenInBefore(folder));
        FeatureFilesReport report{ settings.encoder, 0, 0, 0, {} };
        std::optional<store::FeatureWriter> writer;
        std::int64_t width = 0;
        for (std::size_t i = 0; i < files.size(); ++i) {
            if (context.stop.stop_requested())
                return fail(ErrorKind::Cancelled,
                    "Taking in features was stopped; finished videos are kept.");
            context.progress.report(
                { "features", static_cast<std::int64_t>(i), static_cast<std::int64_t>(files.size()),
                    "videos", 0.0, utf8(files[i].filename()) });
            const auto video = videoOf(files[i], videos);
            const auto rows = video ? readRows(files[i], video->seconds(), width)
                                    : Result<at::Tensor>(fail(video.error()));
            if (!rows) {
                report.skipped.push_back(rows.error());
                continue;
            }
            if (!writer) {
                width = rows->size(1);
                const store::FeatureManifest manifest{ settings.encoder,
                    hashOf("taken in|" + settings.encoder + "|" + std::to_string(width)), width,
                    { { takenInKey, true } } };
                CLIP_TRY_ASSIGN(writer, store::FeatureWriter::open(folder, manifest));
            }
            if (holds(before, *video, bitsOf(*rows))) {
                ++report.known;
                continue;
            }
            CLIP_TRY(writer->append(video->id, video->contentHash, bitsOf(*rows), rows->size(0)));
            ++report.videos;
            report.seconds += rows->size(0);
        }
        return report;
    });
}

Result<FeatureFilesReport> runWriteFeatures(
    const FeatureFilesSettings& settings, JobContext context)
{
    return guarded([&]() -> Result<FeatureFilesReport> {
        CLIP_TRY_ASSIGN(
            const auto project, store::Project::open(settings.project, store::Access::ReadOnly));
        CLIP_TRY_ASSIGN(const auto features,
            store::FeatureReader::open(project.featuresFolder(settings.encoder)));
        CLIP_TRY_ASSIGN(const auto videos, project.catalogue().videos());
        CLIP_TRY(makeFolder("The folder", settings.folder));
        FeatureFilesReport report{ settings.encoder, 0, 0, 0, {} };
        std::set<fs::path> written;
        for (std::size_t i = 0; i < videos.size(); ++i) {
            if (context.stop.stop_requested())
                return fail(
                    ErrorKind::Cancelled, "Writing features was stopped; finished files are kept.");
            context.progress.report({ "features", static_cast<std::int64_t>(i),
                static_cast<std::int64_t>(videos.size()), "videos", 0.0,
                utf8(videos[i].path.filename()) });
            const auto view = features.find(videos[i].id);
            if (!view || view->contentHash != videos[i].contentHash)
                continue;
            const fs::path file
                = settings.folder / pathFromUtf8(utf8(videos[i].path.stem()) + ".npy");
            if (!written.insert(file).second) {
                report.skipped.push_back(fail(ErrorKind::Conflict,
                    "Another video has the same name.",
                    { videos[i].path, {} }).value());
                continue;
            }
            CLIP_TRY(tensor::writeNpy(file, tasks::tensorOf(*view).to(torch::kFloat32)));
            ++report.videos;
            report.seconds += view->seconds;
        }
        return report;
    });
}

} // namespace clipscope::jobs
