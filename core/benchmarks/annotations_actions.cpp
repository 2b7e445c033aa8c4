#include "benchmarks/annotations.h"

#include "base/json.h"
#include "base/require.h"
#include "benchmarks/annotation_reading.h"
#include "text/unicode.h"

#include <algorithm>
#include <bit>
#include <map>
#include <random>
#include <set>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

namespace clipscope::benchmarks {

namespace {

// ---- COIN --------------------------------------------------------------------------------------

/// The number of an action, which COIN writes as a text.
std::optional<std::int64_t> numberOfAction(const Json& id)
{
    if (id.is_string())
        return text::integerIn(id.get_ref<const std::string&>());
    return id.is_number_integer() ? std::optional(id.get<std::int64_t>()) : std::nullopt;
}

/// The testing videos as they are gathered: what the actions are called is known at the end.
struct CoinVideos
{
    std::map<std::int64_t, std::string> texts; ///< by number
    std::vector<ActionVideo> videos;
    std::vector<std::vector<std::int64_t>> numbers; ///< of the segments of each video
};

Status addVideo(CoinVideos& coin, const std::string& video, const Json& list,
    const std::string& place, const std::filesystem::path& file)
{
    if (!list.is_array())
        return anotherForm(file, place, "a list was expected");
    ActionVideo& made = coin.videos.emplace_back(ActionVideo{ video, {} });
    std::vector<std::int64_t>& numbers = coin.numbers.emplace_back();
    for (std::size_t at = 0; at < list.size(); ++at) {
        const auto number = numberOfAction(memberOf(list[at], "id"));
        const auto label = textOf(list[at], "label");
        const auto times = pairOf(memberOf(list[at], "segment"));
        if (!number || *number < 1 || !label || label->empty() || !times
            || !areTimes(
                std::min(times->first, times->second), std::max(times->first, times->second)))
            return anotherForm(file, place + "/" + std::to_string(at),
                "an id from 1, a label and a segment of two times in seconds were expected");
        // Reversed times hold no second, as in the reference.
        coin.texts[*number] = *label;
        numbers.push_back(*number);
        made.segments.push_back({ 0, times->first, times->second, {}, {}, {}, {}, {} });
    }
    return {};
}

ActionBenchmark named(CoinVideos coin)
{
    ActionBenchmark benchmark;
    std::unordered_map<std::int64_t, std::size_t> places;
    for (auto& [number, text] : coin.texts) {
        places[number] = benchmark.actions.size();
        benchmark.actions.push_back(std::move(text));
    }
    for (std::size_t at = 0; at < coin.videos.size(); ++at) {
        ActionVideo& video = coin.videos[at];
        for (std::size_t i = 0; i < video.segments.size(); ++i) {
            video.actions.push_back(places[coin.numbers[at][i]]);
            video.segments[i].label = benchmark.actions[video.actions.back()];
        }
    }
    benchmark.videos = std::move(coin.videos);
    return benchmark;
}

// ---- CrossTask ---------------------------------------------------------------------------------

/// A line of videos.csv: task, video, address.
struct TaskVideo
{
    std::string task, video;
    bool operator<(const TaskVideo& other) const
    {
        return std::tie(task, video) < std::tie(other.task, other.video);
    }
};

Result<std::vector<TaskVideo>> taskVideosOf(const std::filesystem::path& file)
{
    CLIP_TRY_ASSIGN(const std::string content, annotationText(file));
    CLIP_TRY_ASSIGN(const std::vector<text::Row> rows, text::rowsOf(content, ',', file));
    std::vector<TaskVideo> videos;
    for (const text::Row& row : rows) {
        if (text::isBlank(row))
            continue;
        TaskVideo video;
        if (row.cells.size() >= 2) {
            video.task = text::stripped(row.cells[0]);
            video.video = text::stripped(row.cells[1]);
        }
        if (video.task.empty() || video.video.empty())
            return badLine(file, row.line, "The line lacks the task or the video.");
        // The two make the name of a file.
        if ((video.task + video.video).find('/') != std::string::npos)
            return badLine(file, row.line, "The name of the task or the video has a slash in it.");
        videos.push_back(std::move(video));
    }
    return videos;
}

Status readSteps(ActionVideo& video, const labels::Task& task, const std::filesystem::path& file)
{
    CLIP_TRY_ASSIGN(const std::string content, annotationText(file));
    CLIP_TRY_ASSIGN(const std::vector<text::Row> rows, text::rowsOf(content, ',', file));
    for (const text::Row& row : rows) {
        if (text::isBlank(row))
            continue;
        if (row.cells.size() != 3)
            return badLine(file, row.line, "A step, its start and its end were expected.");
        const auto step = text::integerIn(row.cells[0]);
        const auto start = text::numberIn(row.cells[1]), stop = text::numberIn(row.cells[2]);
        if (!step || *step < 1 || *step > static_cast<std::int64_t>(task.steps.size()))
            return badLine(file, row.line,
                "The task " + task.name + " has only the steps 1 to "
                    + std::to_string(task.steps.size()) + ".");
        if (!start || !stop || !areTimes(*start, *stop))
            return badLine(file, row.line, "The start and the end are no times in seconds.");
        video.actions.push_back(static_cast<std::size_t>(*step) - 1);
        video.segments.push_back(
            { 0, *start, *stop, task.steps[video.actions.back()].label, {}, {}, {}, {} });
    }
    return {};
}

// ---- the draw ----------------------------------------------------------------------------------

/// The first `taken` of a permutation of 0 to size - 1.
std::vector<std::size_t> drawn(std::mt19937& generator, std::size_t size, std::size_t taken)
{
    std::vector<std::size_t> numbers(size);
    for (std::size_t at = 0; at < size; ++at)
        numbers[at] = at;
    for (std::size_t at = size; at-- > 1;) {
        // Masked rejection: the outputs of the generator below the next power of two.
        const std::size_t mask = std::bit_ceil(at + 1) - 1;
        std::size_t other = at + 1;
        while (other > at)
            other = generator() & mask;
        std::swap(numbers[at], numbers[other]);
    }
    numbers.resize(taken);
    return numbers;
}

} // namespace

Result<ActionBenchmark> readCoin(const std::filesystem::path& file)
{
    CLIP_TRY_ASSIGN(const std::string content, annotationText(file));
    CLIP_TRY_ASSIGN(const Json root, parseJson(content, file));
    const Json& database = memberOf(root, "database");
    if (!database.is_object())
        return anotherForm(file, "/database", "an object of videos was expected");
    CoinVideos coin;
    for (const auto& [video, entry] : database.items()) {
        const std::string place = "/database/" + video;
        const auto subset = textOf(entry, "subset");
        if (!subset)
            return anotherForm(file, place + "/subset", "a text was expected");
        if (*subset == "testing") {
            CLIP_TRY(
                addVideo(coin, video, memberOf(entry, "annotation"), place + "/annotation", file));
        }
    }
    CLIP_TRY(requireSome(coin.texts.empty(), "actions of testing videos", file));
    return named(std::move(coin));
}

Result<StepBenchmark> readCrossTask(const std::filesystem::path& folder)
{
    if (std::error_code code; std::filesystem::is_regular_file(folder, code))
        return fail(ErrorKind::BadInput, "The annotations of CrossTask are a folder, not a file.",
            { folder, {} }, "Name the folder that holds tasks_primary.txt.");
    const std::filesystem::path tasksFile = folder / "tasks_primary.txt";
    const std::filesystem::path videosFile = folder / "videos.csv";
    CLIP_TRY_ASSIGN(const std::string content, annotationText(tasksFile));
    CLIP_TRY_ASSIGN(auto tasks, labels::readCrossTask(content, tasksFile));
    CLIP_TRY_ASSIGN(const std::vector<TaskVideo> videos, taskVideosOf(videosFile));
    auto validation = taskVideosOf(folder / "videos_val.csv");
    if (!validation && validation.error().kind != ErrorKind::NotFound)
        return fail(std::move(validation).error());
    std::set<TaskVideo> leftOut;
    if (validation)
        leftOut.insert(validation->begin(), validation->end());

    std::unordered_map<std::string, std::size_t> byId;
    for (std::size_t at = 0; at < tasks.size(); ++at)
        if (!byId.try_emplace(tasks[at].id, at).second)
            return fail(ErrorKind::BadInput, "The task " + tasks[at].id + " comes twice.",
                { tasksFile, {} });

    StepBenchmark benchmark;
    std::vector<std::optional<std::size_t>> places(tasks.size()); // in benchmark.tasks
    for (const TaskVideo& video : videos) {
        const auto task = byId.find(video.task);
        if (task == byId.end())
            continue;
        ActionVideo made{ video.video, {} };
        const Status status = readSteps(made, tasks[task->second],
            folder / "annotations" / (video.task + "_" + video.video + ".csv"));
        if (!status && status.error().kind == ErrorKind::NotFound)
            continue;
        CLIP_TRY(status);
        auto& place = places[task->second];
        if (!place) {
            place = benchmark.tasks.size();
            benchmark.tasks.push_back(tasks[task->second]);
        }
        if (!leftOut.contains(video))
            benchmark.videos.push_back({ *place, std::move(made) });
    }
    for (std::size_t at = 0; at < tasks.size(); ++at)
        if (!places[at])
            benchmark.tasks.push_back(std::move(tasks[at]));
    CLIP_TRY(requireSome(benchmark.videos.empty(), "videos with an annotation", videosFile));
    return benchmark;
}

std::vector<StepVideo> crossTaskTest(
    std::vector<StepVideo> videos, std::size_t taskCount, std::size_t trainingVideos)
{
    std::vector<std::vector<std::size_t>> byTask(taskCount); // places in `videos`
    for (std::size_t at = 0; at < videos.size(); ++at) {
        CLIP_REQUIRE(videos[at].task < taskCount, std::to_string(videos[at].task));
        byTask[videos[at].task].push_back(at);
    }
    std::mt19937 generator(0);
    std::vector<bool> isTest(videos.size(), false);
    for (const std::vector<std::size_t>& ofTask : byTask) {
        if (ofTask.size() <= trainingVideos)
            continue;
        // By name, as in the reference: a video that stands there twice trains as a whole.
        std::unordered_set<std::string> training;
        for (const std::size_t at : drawn(generator, ofTask.size(), trainingVideos))
            training.insert(videos[ofTask[at]].video.video);
        for (const std::size_t at : ofTask)
            isTest[at] = !training.contains(videos[at].video.video);
    }
    std::vector<StepVideo> test;
    for (std::size_t at = 0; at < videos.size(); ++at)
        if (isTest[at])
            test.push_back(std::move(videos[at]));
    return test;
}

} // namespace clipscope::benchmarks
