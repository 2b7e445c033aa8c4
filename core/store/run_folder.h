#pragma once

#include "base/job_context.h"
#include "base/result.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace clipscope::store {

enum class RunPhase { Starting, Running, Paused, Stopped, Finished, Failed };
/// "starting", "running", ...: as in state.json.
std::string_view runPhaseName(RunPhase phase);

/// What state.json says about a run or job.
struct RunState
{
    std::string verb; ///< "pretrain", "import", ...
    RunPhase phase = RunPhase::Starting;
    std::int64_t pid = 0; ///< of the process that works on it
    double startedAt = 0.0; ///< seconds since 1970
    double heartbeatAt = 0.0; ///< seconds since 1970, set by writeState()
    Progress progress;
    /// Of a failed run; when read also of a crashed one whose disk is read-only.
    std::optional<Error> error;
    std::string device; ///< what computes, resolved: "CPU, bfloat16"; empty where nobody said
    /// Read only: it says starting or running, but the process is gone and its heartbeat older
    /// than 10 seconds.
    bool crashed = false;
};

/// What a window asks of a running process through the file `control`.
enum class Control { None, Pause, Stop };

/// Numbers of one step.
struct MetricsRow
{
    std::int64_t step = 0;
    std::vector<std::pair<std::string, double>> values; ///< order kept; NaN and infinities survive

    bool operator==(const MetricsRow&) const = default;
};

struct MetricsChunk
{
    std::vector<MetricsRow> rows;
    std::uint64_t nextOffset = 0; ///< where to read on
};

/// A folder in which a process tells how it is doing and hears what others want
/// (docs/formats/run-folder.md): runs/RUN of a training, jobs/ID of an import or extraction.
///
/// Threads: one writing process; any number of readers in any process. Within a process any thread
///          at once, except appendMetrics(): one thread at a time.
class RunFolder final
{
public:
    /// Makes parent/name. Errors: Conflict when it is already there, BadInput for a name that is
    /// not a plain file name, Io.
    static Result<RunFolder> create(const std::filesystem::path& parent, std::string_view name);
    /// As create(), with the first free of PREFIX-1, PREFIX-2, ...
    static Result<RunFolder> createNumbered(
        const std::filesystem::path& parent, std::string_view prefix);
    /// Errors: NotFound.
    static Result<RunFolder> open(const std::filesystem::path& folder);
    /// Folders below `parent`, in natural order of their names; empty when there is none. Names
    /// that begin with a dot are none of runs.
    static std::vector<RunFolder> list(const std::filesystem::path& parent);

    std::string name() const;
    const std::filesystem::path& folder() const { return m_folder; }
    std::filesystem::path configFile() const { return m_folder / "config.toml"; }
    std::filesystem::path stateFile() const { return m_folder / "state.json"; }
    std::filesystem::path logFile() const { return m_folder / "log.txt"; }
    std::filesystem::path metricsFile() const { return m_folder / "metrics.jsonl"; }
    std::filesystem::path controlFile() const { return m_folder / "control"; }
    std::filesystem::path resultFile() const { return m_folder / "result.json"; }
    std::filesystem::path originFile() const { return m_folder / "origin.json"; }
    std::filesystem::path batchFile() const { return m_folder / "batch.json"; }
    std::filesystem::path stepsFolder() const { return m_folder / "steps"; }
    std::filesystem::path checkpointsFolder() const { return m_folder / "checkpoints"; }

    /// Replaces state.json atomically; stamps the heartbeat. A last state (neither starting nor
    /// running) that a full disk has no room for is written over the one before. Errors: Io.
    Status writeState(const RunState& state) const;
    /// Errors: NotFound (nothing written yet), BadInput, Io.
    Result<RunState> readState() const;

    /// Errors: Io.
    Status requestControl(Control control) const;
    /// The request, which is then forgotten; None when there is none.
    Control takeControl() const;

    /// Adds one whole line. A torn line left by a crash is cut off first. Errors: Io.
    Status appendMetrics(const MetricsRow& row) const;
    /// Waits until the disk has the metrics. Errors: Io.
    Status syncMetrics() const;
    /// Whole lines from `byteOffset` on; a line still being written waits for the next call, a
    /// damaged one is left out. Missing file: no rows. Errors: Io.
    Result<MetricsChunk> readMetrics(std::uint64_t byteOffset = 0) const;

    /// A logger that appends "TIME LEVEL line" to log.txt. Errors: Io.
    Result<std::unique_ptr<Logger>> openLog() const;

private:
    explicit RunFolder(std::filesystem::path folder);
    std::filesystem::path m_folder;
};

} // namespace clipscope::store
