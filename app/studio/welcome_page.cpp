#include "app/studio/welcome_page.h"

#include "app/studio/job_service.h"
#include "app/studio/local_paths.h"
#include "app/studio/project_session.h"
#include "widgets/common/empty_state.h"
#include "widgets/common/format.h"

#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QPushButton>
#include <QVBoxLayout>

#include <utility>

namespace clipscope::studio {

using widgets::EmptyState;
using widgets::fromPath;
using widgets::Icon;
using widgets::toPath;

WelcomePage::WelcomePage(Services& services, QWidget* parent)
    : QWidget(parent)
    , m_services(services)
{
    setObjectName(QStringLiteral("welcomePage"));
    setAcceptDrops(true);
    auto* state = new EmptyState(Icon::Film, tr("Find the second that shows it"),
        tr("Drop a folder of videos here, or begin with an empty project. A project is a folder "
           "that keeps what Clipscope learns about your videos; the videos stay where they are."),
        this);
    connect(state->addButton(tr("New Project...")), &QPushButton::clicked, this,
        &WelcomePage::createProject);
    connect(state->addButton(tr("Open Project...")), &QPushButton::clicked, this,
        &WelcomePage::openProject);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(state);
    connect(&m_services.project, &ProjectSession::changed, this, &WelcomePage::onProjectChanged);
    connect(&m_services.project, &ProjectSession::failed, this, [this] { m_toImport.clear(); });
}

void WelcomePage::createProject()
{
    askWhere(tr("videos"), {});
}

void WelcomePage::openProject()
{
    auto* dialog = new QFileDialog(window(), tr("Open Project"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::Directory);
    dialog->setOption(QFileDialog::ShowDirsOnly);
    connect(dialog, &QFileDialog::fileSelected, this,
        [this](const QString& folder) { m_services.project.open(toPath(folder)); });
    dialog->open();
}

void WelcomePage::askWhere(const QString& suggestion, const QStringList& paths)
{
    auto* dialog = new QFileDialog(window(), tr("New Project"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setFileMode(QFileDialog::AnyFile);
    dialog->setDefaultSuffix(QStringLiteral("clipscope"));
    dialog->setNameFilter(tr("Clipscope projects (*.clipscope)"));
    dialog->selectFile(suggestion + QStringLiteral(".clipscope"));
    connect(dialog, &QFileDialog::fileSelected, this, [this, paths](const QString& folder) {
        m_toImport = paths;
        m_services.project.create(toPath(folder));
    });
    dialog->open();
}

void WelcomePage::onProjectChanged()
{
    const QStringList paths = std::exchange(m_toImport, {});
    const ProjectSession& project = m_services.project;
    if (!paths.isEmpty() && project.isOpen() && !project.isReadOnly())
        m_services.jobs.start(
            QStringLiteral("import"), QStringList{ fromPath(project.folder()) } + paths);
}

void WelcomePage::dragEnterEvent(QDragEnterEvent* event)
{
    if (!localPaths(event->mimeData()).isEmpty())
        event->acceptProposedAction();
}

void WelcomePage::dropEvent(QDropEvent* event)
{
    const QStringList paths = localPaths(event->mimeData());
    if (paths.isEmpty())
        return;
    event->acceptProposedAction();
    if (QFileInfo::exists(paths.front() + QStringLiteral("/project.sqlite")))
        m_services.project.open(toPath(paths.front()));
    else
        askWhere(QFileInfo(paths.front()).completeBaseName(), paths);
}

} // namespace clipscope::studio
