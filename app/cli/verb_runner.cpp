#include "app/cli/verb_runner.h"

#include "app/cli/nearest.h"
#include "app/cli/stop_signals.h"
#include "app/cli/terminal.h"
#include "base/files.h"
#include "base/guarded.h"
#include "store/run_reporter.h"
#include "tensor/device.h"
#include "tensor/memory.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cstdio>

#include <CLI/CLI.hpp>

namespace clipscope::cli {

namespace {

/// Options that every verb has.
struct CommonOptions
{
    bool json = false;
    bool help = false; // looked for before parsing: help is given for wrong arguments too
    std::filesystem::path jobFolder;
    std::string threads;
};

/// Hands everything to the terminal and, when there is one, to the job folder.
class Tee final : public ProgressSink, public Logger
{
public:
    Tee(TerminalDisplay& terminal, store::RunReporter* reporter)
        : m_terminal(terminal)
        , m_reporter(reporter)
    {
    }
    void report(const Progress& progress) override
    {
        m_terminal.report(progress);
        if (m_reporter)
            m_reporter->report(progress);
    }
    void write(LogLevel level, std::string_view line) override
    {
        m_terminal.write(level, line);
        if (m_reporter)
            m_reporter->write(level, line);
    }

private:
    TerminalDisplay& m_terminal;
    store::RunReporter* m_reporter;
};

Result<store::RunFolder> jobFolder(const std::filesystem::path& folder)
{
    std::error_code code;
    const auto absolute = std::filesystem::absolute(folder, code).lexically_normal();
    if (std::filesystem::is_directory(absolute, code))
        return store::RunFolder::open(absolute);
    return store::RunFolder::create(absolute.parent_path(), utf8(absolute.filename()));
}

/// Which option of those left over was not understood.
Error unknownArgument(const std::vector<std::string>& remaining, const Arguments& known)
{
    const auto option = std::find_if(remaining.begin(), remaining.end(),
        [](const std::string& text) { return text.starts_with("-"); });
    if (option == remaining.end())
        return { ErrorKind::BadInput,
            "There is one argument too many: '" + remaining.front() + "'.", {}, {},
            "Put words that belong together in quotes." };
    const std::string name = option->substr(0, option->find('='));
    const std::string meant = nearest(name, known.knownFlags());
    return { ErrorKind::BadInput, "There is no option '" + name + "'.", {}, {},
        meant.empty() ? "See --help." : "Did you mean '" + meant + "'?" };
}

Status parse(CLI::App& command, Arguments& arguments, std::vector<std::string> texts)
{
    command.allow_extras();
    std::reverse(texts.begin(), texts.end()); // CLI11 takes them from the back
    const auto parsed = guarded([&] { command.parse(texts); });
    if (const auto remaining = command.remaining(); !remaining.empty())
        return fail(unknownArgument(remaining, arguments));
    if (!parsed)
        return fail(ErrorKind::BadInput, parsed.error().message + ".", {},
            "See 'clipscope-cli " + command.get_name() + " --help'.");
    return {};
}

Status useThreads(const std::string& text)
{
    constexpr int most = 1024;
    if (text.empty())
        return {};
    int threads = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), threads);
    if (error != std::errc() || end != text.data() + text.size() || threads < 1 || threads > most)
        return fail(ErrorKind::BadInput,
            "--threads cannot be '" + text + "': it takes a whole number from 1 to 1024.");
    tensor::useThreads(threads);
    return {};
}

void printAnswer(const Answer& answer, bool json)
{
    std::string text = json ? dump(answer.json, 2) : answer.text;
    if (!text.empty() && text.back() != '\n')
        text += '\n';
    std::fputs(text.c_str(), stdout);
    std::fflush(stdout);
}

/// The last state of a job: stopped and paused ones can be done again.
store::RunPhase phaseOf(const Result<Answer>& answer, bool pause)
{
    if (answer)
        return store::RunPhase::Finished;
    if (answer.error().kind != ErrorKind::Cancelled)
        return store::RunPhase::Failed;
    return pause ? store::RunPhase::Paused : store::RunPhase::Stopped;
}

Result<Answer> runWithDisplay(Verb& verb, const CommonOptions& options, StopSignals& signals)
{
    std::atomic<bool> pause = false;
    std::unique_ptr<store::RunReporter> reporter;
    std::filesystem::path resultFile;
    if (!options.jobFolder.empty()) {
        CLIP_TRY_ASSIGN(const store::RunFolder folder, jobFolder(options.jobFolder));
        resultFile = folder.resultFile();
        CLIP_TRY_ASSIGN(
            reporter, store::RunReporter::start(folder, verb.name(), [&](store::Control control) {
                pause = control == store::Control::Pause;
                signals.requestStop();
            }));
    }
    TerminalDisplay terminal;
    Tee tee(terminal, reporter.get());
    tensor::keepFreedMemory();
    auto answer = guarded([&] { return verb.run({ signals.token(), tee, tee }); });
    terminal.close();
    if (reporter) {
        const Json json = answer ? answer->json : Json{ { "error", toJson(answer.error()) } };
        const Status kept = writeFileAtomically(resultFile, dump(json, 2) + "\n");
        const Status told = reporter->finish(
            phaseOf(answer, pause), answer ? std::nullopt : std::optional(answer.error()));
        if (answer) { // else why it failed matters more
            CLIP_TRY(kept);
            CLIP_TRY(told);
        }
    }
    return answer;
}

} // namespace

int printError(const Error& error, bool json)
{
    if (json)
        std::fprintf(stdout, "%s\n", dump(Json{ { "error", toJson(error) } }, 2).c_str());
    else
        std::fprintf(stderr, "clipscope-cli: %s\n", error.toString().c_str());
    std::fflush(stdout);
    return exitCodeOf(error.kind);
}

int runVerb(Verb& verb, std::vector<std::string> texts)
{
    // Known before parsing, so that a wrong option is told in the form that was asked for.
    const auto beforeDashes = std::find(texts.begin(), texts.end(), "--");
    const bool json = std::find(texts.begin(), beforeDashes, "--json") != beforeDashes;
    CLI::App command(verb.help(), verb.name());
    command.set_help_flag();
    command.get_formatter()->column_width(36);
    CommonOptions options;
    Arguments arguments(command, verb.name());
    verb.declare(arguments);
    arguments.flag("--json", options.json, "Prints one JSON object on standard output.");
    arguments.option("--job-folder", options.jobFolder,
        "Keeps state, log and result in this folder and obeys its 'control' file.");
    if (!command.get_option_no_throw("--threads")) // import has its own
        arguments.option("--threads", options.threads, "Threads for computing.");
    arguments.flag("-h,--help", options.help, "Prints this.");
    const bool help = std::any_of(texts.begin(), beforeDashes,
        [](const std::string& text) { return text == "--help" || text == "-h"; });
    if (help) {
        std::fputs(command.help("clipscope-cli").c_str(), stdout);
        return 0;
    }
    Status ready = parse(command, arguments, std::move(texts));
    if (ready)
        ready = useThreads(options.threads);
    if (ready)
        ready = arguments.resolve();
    if (!ready)
        return printError(ready.error(), json);
    StopSignals signals;
    const auto answer = runWithDisplay(verb, options, signals);
    if (!answer)
        return printError(answer.error(), json);
    printAnswer(*answer, json);
    return answer->incomplete ? 1 : 0;
}

} // namespace clipscope::cli
