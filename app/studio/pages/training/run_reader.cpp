#include "app/studio/pages/training/run_reader.h"

#include "base/json.h"
#include "jobs/runs.h"
#include "store/metrics_scan.h"
#include "widgets/common/format.h"

#include <QCoreApplication>

#include <algorithm>
#include <map>

namespace clipscope::studio {

using namespace widgets;
using store::RunFolder;

namespace {

constexpr std::uint64_t recallTurnBytes = 64ull << 20U;
constexpr std::uint64_t tailBytes = 16ull << 10U;
constexpr std::uint64_t curveTurnBytes = 32ull << 20U;

/// The newest numbers stand at the end of the file.
void readTail(const RunFolder& run, std::uint64_t size, RunFigures& figures)
{
    store::MetricsScan tail;
    tail.from = size - std::min(size, tailBytes);
    (void)store::scanMetrics(run.metricsFile(), tail, {},
        [&figures](std::int64_t step, std::string_view name, double value) {
            figures.lastStep = step;
            if (name == "loss")
                figures.loss = value;
        });
}

/// Returns how many bytes it looked at.
std::uint64_t lookForRecall(
    const RunFolder& run, std::uint64_t most, RunFigures& figures, const std::stop_token& stop)
{
    store::MetricsScan part;
    part.from = figures.recallReadTo;
    part.mostBytes = most;
    part.onlyWith = "\"recall-1\"";
    const auto readTo = store::scanMetrics(run.metricsFile(), part, stop,
        [&figures](std::int64_t, std::string_view name, double value) {
            if (name == "recall-1")
                figures.bestRecall = std::max(value, figures.bestRecall.value_or(value));
        });
    if (!readTo)
        return 0;
    figures.recallReadTo = *readTo;
    return *readTo - part.from;
}

RunOrigin readOrigin(const RunFolder& run)
{
    RunOrigin origin;
    if (auto details = readRunDetails(run.folder()))
        origin.settings = std::move(details->settings);
    for (const RunSetting& setting : origin.settings) {
        if (setting.key == QLatin1String("train.seed"))
            origin.seed = setting.value;
        else
            origin.withoutSeed
                += setting.key + QLatin1Char('=') + setting.value + QLatin1Char('\n');
        if (setting.key.endsWith(QLatin1String(".device")))
            origin.device = setting.value;
    }
    if (const auto json = readJson(run.folder() / "origin.json"); json && json->is_object()) {
        if (const auto name = json->find("run"); name != json->end() && name->is_string())
            origin.forkedFrom = fromUtf8(name->get_ref<const std::string&>());
        if (const auto step = json->find("step"); step != json->end() && step->is_number_integer())
            origin.forkedAt = step->get<std::int64_t>();
    }
    return origin;
}

bool isMain(std::string_view name)
{
    return name == "loss" || name == "validation-loss" || name == "recall-1" || name == "recall-5"
        || name == "median-rank" || name.starts_with("watch.");
}

/// Adds what `run` has written since; false when there was nothing.
bool readOn(RunCurves& run, bool onlyMain, const std::stop_token& stop)
{
    std::error_code missing;
    const std::filesystem::path file = run.folder / "metrics.jsonl";
    const std::uint64_t size = std::filesystem::file_size(file, missing);
    // A resumed run cuts off what it will measure again: read all of it anew.
    if (missing || size < run.readTo) {
        run.curves.clear();
        run.readTo = 0;
    }
    if (missing || size == run.readTo)
        return false;
    std::map<std::string, std::shared_ptr<CurvePoints>, std::less<>> columns;
    std::vector<std::string> order;
    for (const CurveData& curve : run.curves)
        order.push_back(toUtf8(curve.name));
    store::MetricsScan part;
    part.from = run.readTo;
    part.mostBytes = curveTurnBytes;
    const auto readTo = store::scanMetrics(
        file, part, stop, [&](std::int64_t step, std::string_view name, double value) {
            if (onlyMain && !isMain(name))
                return;
            auto column = columns.find(name);
            if (column == columns.end()) {
                const CurveData* known = nullptr;
                for (std::size_t i = 0; i < run.curves.size(); ++i)
                    known = order[i] == name ? &run.curves[i] : known;
                if (!known)
                    order.emplace_back(name);
                column = columns
                             .emplace(std::string(name),
                                 known ? std::make_shared<CurvePoints>(*known->points)
                                       : std::make_shared<CurvePoints>())
                             .first;
            }
            column->second->append(static_cast<std::int32_t>(step), static_cast<float>(value));
        });
    if (!readTo || *readTo == run.readTo)
        return false;
    run.readTo = *readTo;
    for (std::size_t i = 0; i < order.size(); ++i) {
        if (i >= run.curves.size())
            run.curves.emplace_back(fromUtf8(order[i]));
        if (const auto column = columns.find(order[i]); column != columns.end())
            run.curves[i].points = column->second;
    }
    return true;
}

} // namespace

std::vector<RunInfo> scanRuns(const std::filesystem::path& runsFolder, bool withArchive,
    const std::map<QString, RunKnown>& known, const std::stop_token& stop)
{
    std::vector<RunInfo> runs;
    std::uint64_t left = recallTurnBytes;
    const auto scan = [&](const std::filesystem::path& parent, bool archived) {
        for (const RunFolder& folder : RunFolder::list(parent)) {
            if (stop.stop_requested())
                return;
            RunInfo run;
            run.name = fromUtf8(folder.name());
            if (archived) // another run may have taken the name since
                run.name = QCoreApplication::translate("RunReader", "%1 (archived)").arg(run.name);
            run.folder = folder.folder();
            run.archived = archived;
            if (auto state = folder.readState())
                run.state = std::move(*state);
            if (const auto before = known.find(run.name); before != known.end()) {
                run.figures = before->second.figures;
                run.origin = before->second.origin;
            }
            if (run.origin.settings.empty())
                run.origin = readOrigin(folder);
            std::error_code missing;
            std::uint64_t size = std::filesystem::file_size(folder.metricsFile(), missing);
            size = missing ? 0 : size;
            if (size < run.figures.sizeSeen)
                run.figures = {};
            if (size != run.figures.sizeSeen)
                readTail(folder, size, run.figures);
            run.figures.sizeSeen = size;
            if (run.figures.recallReadTo < size && left > 0)
                left -= std::min(left, lookForRecall(folder, left, run.figures, stop));
            runs.push_back(std::move(run));
        }
    };
    scan(runsFolder, false);
    if (withArchive)
        scan(jobs::archiveFolder(runsFolder), true);
    return runs;
}

Result<CurvesUpdate> readCurves(const std::vector<RunCurves>& shown, bool onlyMain,
    std::chrono::milliseconds turn, const std::stop_token& stop)
{
    const auto end = std::chrono::steady_clock::now() + turn;
    CurvesUpdate update;
    for (RunCurves run : shown) {
        bool changed = false;
        while (readOn(run, onlyMain, stop)) {
            changed = true;
            if (std::chrono::steady_clock::now() > end)
                update.complete = false; // perhaps: the next call finds nothing then
            if (!update.complete)
                break;
        }
        if (stop.stop_requested())
            return fail(ErrorKind::Cancelled, "Reading curves was stopped.");
        if (changed)
            update.changed.push_back(std::move(run));
        if (!update.complete)
            break;
    }
    return update;
}

} // namespace clipscope::studio
