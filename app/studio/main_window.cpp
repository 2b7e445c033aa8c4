#include "app/studio/main_window.h"

#include "app/studio/job_service.h"
#include "app/studio/jobs_strip.h"
#include "app/studio/model_service.h"
#include "app/studio/navigator.h"
#include "app/studio/pages/clusters/clusters_page.h"
#include "app/studio/pages/collection/collection_page.h"
#include "app/studio/pages/evaluate/evaluate_page.h"
#include "app/studio/pages/search/search_page.h"
#include "app/studio/pages/timeline/timeline_page.h"
#include "app/studio/pages/training/training_page.h"
#include "app/studio/preferences.h"
#include "app/studio/project_session.h"
#include "app/studio/top_bar.h"
#include "app/studio/welcome_page.h"
#include "widgets/common/error_banner.h"
#include "widgets/common/format.h"
#include "widgets/common/theme.h"

#include <QAction>
#include <QApplication>
#include <QButtonGroup>
#include <QCloseEvent>
#include <QDesktopServices>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QJsonDocument>
#include <QLabel>
#include <QPainter>
#include <QStackedWidget>
#include <QToolButton>
#include <QUrl>
#include <QVBoxLayout>

namespace clipscope::studio {

using namespace widgets;

namespace {

constexpr int railWidth = 80;
constexpr int railIcon = 22;
constexpr int savedEveryMilliseconds = 3000;
constexpr const char* pageNames[]
    = { "collection", "search", "timeline", "training", "clusters", "evaluate" };

/// The mark at the head of the rail, in the accent colour of the theme at hand.
class Logo final : public QWidget
{
public:
    explicit Logo(QWidget* parent)
        : QWidget(parent)
    {
        setFixedSize(railWidth - 1 - 2 * space::s, 44);
        setAccessibleName(QStringLiteral("Clipscope"));
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        QPainter painter(this);
        constexpr int size = 28;
        painter.drawPixmap((width() - size) / 2, (height() - size) / 2,
            iconPixmap(Icon::Logo, tokens(this).accent, size, devicePixelRatioF()));
    }
};

QToolButton* railButton(const QString& text, Icon name, QWidget* parent)
{
    auto* button = new QToolButton(parent);
    button->setProperty("part", QStringLiteral("railbutton"));
    button->setText(text);
    button->setIcon(icon(name));
    button->setIconSize({ railIcon, railIcon });
    button->setFont(typeface(TypeSize::Secondary));
    button->setToolButtonStyle(Qt::ToolButtonTextUnderIcon);
    button->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    return button;
}

} // namespace

QString MainWindow::nameOf(PageId id)
{
    return QLatin1String(pageNames[static_cast<int>(id)]);
}

std::optional<PageId> MainWindow::pageOf(const QString& name)
{
    for (int i = 0; i < static_cast<int>(std::size(pageNames)); ++i)
        if (name == QLatin1String(pageNames[i]))
            return static_cast<PageId>(i);
    return {};
}

MainWindow::MainWindow(Services& services, QWidget* parent)
    : QMainWindow(parent)
    , m_services(services)
{
    setObjectName(QStringLiteral("mainWindow"));
    setMinimumSize(900, 560);
    resize(1280, 800);
    buildFrame();
    studio::addActions(this, actionRows(), m_services.preferences);
    connectServices();
    onProjectChanged();
}

MainWindow::~MainWindow() = default;

void MainWindow::buildFrame()
{
    auto* centre = new QWidget(this);
    auto* railFrame = new QFrame(centre);
    railFrame->setProperty("part", QStringLiteral("rail"));
    railFrame->setFixedWidth(railWidth);
    auto* rail = new QVBoxLayout(railFrame);
    rail->setContentsMargins(space::s, 0, space::s, space::s);
    rail->setSpacing(space::xs);

    m_topBar = new TopBar(m_services, centre);
    m_banners = new BannerArea(centre);
    m_stack = new QStackedWidget(centre);
    m_welcome = new WelcomePage(m_services, m_stack);
    m_stack->addWidget(m_welcome);
    buildRail(*rail);

    auto* right = new QVBoxLayout;
    right->setSpacing(0);
    right->addWidget(m_topBar);
    right->addWidget(m_banners);
    right->addWidget(m_stack, 1);
    right->addWidget(new JobsStrip(m_services.jobs, centre));
    auto* row = new QHBoxLayout(centre);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    row->addWidget(railFrame);
    row->addLayout(right, 1);
    setCentralWidget(centre);
    // Else the first button of the bar would take the focus, and keys would go there.
    centre->setFocusPolicy(Qt::ClickFocus);
    centre->setFocus();
}

void MainWindow::buildRail(QVBoxLayout& rail)
{
    QWidget* frame = rail.parentWidget();
    m_railButtons = new QButtonGroup(this);
    rail.addWidget(new Logo(frame), 0, Qt::AlignHCenter);
    addPage(new CollectionPage(m_services, m_stack), rail);
    addPage(new SearchPage(m_services, m_stack), rail);
    addPage(new TimelinePage(m_services, m_stack), rail);
    addPage(new TrainingPage(m_services, m_stack), rail);
    addPage(new ClustersPage(m_services, m_stack), rail);
    addPage(new EvaluatePage(m_services, m_stack), rail);
    rail.addStretch(1);
    auto* theme = railButton(tr("Theme"), Icon::Theme, frame);
    theme->setToolTip(tr("Switch between dark and light"));
    connect(theme, &QToolButton::clicked, this, &MainWindow::toggleTheme);
    auto* help = railButton(tr("Keys"), Icon::Help, frame);
    help->setToolTip(tr("Actions and keys (F1)"));
    connect(help, &QToolButton::clicked, this, &MainWindow::showActions);
    rail.addWidget(theme);
    rail.addWidget(help);
}

void MainWindow::addPage(Page* page, QVBoxLayout& rail)
{
    const PageId id = page->id();
    m_pages[id] = page;
    m_stack->addWidget(page);
    for (QAction* action : studio::addActions(page, page->actionRows(), m_services.preferences))
        m_pageActions[id] += action;
    auto* button = railButton(page->title(), page->icon(), rail.parentWidget());
    button->setCheckable(true);
    button->setObjectName(nameOf(id) + QStringLiteral("Rail"));
    m_railButtons->addButton(button, static_cast<int>(id));
    connect(button, &QToolButton::clicked, this, [this, id] { goToPage(id); });
    rail.addWidget(button);
}

std::vector<ActionRow> MainWindow::actionRows()
{
    std::vector<ActionRow> rows;
    for (const auto& [id, page] : m_pages)
        rows.push_back({ nameOf(id) + QStringLiteral(".show"), tr("Show %1").arg(page->title()),
            QKeySequence(Qt::CTRL | static_cast<Qt::Key>(Qt::Key_1 + static_cast<int>(id))),
            page->icon(), [this, page = id] { goToPage(page); } });
    const std::vector<ActionRow> own{
        { QStringLiteral("window.query"), tr("Go to the Query Box"), QKeySequence(Qt::Key_Slash),
            Icon::Search, [this] { m_topBar->focusQuery(); } },
        { QStringLiteral("window.new"), tr("New Project..."), QKeySequence::New, Icon::Add,
            [this] { m_welcome->createProject(); } },
        { QStringLiteral("window.open"), tr("Open Project..."), QKeySequence::Open, Icon::Folder,
            [this] { m_welcome->openProject(); } },
        { QStringLiteral("window.theme"), tr("Switch between Dark and Light"),
            QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_T), Icon::Theme,
            [this] { toggleTheme(); } },
        { QStringLiteral("window.full-screen"), tr("Full Screen"), QKeySequence(Qt::Key_F11), {},
            [this] { setWindowState(windowState() ^ Qt::WindowFullScreen); } },
        { QStringLiteral("window.actions"), tr("Actions and Keys"), QKeySequence(Qt::Key_F1),
            Icon::Help, [this] { showActions(); } },
        { QStringLiteral("window.keys"), tr("Actions and Keys"), QKeySequence(Qt::Key_Question), {},
            [this] { showActions(); } },
        { QStringLiteral("window.palette"), tr("Do Anything"), QKeySequence(Qt::CTRL | Qt::Key_K),
            {}, [this] { showActions(); } },
        { QStringLiteral("window.quit"), tr("Quit"), QKeySequence::Quit, {}, [this] { close(); } },
    };
    rows.insert(rows.end(), own.begin(), own.end());
    return rows;
}

void MainWindow::connectServices()
{
    Navigator& navigator = m_services.navigator;
    connect(&navigator, &Navigator::pageRequested, this, &MainWindow::showPage);
    connect(&navigator, &Navigator::errorReported, this, &MainWindow::showBannerFor);
    connect(&navigator, &Navigator::queryBoxRequested, m_topBar, &TopBar::focusQuery);
    connect(&navigator, &Navigator::queryRequested, this, &MainWindow::runQuery);
    connect(
        &navigator, &Navigator::queryChanged, this, [this](const QString& text, bool committed) {
            m_services.preferences.set(keys::query, text);
            if (committed)
                showPage(PageId::Search);
        });
    connect(&m_services.project, &ProjectSession::changed, this, &MainWindow::onProjectChanged);
    connect(&m_services.project, &ProjectSession::failed, this, &MainWindow::showBannerFor);
    connect(&m_services.jobs, &JobService::failed, this, &MainWindow::showBannerFor);
    connect(&m_services.jobs, &JobService::jobFinished, this, [this](const JobInfo& job) {
        if (job.state.error)
            showBannerFor(*job.state.error);
    });
    connect(m_topBar, &TopBar::queryLeft, this, [this] { m_pages.at(m_current)->takeFocus(); });
    connect(m_topBar, &TopBar::newProjectRequested, m_welcome, &WelcomePage::createProject);
    connect(m_topBar, &TopBar::openProjectRequested, m_welcome, &WelcomePage::openProject);
    connect(m_banners, &BannerArea::placeActivated, this, [](const QString& path) {
        // The folder, since a damaged video would only start somebody else's player.
        QDesktopServices::openUrl(QUrl::fromLocalFile(QFileInfo(path).absolutePath()));
    });
}

Page* MainWindow::page(PageId id) const
{
    return m_pages.at(id);
}

void MainWindow::showPage(PageId id)
{
    m_services.preferences.set(keys::page, nameOf(id));
    putPage(id);
    if (!m_topBar->isTyping())
        m_pages.at(id)->takeFocus();
}

void MainWindow::goToPage(PageId id)
{
    showPage(id);
    m_pages.at(id)->takeFocus();
}

void MainWindow::putPage(PageId id)
{
    m_current = id;
    if (QAbstractButton* button = m_railButtons->button(static_cast<int>(id)))
        button->setChecked(true);
    if (m_services.project.isOpen())
        m_stack->setCurrentWidget(m_pages.at(id));
}

void MainWindow::runQuery(const QString& text)
{
    m_topBar->setQuery(text);
    m_services.navigator.query(text, true);
}

void MainWindow::onProjectChanged()
{
    const ProjectSession& project = m_services.project;
    const QList<QAbstractButton*> railButtons = m_railButtons->buttons();
    for (QAbstractButton* button : railButtons) {
        button->setEnabled(project.isOpen());
        button->setToolTip(!project.isOpen() ? tr("Open a project first.")
                                             : QStringLiteral("%1 (Ctrl+%2)")
                                                   .arg(button->text())
                                                   .arg(m_railButtons->id(button) + 1));
    }
    if (!project.isOpen()) {
        setWindowTitle(QStringLiteral("Clipscope"));
        m_stack->setCurrentWidget(m_welcome);
        return;
    }
    setWindowTitle(QStringLiteral("%1 - Clipscope").arg(project.name()));
    m_services.preferences.rememberProject(fromPath(project.folder()));
    m_banners->clear();
    if (project.isReadOnly())
        m_banners->show(Severity::Info, tr("This project is read-only"),
            tr("Its folder cannot be written, so nothing can be imported, extracted or trained. "
               "Searching works with what is there."));
    putPage(m_current);
    if (!m_topBar->isTyping())
        m_pages.at(m_current)->takeFocus();
}

void MainWindow::showBannerFor(const Error& error)
{
    m_banners->show(error);
}

void MainWindow::restoreSession()
{
    restoreGeometry(m_services.preferences.get(keys::geometry));
    putPage(pageOf(m_services.preferences.get(keys::page)).value_or(PageId::Collection));
    const QJsonObject states
        = QJsonDocument::fromJson(m_services.preferences.get(keys::pageState)).object();
    for (const auto& [id, page] : m_pages)
        page->restoreState(states.value(nameOf(id)).toObject());
    const QString query = m_services.preferences.get(keys::query);
    m_topBar->setQuery(query);
    if (!query.isEmpty())
        m_services.navigator.query(query, false);
    connect(&m_saving, &QTimer::timeout, this, &MainWindow::saveSession);
    m_saving.start(savedEveryMilliseconds); // a crash loses seconds, not the session
}

bool MainWindow::isSettled() const
{
    if (m_services.project.isOpening())
        return false;
    return !m_services.project.isOpen() || m_pages.at(m_current)->isSettled();
}

void MainWindow::saveSession()
{
    QJsonObject states;
    for (const auto& [id, page] : m_pages)
        states[nameOf(id)] = page->saveState();
    m_services.preferences.set(
        keys::pageState, QJsonDocument(states).toJson(QJsonDocument::Compact));
    m_services.preferences.set(keys::geometry, saveGeometry());
}

void MainWindow::closeEvent(QCloseEvent* event)
{
    saveSession();
    QMainWindow::closeEvent(event);
}

void MainWindow::toggleTheme()
{
    const ColourScheme other = tokens(this).dark ? ColourScheme::Light : ColourScheme::Dark;
    m_services.preferences.setColourScheme(other);
    applyTheme(*qobject_cast<QApplication*>(QApplication::instance()), other);
}

void MainWindow::showActions()
{
    std::vector<ShortcutSheet::Group> groups;
    const auto here = m_pageActions.find(m_current);
    if (m_services.project.isOpen() && here != m_pageActions.end())
        groups.push_back({ m_pages.at(m_current)->title(), here->second });
    groups.push_back({ tr("Window"), actions() });
    auto* sheet = new ShortcutSheet(groups, this);
    connect(sheet, &ShortcutSheet::keyChanged, this, [this](QAction* action) {
        const QKeySequence key = action->shortcut();
        m_services.preferences.setKey(
            action->objectName(), key == defaultKeyOf(*action) ? std::nullopt : std::optional(key));
    });
    sheet->open();
}

} // namespace clipscope::studio
