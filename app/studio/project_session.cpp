#include "app/studio/project_session.h"

#include "base/files.h"
#include "store/project.h"
#include "widgets/common/format.h"

namespace clipscope::studio {

ProjectSession::ProjectSession(QObject* parent)
    : QObject(parent)
    , m_lane(this)
{
}

ProjectSession::~ProjectSession() = default;

QString ProjectSession::name() const
{
    return widgets::fromPath(m_folder.stem());
}

void ProjectSession::open(const std::filesystem::path& folder)
{
    start(folder, IfMissing::Fail);
}

void ProjectSession::create(const std::filesystem::path& folder)
{
    start(folder, IfMissing::Create);
}

Result<ProjectSession::Opened> ProjectSession::openFolder(
    const std::filesystem::path& folder, IfMissing ifMissing)
{
    std::error_code ignored;
    const std::filesystem::path whole
        = std::filesystem::absolute(folder, ignored).lexically_normal();
    const std::filesystem::path place = whole.has_filename() ? whole : whole.parent_path();
    if (ifMissing == IfMissing::Create
        && !std::filesystem::exists(place / "project.sqlite", ignored))
        CLIP_TRY(store::Project::create(place));
    CLIP_TRY(store::Project::open(place, store::Access::ReadOnly));
    return Opened{ place, !isWritable(place) };
}

void ProjectSession::start(const std::filesystem::path& folder, IfMissing ifMissing)
{
    m_lane.run([folder, ifMissing](std::stop_token) { return openFolder(folder, ifMissing); },
        [this](Result<Opened> opened) {
            if (!opened) {
                Q_EMIT failed(opened.error());
                return;
            }
            m_folder = opened->folder;
            m_readOnly = opened->readOnly;
            Q_EMIT changed();
        });
}

} // namespace clipscope::studio
