#include "app/cli/detached.h"

#include "base/files.h"
#include "base/system_error.h"
#include "store/project.h"
#include "store/run_folder.h"

#include <cerrno>
#include <chrono>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace clipscope::cli {

namespace {

const char* const program = "/proc/self/exe";

Result<pid_t> start(std::vector<std::string> words)
{
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (std::string& word : words)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t files;
    ::posix_spawnattr_init(&attributes);
    ::posix_spawn_file_actions_init(&files);
    // A session of its own: neither Ctrl+C nor the end of the terminal reaches it.
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
    for (const int descriptor : { STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO })
        ::posix_spawn_file_actions_addopen(&files, descriptor, "/dev/null", O_RDWR, 0);
    pid_t pid = 0;
    const int code = ::posix_spawn(&pid, program, &files, &attributes, arguments.data(), ::environ);
    ::posix_spawn_file_actions_destroy(&files);
    ::posix_spawnattr_destroy(&attributes);
    if (code != 0)
        return fail(systemError("The training cannot be started", program, code));
    return pid;
}

} // namespace

Result<std::int64_t> resumeDetached(const std::filesystem::path& project, const std::string& name)
{
    CLIP_TRY_ASSIGN(const auto opened, store::Project::open(project, store::Access::ReadOnly));
    CLIP_TRY_ASSIGN(
        const auto run, store::RunFolder::open(opened.runsFolder() / pathFromUtf8(name)));
    // Said here, where it is heard; the new process takes it again.
    CLIP_TRY(FileLock::acquire(run.folder() / "lock"));
    CLIP_TRY_ASSIGN(
        const pid_t pid, start({ "clipscope-cli", "pretrain", utf8(project), "--resume", name }));
    for (;;) {
        const bool ended = ::waitpid(pid, nullptr, WNOHANG) == pid;
        const auto state = run.readState();
        if (state && state->pid == pid) {
            if (state->phase == store::RunPhase::Failed && state->error)
                return fail(*state->error);
            return std::int64_t(pid);
        }
        if (ended)
            return fail(ErrorKind::Internal, "The training ended before it began.",
                { run.logFile(), {} }, "`runs resume --foreground` shows why.");
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
}

} // namespace clipscope::cli
