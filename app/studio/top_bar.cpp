#include "app/studio/top_bar.h"

#include "app/studio/model_service.h"
#include "app/studio/navigator.h"
#include "app/studio/preferences.h"
#include "app/studio/project_session.h"
#include "widgets/common/format.h"
#include "widgets/common/icons.h"
#include "widgets/common/menu_button.h"
#include "widgets/common/theme.h"

#include <QFileInfo>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <QMenu>
#include <QToolButton>

namespace clipscope::studio {

using namespace widgets;

namespace {

constexpr int queryWidth = 620;

} // namespace

TopBar::TopBar(Services& services, QWidget* parent)
    : QFrame(parent)
    , m_services(services)
    , m_project(menuButton(QStringLiteral("projectMenu"), this))
    , m_query(new QLineEdit(this))
    , m_checkpoint(menuButton(QStringLiteral("checkpointMenu"), this))
{
    setProperty("part", QStringLiteral("topbar"));
    m_project->setAccessibleName(tr("Project"));
    m_project->setFont(typeface(TypeSize::Base, true));
    m_checkpoint->setAccessibleName(tr("Checkpoint"));
    m_query->setObjectName(QStringLiteral("queryBox"));
    m_query->setAccessibleName(tr("Search"));
    m_query->setProperty("part", QStringLiteral("query"));
    m_query->setPlaceholderText(tr("Search for what is shown   ( / )"));
    m_query->setClearButtonEnabled(true);
    m_query->setMaximumWidth(queryWidth);
    m_query->addAction(icon(Icon::Search), QLineEdit::LeadingPosition);
    m_query->installEventFilter(this);

    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(space::m, space::s, space::m, space::s);
    row->setSpacing(space::m);
    row->addWidget(m_project);
    row->addStretch(1);
    row->addWidget(m_query, 8);
    row->addStretch(1);
    row->addWidget(m_checkpoint);

    connect(m_project->menu(), &QMenu::aboutToShow, this, &TopBar::fillProjectMenu);
    connect(m_checkpoint->menu(), &QMenu::aboutToShow, this, &TopBar::fillCheckpointMenu);
    connect(&services.project, &ProjectSession::changed, this, &TopBar::refresh);
    connect(&services.model, &ModelService::stateChanged, this, &TopBar::refresh);
    connect(m_query, &QLineEdit::textEdited, this, [this](const QString& text) {
        m_services.navigator.query(text, false);
        if (!text.trimmed().isEmpty())
            m_services.navigator.openPage(PageId::Search); // where results appear as one types
    });
    connect(m_query, &QLineEdit::textChanged, this, [this](const QString& text) {
        if (text.isEmpty()) // the clear button is not an edit
            m_services.navigator.query(text, false);
    });
    connect(m_query, &QLineEdit::returnPressed, this, [this] {
        if (!m_query->text().trimmed().isEmpty())
            m_services.navigator.query(m_query->text(), true);
    });
    refresh();
}

void TopBar::setQuery(const QString& text)
{
    m_query->setText(text);
}

QString TopBar::query() const
{
    return m_query->text();
}

bool TopBar::isTyping() const
{
    return m_query->hasFocus();
}

void TopBar::focusQuery()
{
    m_query->setFocus(Qt::ShortcutFocusReason);
    m_query->selectAll();
}

bool TopBar::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_query && event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        if (key == Qt::Key_Escape || key == Qt::Key_Down) {
            Q_EMIT queryLeft();
            return true;
        }
    }
    return QFrame::eventFilter(watched, event);
}

void TopBar::fillProjectMenu()
{
    QMenu* menu = m_project->menu();
    menu->clear();
    menu->addAction(tr("New Project..."), this, &TopBar::newProjectRequested);
    menu->addAction(tr("Open Project..."), this, &TopBar::openProjectRequested);
    const QStringList recent = m_services.preferences.get(keys::recentProjects);
    if (!recent.isEmpty())
        menu->addSeparator();
    for (const QString& folder : recent) {
        QAction* action = menu->addAction(QFileInfo(folder).completeBaseName(), this,
            [this, folder] { m_services.project.open(toPath(folder)); });
        action->setToolTip(folder);
    }
    menu->setToolTipsVisible(true);
}

void TopBar::fillCheckpointMenu()
{
    QMenu* menu = m_checkpoint->menu();
    menu->clear();
    const QList<CheckpointChoice> checkpoints = m_services.model.state().checkpoints;
    for (const CheckpointChoice& choice : checkpoints) {
        QAction* action = menu->addAction(choice.title, this, [this, checkpoint = choice.name] {
            const std::filesystem::path& folder = m_services.project.folder();
            m_services.preferences.setCheckpoint(fromPath(folder), checkpoint);
            m_services.model.openProject(folder, checkpoint);
        });
        action->setCheckable(true);
        action->setChecked(choice.name == m_services.model.state().checkpoint);
    }
    if (checkpoints.isEmpty())
        menu->addAction(tr("No checkpoint is installed"))->setEnabled(false);
}

void TopBar::refresh()
{
    const ProjectSession& project = m_services.project;
    m_project->setText(project.isOpen() ? project.name() : tr("No project"));
    m_project->setToolTip(fromPath(project.folder()));
    m_query->setEnabled(project.isOpen());
    m_query->setToolTip(project.isOpen() ? QString() : tr("Open a project to search in it."));
    m_checkpoint->setVisible(project.isOpen());
    const ModelState& state = m_services.model.state();
    switch (state.phase) {
    case ModelState::Phase::NoProject:
    case ModelState::Phase::NoModel:
        m_checkpoint->setText(tr("No checkpoint"));
        break;
    case ModelState::Phase::Loading:
        m_checkpoint->setText(tr("Loading..."));
        break;
    case ModelState::Phase::Ready:
    case ModelState::Phase::Failed:
        m_checkpoint->setText(state.title.isEmpty() ? state.checkpoint : state.title);
        break;
    }
    m_checkpoint->setToolTip(
        state.limits.isEmpty() ? tr("Checkpoint that answers queries") : state.limits);
}

} // namespace clipscope::studio
