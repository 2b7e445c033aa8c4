#include "app/studio/job_service.h"

#include "app/studio/project_session.h"
#include "base/files.h"
#include "base/json.h"
#include "widgets/common/format.h"

#include <QCoreApplication>
#include <QFileInfo>
#include <QProcess>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>

namespace clipscope::studio {

namespace {

using store::RunFolder;
using store::RunPhase;
using widgets::fromUtf8;
using widgets::toUtf8;

/// What was asked for, so that the same work can be started again after a crash.
constexpr const char* requestFile = "request.json";
constexpr int activePollMilliseconds = 250;
constexpr int idlePollMilliseconds = 2000;
constexpr double shownAfterwardsSeconds = 10.0;
constexpr double keptSeconds = 3600.0;

double now()
{
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

QString defaultProgram()
{
    const QString beside
        = QCoreApplication::applicationDirPath() + QStringLiteral("/clipscope-cli");
    return QFileInfo::exists(beside) ? beside : qEnvironmentVariable("CLIPSCOPE_CLI", beside);
}

Status writeRequest(const RunFolder& folder, const QString& verb, const QStringList& arguments)
{
    Json request{ { "verb", toUtf8(verb) }, { "arguments", Json::array() } };
    for (const QString& argument : arguments)
        request["arguments"].push_back(toUtf8(argument));
    return writeFileAtomically(folder.folder() / requestFile, dump(request, 2));
}

Result<std::pair<QString, QStringList>> readRequest(const std::filesystem::path& folder)
{
    CLIP_TRY_ASSIGN(const Json request, readJson(folder / requestFile));
    const std::optional<std::string> verb = textOf(request, "verb");
    const Json& words = memberOf(request, "arguments");
    const auto isText = [](const Json& word) { return word.is_string(); };
    if (!verb || !words.is_array() || !std::ranges::all_of(words, isText))
        return fail(ErrorKind::BadInput, "The request of this job names no verb.",
            { folder / requestFile, {} });
    QStringList arguments;
    for (const Json& word : words)
        arguments += fromUtf8(word.get<std::string>());
    return std::pair(fromUtf8(*verb), arguments);
}

/// What a job's process finds in its environment. In an extraction the network shares the cores
/// with decoding: threads of OpenMP that wait must leave them, not spin. The policy is read when
/// its library is loaded, so that the process cannot set it for itself.
QProcessEnvironment environmentFor(const QString& verb)
{
    const QString policy = QStringLiteral("OMP_WAIT_POLICY");
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    if (verb == QLatin1String("extract") && !environment.contains(policy))
        environment.insert(policy, QStringLiteral("passive"));
    return environment;
}

/// Starts the program so that it lives on when the window closes. The verb is its first argument.
Status startDetached(const QString& program, const QStringList& arguments)
{
    QProcess process;
    process.setProcessEnvironment(environmentFor(arguments.front()));
    process.setProgram(program);
    process.setArguments(arguments);
    process.setStandardInputFile(QProcess::nullDevice());
    process.setStandardOutputFile(QProcess::nullDevice());
    process.setStandardErrorFile(QProcess::nullDevice());
    if (!process.startDetached())
        return fail(ErrorKind::NotFound,
            "The command line of Clipscope could not be started: " + toUtf8(process.errorString())
                + ".",
            { widgets::toPath(program), {} }, "It belongs beside the window's own program.");
    return {};
}

JobInfo readJob(const RunFolder& folder)
{
    JobInfo job;
    job.id = fromUtf8(folder.name());
    job.folder = folder.folder();
    if (auto request = readRequest(job.folder))
        job.arguments = std::move(request->second);
    if (auto state = folder.readState()) {
        job.state = std::move(*state);
    } else {
        job.state.verb = toUtf8(job.id.section(QLatin1Char('-'), 0, -2));
        // Its process has not written yet, or never came up: give it a while.
        std::error_code ignored;
        const auto written = std::filesystem::last_write_time(folder.folder(), ignored);
        const auto age = std::filesystem::file_time_type::clock::now() - written;
        job.state.crashed = !ignored && age > std::chrono::seconds(15);
    }
    const Progress& progress = job.state.progress;
    if (progress.ratePerSecond > 0.0 && progress.total > 0)
        job.remainingSeconds
            = static_cast<double>(progress.total - progress.done) / progress.ratePerSecond;
    return job;
}

} // namespace

bool JobInfo::isActive() const
{
    return !state.crashed
        && (state.phase == RunPhase::Starting || state.phase == RunPhase::Running);
}

bool JobInfo::needsAttention() const
{
    return state.crashed || state.phase == RunPhase::Failed;
}

bool JobInfo::canResume() const
{
    // The same words again would make another run; the Training page resumes the one there is.
    return !isActive() && state.phase != RunPhase::Finished && state.verb != "pretrain"
        && state.verb != "runs";
}

QString JobInfo::title() const
{
    if (state.verb == "import")
        return JobService::tr("Importing videos");
    if (state.verb == "extract")
        return JobService::tr("Extracting features");
    if (state.verb == "index")
        return JobService::tr("Preparing search");
    if (state.verb == "evaluate")
        return JobService::tr("Evaluating");
    if (state.verb == "pretrain" || state.verb == "runs") // a fork trains on
        return JobService::tr("Training");
    return fromUtf8(state.verb);
}

QString JobInfo::progressText() const
{
    if (state.crashed)
        return JobService::tr("stopped unexpectedly");
    switch (state.phase) {
    case RunPhase::Starting:
        return JobService::tr("starting");
    case RunPhase::Paused:
        return JobService::tr("paused");
    case RunPhase::Stopped:
        return JobService::tr("stopped");
    case RunPhase::Finished:
        return JobService::tr("done");
    case RunPhase::Failed:
        return state.error ? fromUtf8(state.error->message) : JobService::tr("failed");
    case RunPhase::Running:
        break;
    }
    const Progress& progress = state.progress;
    if (progress.total <= 0)
        return progress.done > 0
            ? QStringLiteral("%1 %2").arg(widgets::count(progress.done), fromUtf8(progress.unit))
            : progress.phase.empty() ? JobService::tr("starting")
                                     : fromUtf8(progress.phase);
    QString text = JobService::tr("%1 of %2 %3")
                       .arg(widgets::count(progress.done), widgets::count(progress.total),
                           fromUtf8(progress.unit));
    if (const QString left = widgets::remainingTime(remainingSeconds); !left.isEmpty())
        text += QStringLiteral(", ") + left;
    return text;
}

JobService::JobService(ProjectSession& project, QString program, QObject* parent)
    : QObject(parent)
    , m_project(project)
    , m_program(program.isEmpty() ? defaultProgram() : std::move(program))
    , m_scan(this)
{
    m_timer.setInterval(idlePollMilliseconds);
    connect(&m_timer, &QTimer::timeout, this, &JobService::poll);
    connect(&project, &ProjectSession::changed, this, [this] {
        m_scan.cancel();
        m_jobs.clear();
        m_wasActive.clear();
        Q_EMIT jobsChanged();
        if (m_project.isOpen()) {
            m_timer.start();
            poll();
        } else {
            m_timer.stop();
        }
    });
}

JobService::~JobService() = default;

void JobService::start(const QString& verb, const QStringList& arguments)
{
    if (!m_project.isOpen())
        return;
    const std::filesystem::path jobs = m_project.folder() / "jobs";
    m_launches.push_back(std::make_unique<Lane<QString>>(this));
    m_launches.back()->run(
        [jobs, verb, arguments, program = m_program](std::stop_token) -> Result<QString> {
            CLIP_TRY_ASSIGN(const RunFolder folder, RunFolder::createNumbered(jobs, toUtf8(verb)));
            CLIP_TRY(writeRequest(folder, verb, arguments));
            const QStringList words = QStringList{ verb } + arguments
                + QStringList{ QStringLiteral("--json"), QStringLiteral("--job-folder"),
                      widgets::fromPath(folder.folder()) };
            CLIP_TRY(startDetached(program, words));
            return fromUtf8(folder.name());
        },
        [this](Result<QString> id) { launched(std::move(id)); });
}

void JobService::launched(Result<QString> id)
{
    std::erase_if(m_launches, [](const auto& lane) { return !lane->isBusy(); });
    if (!id)
        Q_EMIT failed(id.error());
    else if (!id->isEmpty())
        m_wasActive[*id] = true; // even when it ends before the first look at it
    m_timer.setInterval(activePollMilliseconds);
    poll();
}

bool JobService::isRunning(const QString& verb) const
{
    return std::any_of(m_jobs.begin(), m_jobs.end(),
        [&verb](const JobInfo& job) { return job.isActive() && fromUtf8(job.state.verb) == verb; });
}

const JobInfo* JobService::find(const QString& id) const
{
    const auto found = std::find_if(
        m_jobs.begin(), m_jobs.end(), [&id](const JobInfo& job) { return job.id == id; });
    return found == m_jobs.end() ? nullptr : &*found;
}

void JobService::cancel(const QString& id)
{
    const JobInfo* job = find(id);
    if (!job)
        return;
    const auto folder = RunFolder::open(job->folder);
    if (const Status asked
        = folder ? folder->requestControl(store::Control::Stop) : Status(fail(folder.error()));
        !asked)
        Q_EMIT failed(asked.error());
}

void JobService::resume(const QString& id)
{
    const JobInfo* job = find(id);
    if (!job)
        return;
    auto request = readRequest(job->folder);
    if (!request) {
        Q_EMIT failed(request.error());
        return;
    }
    dismiss(id);
    start(request->first, request->second);
}

void JobService::dismiss(const QString& id)
{
    const JobInfo* job = find(id);
    if (!job || job->isActive())
        return;
    std::error_code ignored;
    std::filesystem::remove_all(job->folder, ignored);
    m_wasActive.erase(id);
    std::erase_if(m_jobs, [&id](const JobInfo& other) { return other.id == id; });
    Q_EMIT jobsChanged();
}

void JobService::poll()
{
    if (!m_project.isOpen() || m_scan.isBusy())
        return;
    m_scan.run(
        [jobs = m_project.folder() / "jobs"](std::stop_token stop) -> Result<Scan> {
            Scan scan;
            for (const RunFolder& folder : RunFolder::list(jobs)) {
                if (stop.stop_requested())
                    break;
                JobInfo job = readJob(folder);
                if (job.state.phase == RunPhase::Finished
                    && now() - job.state.heartbeatAt > keptSeconds) {
                    std::error_code ignored;
                    std::filesystem::remove_all(job.folder, ignored);
                    continue;
                }
                scan.jobs.push_back(std::move(job));
            }
            return scan;
        },
        [this](Result<Scan> scan) {
            if (scan)
                take(std::move(*scan));
        });
}

void JobService::take(Scan scan)
{
    std::sort(scan.jobs.begin(), scan.jobs.end(), [](const JobInfo& a, const JobInfo& b) {
        return std::pair(a.isActive(), a.state.startedAt)
            > std::pair(b.isActive(), b.state.startedAt);
    });
    // What went well is shown for a while; what did not stays until it is dismissed.
    std::erase_if(scan.jobs, [](const JobInfo& job) {
        return !job.isActive() && !job.needsAttention() && !job.canResume()
            && now() - job.state.heartbeatAt > shownAfterwardsSeconds;
    });
    std::vector<JobInfo> ended;
    bool anyActive = false;
    for (const JobInfo& job : scan.jobs) {
        const bool active = job.isActive();
        anyActive = anyActive || active;
        const auto before = m_wasActive.find(job.id);
        if (!active && (before == m_wasActive.end() ? !job.needsAttention() : before->second))
            ended.push_back(job);
        m_wasActive[job.id] = active;
    }
    m_jobs = std::move(scan.jobs);
    m_timer.setInterval(
        anyActive || !m_launches.empty() ? activePollMilliseconds : idlePollMilliseconds);
    Q_EMIT jobsChanged();
    for (const JobInfo& job : ended)
        Q_EMIT jobFinished(job);
}

} // namespace clipscope::studio
