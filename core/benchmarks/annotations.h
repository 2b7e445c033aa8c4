#pragma once

#include "base/result.h"
#include "labels/annotation.h"
#include "labels/task_files.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace clipscope::benchmarks {

// The annotation files of the benchmarks, as their owners ship them; docs/formats/benchmarks.md has
// examples. Encodings as text::utf8FromFileContent(); gzip is not unpacked.
// Errors:  NotFound, Io; BadInput with the line or the member that is wrong, or when there is no
//          item at all. Threads: any thread at once. Cost: the whole file in memory, at most 64 MB.

/// A text and the clip that it belongs to.
struct ClipItem
{
    std::string video; ///< the benchmark's name of it
    std::string text;
    /// Seconds [start, stop) of the video; stop 0: to its end.
    std::int64_t startSecond = 0, stopSecond = 0;

    bool operator==(const ClipItem&) const = default;
};

/// A video and several texts, one of which belongs to it.
struct ChoiceItem
{
    std::string video;
    std::vector<std::string> choices; ///< five
    std::size_t answer = 0; ///< of `choices`

    bool operator==(const ChoiceItem&) const = default;
};

/// A text and the parts of its video that annotators chose for it.
struct PartItem
{
    std::string video; ///< with its extension, as DiDeMo has it
    std::string text;
    /// Pieces of five seconds, first and last one, both included, one pair an annotator.
    std::vector<std::pair<int, int>> times;

    bool operator==(const PartItem&) const = default;
};

/// A video and what happens in it. Segment::label names the action or step, for people: several
/// actions may have one text (COIN's 778 have 749), so what counts is the number in `actions`.
struct ActionVideo
{
    std::string video;
    /// In the order of the file, later ones go over earlier; there may be none.
    std::vector<labels::Segment> segments;
    /// Of each segment: its place in ActionBenchmark::actions, or in the steps of its task.
    std::vector<std::size_t> actions = {};

    bool operator==(const ActionVideo&) const = default;
};

/// COIN's test videos and the actions that may be in them.
struct ActionBenchmark
{
    std::vector<std::string> actions; ///< in the order of their numbers; texts may come twice
    std::vector<ActionVideo> videos;
};

/// A video of one task; segments hold its steps.
struct StepVideo
{
    std::size_t task = 0; ///< of StepBenchmark::tasks
    ActionVideo video;
};

/// CrossTask's tasks and the videos that may test them.
struct StepBenchmark
{
    /// Primary ones, by the first annotated video of each in videos.csv (those of videos_val.csv
    /// count), as the reference draws; then those without any, as in their file.
    std::vector<labels::Task> tasks;
    std::vector<StepVideo> videos; ///< in the order of videos.csv
};

/// YouCook2: the validation clips of `youcookii_annotations_trainval.json`, or of the CSV with the
/// columns end, start, task, text, video_id, in the order of the file. Times that are no whole
/// seconds are widened to them.
Result<std::vector<ClipItem>> readYouCook2(const std::filesystem::path& file);

/// MSR-VTT's 1k-A test set: CSV with the columns key, vid_key, video_id, sentence. The first 32 s
/// are taken by the protocol, not here.
Result<std::vector<ClipItem>> readMsrVtt(const std::filesystem::path& file);

/// MSR-VTT's multiple-choice set: tab-separated with the columns vid_key ("msr7010"), a1 to a5 and
/// answer; the video is "video7010".
Result<std::vector<ChoiceItem>> readMsrVttChoice(const std::filesystem::path& file);

/// DiDeMo: test_data.json, a list of {"video", "description", "times"}.
Result<std::vector<PartItem>> readDidemo(const std::filesystem::path& file);

/// COIN.json. `actions` are the texts of the testing subset, ordered by number; where a number has
/// several texts, the last one of the file counts, as in the reference. Videos of other subsets are
/// not looked at.
Result<ActionBenchmark> readCoin(const std::filesystem::path& file);

/// CrossTask's folder: tasks_primary.txt, videos.csv, annotations/TASK_VIDEO.csv and, where it is
/// there, videos_val.csv, whose videos are left out; so are videos of other tasks and those without
/// an annotation file. Times are seconds as written; rounding them is the protocol's.
///
/// The videos are those that remain; which of them train is drawn by crossTaskTest().
Result<StepBenchmark> readCrossTask(const std::filesystem::path& folder);

/// The test videos that the reference's draw leaves, in the order of `videos`: of every task with
/// more than `trainingVideos` videos that many are drawn away, one task after another; the other
/// tasks have no test videos. The draw depends on what is in `videos`: as in the reference, videos
/// without features are to be dropped before.
/// Shapes: StepVideo::task is below `taskCount`.
/// Source: numpy's RandomState(0).choice without replacement, as the reference calls it
///         (MT19937, its permutation by masked rejection).
std::vector<StepVideo> crossTaskTest(
    std::vector<StepVideo> videos, std::size_t taskCount, std::size_t trainingVideos = 30);

} // namespace clipscope::benchmarks
