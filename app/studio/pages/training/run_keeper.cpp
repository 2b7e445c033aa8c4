#include "app/studio/pages/training/run_keeper.h"

#include "base/files.h"
#include "jobs/runs.h"
#include "widgets/common/format.h"

#include <QFile>

namespace clipscope::studio {

namespace {

std::string nameOf(const RunInfo& run)
{
    return utf8(run.folder.filename());
}

Status trash(const std::filesystem::path& folder)
{
    CLIP_TRY(jobs::checkNobodyWorksOn(folder));
    if (!QFile::moveToTrash(widgets::fromPath(folder)))
        return fail(ErrorKind::Io, "The run could not be moved to the trash.", { folder, {} },
            "Remove the folder by hand, or archive the run.");
    return {};
}

} // namespace

template<typename Work> void RunKeeper::start(Work work)
{
    std::erase_if(m_moves, [](const auto& lane) { return !lane->isBusy(); });
    m_moves.push_back(std::make_unique<Lane<std::monostate>>(this));
    m_moves.back()->run(
        [work](std::stop_token) -> Result<std::monostate> {
            CLIP_TRY(work());
            return std::monostate{};
        },
        [this](Result<std::monostate> done) {
            if (done)
                Q_EMIT moved();
            else
                Q_EMIT failed(done.error());
        });
}

void RunKeeper::archive(const std::filesystem::path& project, const RunInfo& run)
{
    start([project, name = nameOf(run)] { return jobs::archiveRun(project, name); });
}

void RunKeeper::unarchive(const std::filesystem::path& project, const RunInfo& run)
{
    start([project, name = nameOf(run)] { return jobs::unarchiveRun(project, name); });
}

void RunKeeper::moveToTrash(const RunInfo& run)
{
    start([folder = run.folder] { return trash(folder); });
}

} // namespace clipscope::studio
