#include "store/run_folder.h"

#include "base/files.h"
#include "base/json.h"
#include "base/system_error.h"
#include "store/append_file.h"
#include "store/process.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cmath>
#include <ctime>
#include <limits>
#include <mutex>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace clipscope::store {

namespace {

constexpr double staleSeconds = 10.0;
constexpr std::array<std::string_view, 6> phaseNames
    = { "starting", "running", "paused", "stopped", "finished", "failed" };
constexpr std::array<std::string_view, 3> controlNames = { "", "pause", "stop" };

double now()
{
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

/// Writes over the bytes that a file has, for which a full disk has room: the blocks are there.
bool overwrite(const std::filesystem::path& path, std::string_view text)
{
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC); // not cut: that frees blocks
    if (descriptor < 0)
        return false;
    struct stat before = {};
    constexpr std::uint64_t statBlock = 512;
    bool done = ::fstat(descriptor, &before) == 0
        && text.size() <= static_cast<std::uint64_t>(before.st_blocks) * statBlock;
    done = done
        && ::pwrite(descriptor, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size())
        && ::ftruncate(descriptor, static_cast<off_t>(text.size())) == 0
        && ::fsync(descriptor) == 0;
    ::close(descriptor);
    return done;
}

bool isOnReadOnlyDisk(const std::filesystem::path& path)
{
    return !isWritable(path) && errno == EROFS;
}

std::string textOf(const Json& json, const char* key)
{
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

double numberOf(const Json& json, const char* key)
{
    const auto found = json.find(key);
    return found != json.end() && found->is_number() ? found->get<double>() : 0.0;
}

std::int64_t integerOf(const Json& json, const char* key)
{
    const auto found = json.find(key);
    return found != json.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

Error errorOf(const Json& json)
{
    Error error;
    for (int kind = 0; kind <= static_cast<int>(ErrorKind::Internal); ++kind)
        if (errorKindName(static_cast<ErrorKind>(kind)) == textOf(json, "kind"))
            error.kind = static_cast<ErrorKind>(kind);
    error.message = textOf(json, "message");
    error.place.where = textOf(json, "place");
    // "FILE: WHERE" again in its two parts, so that the window can lead to the file.
    if (const std::string file = textOf(json, "file");
        !file.empty() && error.place.where.starts_with(file)) {
        error.place.file = pathFromUtf8(file);
        error.place.where.erase(0, file.size());
        if (error.place.where.starts_with(": "))
            error.place.where.erase(0, 2);
    }
    error.hint = textOf(json, "hint");
    return error;
}

/// "run-2" before "run-10": digits compare as numbers.
bool naturallyLess(std::string_view a, std::string_view b)
{
    const auto isDigit = [](char c) { return c >= '0' && c <= '9'; };
    std::size_t i = 0, j = 0;
    while (i < a.size() && j < b.size()) {
        if (isDigit(a[i]) && isDigit(b[j])) {
            std::uint64_t x = 0, y = 0;
            const auto endX = std::from_chars(a.data() + i, a.data() + a.size(), x).ptr;
            const auto endY = std::from_chars(b.data() + j, b.data() + b.size(), y).ptr;
            if (x != y)
                return x < y;
            i = static_cast<std::size_t>(endX - a.data());
            j = static_cast<std::size_t>(endY - b.data());
        } else if (a[i] != b[j]) {
            return a[i] < b[j];
        } else {
            ++i;
            ++j;
        }
    }
    return a.size() - i < b.size() - j;
}

/// Appends whole lines to log.txt as they come.
class FileLogger final : public Logger
{
public:
    explicit FileLogger(AppendFile file)
        : m_file(std::move(file))
    {
    }
    void write(LogLevel level, std::string_view line) override
    {
        const std::time_t seconds = std::time(nullptr);
        std::tm utc = {};
        ::gmtime_r(&seconds, &utc);
        std::array<char, 32> stamp{};
        const std::size_t size
            = std::strftime(stamp.data(), stamp.size(), "%Y-%m-%dT%H:%M:%SZ", &utc);
        std::string text(stamp.data(), size);
        text += level == LogLevel::Info  ? " info "
            : level == LogLevel::Warning ? " warning "
                                         : " error ";
        text += line;
        text += '\n';
        const std::lock_guard guard(m_mutex);
        // A log that cannot be written must not end the work it tells about.
        (void)m_file.append(std::as_bytes(std::span(text)));
    }

private:
    std::mutex m_mutex;
    AppendFile m_file; // guarded by m_mutex
};

} // namespace

std::string_view runPhaseName(RunPhase phase)
{
    return phaseNames[static_cast<std::size_t>(phase)];
}

RunFolder::RunFolder(std::filesystem::path folder)
    : m_folder(std::move(folder))
{
}

Result<RunFolder> RunFolder::create(const std::filesystem::path& parent, std::string_view name)
{
    const std::filesystem::path plain = pathFromUtf8(name);
    if (name.empty() || name == "." || name == ".." || plain.filename() != plain)
        return fail(ErrorKind::BadInput,
            "'" + std::string(name)
                + "' cannot be the name of a run: it must be a plain file name.");
    std::error_code code;
    std::filesystem::create_directories(parent, code);
    if (code)
        return fail(systemError("The folder cannot be made", parent, code.value()));
    const std::filesystem::path folder = parent / plain;
    if (!std::filesystem::create_directory(folder, code)) {
        if (code)
            return fail(systemError("The folder cannot be made", folder, code.value()));
        return fail(ErrorKind::Conflict, "There is already a run of this name.", { folder, {} },
            "Choose another name.");
    }
    return RunFolder(folder);
}

Result<RunFolder> RunFolder::createNumbered(
    const std::filesystem::path& parent, std::string_view prefix)
{
    for (int number = 1;; ++number) {
        auto made = create(parent, std::string(prefix) + "-" + std::to_string(number));
        if (made || made.error().kind != ErrorKind::Conflict)
            return made;
    }
}

Result<RunFolder> RunFolder::open(const std::filesystem::path& folder)
{
    std::error_code code;
    if (!std::filesystem::is_directory(folder, code))
        return fail(ErrorKind::NotFound, "There is no such run.", { folder, {} });
    return RunFolder(folder);
}

std::vector<RunFolder> RunFolder::list(const std::filesystem::path& parent)
{
    std::vector<RunFolder> folders;
    std::error_code code;
    for (const auto& entry : std::filesystem::directory_iterator(parent, code))
        if (entry.is_directory(code) && !utf8(entry.path().filename()).starts_with('.'))
            folders.push_back(RunFolder(entry.path()));
    std::sort(folders.begin(), folders.end(),
        [](const RunFolder& a, const RunFolder& b) { return naturallyLess(a.name(), b.name()); });
    return folders;
}

std::string RunFolder::name() const
{
    return utf8(m_folder.filename());
}

Status RunFolder::writeState(const RunState& state) const
{
    Json json{ { "verb", state.verb }, { "phase", runPhaseName(state.phase) }, { "pid", state.pid },
        { "process_start", processStart(state.pid) }, { "started_at", state.startedAt },
        { "heartbeat_at", now() },
        { "progress",
            { { "phase", state.progress.phase }, { "done", state.progress.done },
                { "total", state.progress.total }, { "unit", state.progress.unit },
                { "rate_per_second", state.progress.ratePerSecond },
                { "message", state.progress.message } } } };
    if (!state.device.empty())
        json["device"] = state.device;
    if (state.error)
        json["error"] = toJson(*state.error);
    const std::string text = dump(json, 2) + "\n";
    Status written = writeFileAtomically(stateFile(), text);
    const bool isLast = state.phase != RunPhase::Starting && state.phase != RunPhase::Running;
    return written || !isLast || !overwrite(stateFile(), text) ? written : Status();
}

Result<RunState> RunFolder::readState() const
{
    CLIP_TRY_ASSIGN(const Json json, readJson(stateFile()));
    RunState state;
    const auto phase = json.is_object()
        ? std::find(phaseNames.begin(), phaseNames.end(), textOf(json, "phase"))
        : phaseNames.end();
    if (phase == phaseNames.end())
        return fail(ErrorKind::BadInput, "This is not the state of a run.", { stateFile(), {} });
    state.phase = static_cast<RunPhase>(phase - phaseNames.begin());
    state.verb = textOf(json, "verb");
    state.pid = integerOf(json, "pid");
    state.startedAt = numberOf(json, "started_at");
    state.heartbeatAt = numberOf(json, "heartbeat_at");
    state.device = textOf(json, "device");
    if (const auto progress = json.find("progress");
        progress != json.end() && progress->is_object())
        state.progress = { textOf(*progress, "phase"), integerOf(*progress, "done"),
            integerOf(*progress, "total"), textOf(*progress, "unit"),
            numberOf(*progress, "rate_per_second"), textOf(*progress, "message") };
    if (const auto error = json.find("error"); error != json.end() && error->is_object())
        state.error = errorOf(*error);
    const bool working = state.phase == RunPhase::Starting || state.phase == RunPhase::Running;
    const std::uint64_t start = processStart(state.pid);
    const bool gone
        = start == 0 || start != static_cast<std::uint64_t>(integerOf(json, "process_start"));
    state.crashed = working && gone && now() - state.heartbeatAt > staleSeconds;
    // A disk with errors becomes read-only, and a run on it cannot write why it ended.
    if (state.crashed && !state.error && isOnReadOnlyDisk(m_folder))
        state.error = Error{ ErrorKind::Io,
            "Nothing of the run can be written any more: its disk is read-only.", { m_folder, {} },
            {}, "Make the disk writable, then resume the run." };
    return state;
}

Status RunFolder::requestControl(Control control) const
{
    return writeFileAtomically(
        controlFile(), std::string(controlNames[static_cast<std::size_t>(control)]) + "\n");
}

Control RunFolder::takeControl() const
{
    const auto content = readFile(controlFile(), 64);
    if (!content)
        return Control::None;
    std::error_code code;
    std::filesystem::remove(controlFile(), code);
    const std::string_view word
        = std::string_view(*content).substr(0, content->find_first_of(" \r\n"));
    const auto found = std::find(controlNames.begin(), controlNames.end(), word);
    return found == controlNames.end() ? Control::None
                                       : static_cast<Control>(found - controlNames.begin());
}

Status RunFolder::appendMetrics(const MetricsRow& row) const
{
    Json json{ { "step", row.step } };
    for (const auto& [name, value] : row.values) {
        if (std::isfinite(value))
            json[name] = value;
        else // JSON has no such numbers
            json[name] = std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
    }
    CLIP_TRY_ASSIGN(AppendFile file, AppendFile::open(metricsFile()));
    if (file.size() > 0) {
        constexpr std::uint64_t longestLine = 1 << 16;
        const std::uint64_t from = file.size() - std::min(file.size(), longestLine);
        CLIP_TRY_ASSIGN(const FileTail tail, readTail(metricsFile(), from));
        const std::size_t lineEnd = tail.bytes.rfind('\n');
        CLIP_TRY(file.truncate(lineEnd == std::string::npos ? from : from + lineEnd + 1));
    }
    const std::string line = dump(json) + "\n";
    return file.append(std::as_bytes(std::span(line)));
}

Status RunFolder::syncMetrics() const
{
    CLIP_TRY_ASSIGN(AppendFile file, AppendFile::open(metricsFile()));
    CLIP_TRY(file.sync());
    syncFolder(m_folder);
    return {};
}

Result<MetricsChunk> RunFolder::readMetrics(std::uint64_t byteOffset) const
{
    MetricsChunk chunk;
    chunk.nextOffset = byteOffset;
    auto tail = readTail(metricsFile(), byteOffset);
    if (!tail && tail.error().kind == ErrorKind::NotFound)
        return chunk;
    if (!tail)
        return fail(std::move(tail).error());
    std::string_view rest = tail->bytes;
    for (std::size_t end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
        const auto json = parseJson(rest.substr(0, end));
        rest.remove_prefix(end + 1);
        chunk.nextOffset += end + 1;
        if (!json || !json->is_object())
            continue;
        MetricsRow row;
        for (const auto& [name, value] : json->items()) {
            constexpr double infinity = std::numeric_limits<double>::infinity();
            if (name == "step" && value.is_number_integer())
                row.step = value.get<std::int64_t>();
            else if (value.is_number())
                row.values.emplace_back(name, value.get<double>());
            else if (value == "nan")
                row.values.emplace_back(name, std::numeric_limits<double>::quiet_NaN());
            else if (value == "inf" || value == "-inf")
                row.values.emplace_back(name, value == "inf" ? infinity : -infinity);
        }
        chunk.rows.push_back(std::move(row));
    }
    return chunk;
}

Result<std::unique_ptr<Logger>> RunFolder::openLog() const
{
    CLIP_TRY_ASSIGN(AppendFile file, AppendFile::open(logFile()));
    return std::make_unique<FileLogger>(std::move(file));
}

} // namespace clipscope::store
