#include "jobs/evaluate.h"

#include "base/files.h"
#include "base/guarded.h"
#include "base/hash.h"
#include "jobs/benchmark_videos.h"
#include "store/project.h"
#include "tasks/protocols.h"

#include <algorithm>

namespace clipscope::jobs {

namespace {

namespace fs = std::filesystem;

Result<benchmarks::Benchmark> benchmarkOf(const EvaluateSettings& settings)
{
    if (const auto known = benchmarks::benchmarkOf(settings.benchmark))
        return *known;
    return fail(ErrorKind::BadInput, "There is no benchmark \"" + settings.benchmark + "\".", {},
        "Say one of " + benchmarks::benchmarkNames() + ".");
}

/// Of a file, or of the names and contents of a folder's files.
Result<std::string> hashOfAnnotations(const fs::path& path, std::stop_token stop)
{
    std::error_code code;
    if (!fs::is_directory(path, code))
        return hashOfFile(path, stop);
    std::vector<fs::path> files;
    for (fs::recursive_directory_iterator at(path, code), end; !code && at != end;
         at.increment(code))
        if (std::error_code gone; at->is_regular_file(gone))
            files.push_back(at->path());
    if (code)
        return fail(
            ErrorKind::Io, "The folder cannot be read: " + code.message() + ".", { path, {} });
    std::ranges::sort(files);
    Hasher hasher;
    for (const fs::path& file : files) {
        CLIP_TRY_ASSIGN(const std::string hash, hashOfFile(file, stop));
        hasher.add(utf8(file.lexically_relative(path)) + "\n" + hash + "\n");
    }
    return hasher.hex();
}

} // namespace

void describe(SettingsVisitor& visitor, EvaluateSettings& settings)
{
    visitor.field("evaluate.checkpoint", settings.checkpoint, SettingLevel::Basic,
        "Checkpoint to evaluate; empty takes the project's default.");
    visitor.field("evaluate.device", settings.device, tensor::deviceWishNames(),
        SettingLevel::Basic, "Where the network runs.");
}

Json toJson(const EvaluateReport& report)
{
    benchmarks::Evaluation head = report.evaluation;
    head.items.clear();
    Json json = benchmarks::toJson(head);
    json.erase("items");
    json["items_evaluated"] = report.evaluation.items.size();
    json["file"] = report.file.empty() ? Json() : Json(utf8(report.file));
    return json;
}

Result<EvaluateReport> runEvaluate(const EvaluateSettings& settings, JobContext context)
{
    return guarded([&]() -> Result<EvaluateReport> {
        CLIP_TRY_ASSIGN(const auto benchmark, benchmarkOf(settings));
        const auto& facts = benchmarks::factsOf(benchmark);
        if (settings.annotations.empty())
            return fail(ErrorKind::BadInput,
                "No annotations of " + std::string(facts.title) + " are named.", {},
                "Name them with --annotations: " + std::string(facts.files));
        CLIP_TRY_ASSIGN(
            const auto project, store::Project::open(settings.project, store::Access::ReadOnly));
        CLIP_TRY_ASSIGN(const auto info, tasks::findCheckpoint(project, settings.checkpoint));
        CLIP_TRY_ASSIGN(const auto compute,
            tensor::resolveCompute(settings.device, tensor::PrecisionWish::Float32));
        CLIP_TRY_ASSIGN(const auto model, tasks::loadEmbeddingModel(info, compute.device));
        CLIP_TRY_ASSIGN(const auto videos,
            settings.features.empty() ? projectVideos(project, *model)
                                      : folderVideos(project, *model, settings.features));
        EvaluateReport report;
        CLIP_TRY_ASSIGN(report.evaluation,
            tasks::runProtocol(*model, benchmark, settings.annotations, videos.find, context));
        benchmarks::Evaluation& evaluation = report.evaluation;
        evaluation.checkpoint = info.name;
        evaluation.checkpointTitle = info.title;
        evaluation.checkpointFingerprint = model->fingerprint();
        evaluation.features = videos.fingerprint;
        evaluation.annotations.path = fs::absolute(settings.annotations);
        CLIP_TRY_ASSIGN(
            evaluation.annotations.hash, hashOfAnnotations(settings.annotations, context.stop));
        evaluation.programVersion = settings.programVersion;
        if (!isWritable(settings.project)) {
            evaluation.notes.push_back(
                "The project cannot be written, so the evaluation is not stored.");
            return report;
        }
        report.file = benchmarks::evaluationPath(settings.project, info.name, benchmark);
        CLIP_TRY(benchmarks::writeEvaluation(report.file, evaluation));
        return report;
    });
}

} // namespace clipscope::jobs
