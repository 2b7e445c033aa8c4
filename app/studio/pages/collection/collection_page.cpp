#include "app/studio/pages/collection/collection_page.h"

#include "app/studio/job_service.h"
#include "app/studio/local_paths.h"
#include "app/studio/navigator.h"
#include "app/studio/pages/collection/details_panel.h"
#include "app/studio/pages/collection/video_delegate.h"
#include "app/studio/pages/collection/video_grid.h"
#include "app/studio/project_session.h"
#include "widgets/common/elided_label.h"
#include "widgets/common/empty_state.h"
#include "widgets/common/format.h"
#include "widgets/common/theme.h"

#include <QApplication>
#include <QClipboard>
#include <QDesktopServices>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QResizeEvent>
#include <QSplitter>
#include <QStackedWidget>
#include <QTableView>
#include <QToolButton>
#include <QUrl>
#include <QVBoxLayout>

#include <algorithm>

namespace clipscope::studio {

using namespace widgets;

namespace {

constexpr int followMilliseconds = 2000;
constexpr int roomForDetails = 900; // below this width the videos need all of it

} // namespace

CollectionPage::CollectionPage(Services& services, QWidget* parent)
    : Page(parent)
    , m_services(services)
    , m_filter(m_table)
    , m_lane(this)
{
    setObjectName(QStringLiteral("collectionPage"));
    setAcceptDrops(true);
    buildTable();
    buildGrid();
    m_views = new QStackedWidget(this);
    m_views->addWidget(m_view);
    m_views->addWidget(m_grid);
    m_empty = new EmptyState(Icon::Drop, tr("No videos yet"),
        tr("Drop a folder or some files here; captions beside them come along."), this);
    connect(m_empty->addButton(tr("Add Folder...")), &QPushButton::clicked, this,
        &CollectionPage::chooseFolder);
    connect(m_empty->addButton(tr("Add Files...")), &QPushButton::clicked, this,
        &CollectionPage::chooseFiles);
    m_details = new DetailsPanel(this);
    m_splitter = new QSplitter(this);
    m_splitter->addWidget(m_views);
    m_splitter->addWidget(m_details);
    m_splitter->setStretchFactor(0, 1);
    m_splitter->setSizes({ 860, 340 });
    m_splitter->setChildrenCollapsible(false);
    m_stack = new QStackedWidget(this);
    m_stack->addWidget(new QWidget(m_stack)); // nothing is known yet
    m_stack->addWidget(m_empty);
    m_stack->addWidget(m_splitter);

    m_dropHint = new QLabel(tr("Drop to add to this project"), this);
    m_dropHint->setProperty("part", QStringLiteral("drophint"));
    m_dropHint->setFont(typeface(TypeSize::Section, true));
    m_dropHint->setAlignment(Qt::AlignCenter);
    m_dropHint->setAttribute(Qt::WA_TransparentForMouseEvents);
    m_dropHint->hide();

    assemble(buildHeader(), m_stack);

    connect(m_details, &DetailsPanel::openRequested, &services.navigator, &Navigator::openVideo);
    connect(m_details, &DetailsPanel::failed, &services.navigator, &Navigator::report);
    connect(&services.project, &ProjectSession::changed, this, [this] {
        m_loaded = false;
        m_table.setRows({});
        m_stack->setCurrentIndex(0);
        reload();
    });
    connect(&services.project, &ProjectSession::contentsChanged, this, &CollectionPage::reload);
    connect(&services.thumbnails, &ThumbnailSource::ready, this,
        [this] { view()->viewport()->update(); });
    m_following.setInterval(followMilliseconds);
    connect(&m_following, &QTimer::timeout, this, &CollectionPage::reload);
    connect(&services.jobs, &JobService::jobsChanged, this, [this] {
        const auto& jobs = m_services.jobs.jobs();
        const bool active = std::any_of(
            jobs.begin(), jobs.end(), [](const JobInfo& job) { return job.isActive(); });
        if (active != m_following.isActive())
            active ? m_following.start() : m_following.stop();
    });
    if (services.project.isOpen())
        reload();
}

CollectionPage::~CollectionPage() = default;

QWidget* CollectionPage::buildHeader()
{
    auto* header = new QWidget(this);
    auto* row = new QHBoxLayout(header);
    const auto viewButton = [this](Icon name, const QString& text) {
        auto* button = new QToolButton(this);
        button->setIcon(widgets::icon(name));
        button->setCheckable(true);
        button->setAutoExclusive(true);
        button->setAccessibleName(text);
        button->setToolTip(tr("%1 (Ctrl+G switches)").arg(text));
        return button;
    };
    m_summary = new ElidedLabel({}, this);
    m_summary->setElideMode(Qt::ElideRight);
    m_summary->setObjectName(QStringLiteral("collectionSummary"));
    m_summary->setProperty("role", QStringLiteral("secondary"));
    m_find = new QLineEdit(this);
    m_find->setObjectName(QStringLiteral("findVideo"));
    m_find->setPlaceholderText(tr("Filter by name"));
    m_find->setAccessibleName(tr("Filter by name"));
    m_find->setClearButtonEnabled(true);
    m_find->setMinimumWidth(100);
    m_find->setMaximumWidth(180);
    m_problems = new QPushButton(this);
    m_problems->setObjectName(QStringLiteral("problemsFilter"));
    m_problems->setCheckable(true);
    m_problems->setAccessibleName(tr("Show only problems"));
    m_addFolder = new QPushButton(tr("Add Folder..."), this);
    decorate(*m_addFolder, Icon::Folder);
    m_addFiles = new QPushButton(tr("Add Files..."), this);
    decorate(*m_addFiles, Icon::Add);
    m_asTable = viewButton(Icon::List, tr("Show as table"));
    m_asGrid = viewButton(Icon::Collection, tr("Show as pictures"));
    m_asGrid->setObjectName(QStringLiteral("showAsGrid"));
    m_asTable->setChecked(true);
    auto* shapes = new QHBoxLayout;
    shapes->setSpacing(0);
    shapes->addWidget(m_asTable);
    shapes->addWidget(m_asGrid);
    connect(m_asTable, &QToolButton::clicked, this, [this] { showGrid(false); });
    connect(m_asGrid, &QToolButton::clicked, this, [this] { showGrid(true); });
    row->setContentsMargins(space::l, space::m, space::l, space::m);
    row->setSpacing(space::m);
    row->addWidget(titleLabel(header));
    row->addWidget(m_summary, 1);
    row->addWidget(m_problems);
    row->addWidget(m_find);
    row->addLayout(shapes);
    row->addWidget(m_addFolder);
    row->addWidget(m_addFiles);
    connect(m_find, &QLineEdit::textChanged, &m_filter, &VideoFilter::setText);
    connect(m_problems, &QPushButton::toggled, this,
        [this](bool on) { m_filter.setFilter(on ? RowFilter::Problems : RowFilter::All); });
    connect(m_addFolder, &QPushButton::clicked, this, &CollectionPage::chooseFolder);
    connect(m_addFiles, &QPushButton::clicked, this, &CollectionPage::chooseFiles);
    return header;
}

void CollectionPage::buildTable()
{
    m_view = new QTableView(this);
    m_view->setObjectName(QStringLiteral("videoTable"));
    m_view->setAccessibleName(tr("Videos"));
    m_view->setModel(&m_filter);
    m_view->setItemDelegate(new VideoDelegate(m_filter, m_services.thumbnails, m_view));
    m_view->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_view->setShowGrid(false);
    m_view->setSortingEnabled(true);
    m_view->setTabKeyNavigation(false);
    m_view->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_view->setContextMenuPolicy(Qt::CustomContextMenu);
    m_view->verticalHeader()->hide();
    m_view->verticalHeader()->setDefaultSectionSize(VideoDelegate::rowHeight);
    QHeaderView* header = m_view->horizontalHeader();
    header->setHighlightSections(false);
    header->setMinimumSectionSize(72);
    header->setSectionResizeMode(VideoTable::Name, QHeaderView::Stretch);
    header->setSortIndicatorClearable(true);
    header->setSortIndicator(-1, Qt::AscendingOrder);
    m_view->setColumnWidth(VideoTable::Duration, 84);
    m_view->setColumnWidth(VideoTable::Captions, 84);
    m_view->setColumnWidth(VideoTable::Labels, 72);
    m_view->setColumnWidth(VideoTable::Features, 124);
    m_view->setColumnWidth(VideoTable::Problems, 220);
    connect(m_view->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
        &CollectionPage::refreshDetails);
    connect(m_view, &QTableView::activated, this, &CollectionPage::openSelected);
    connect(m_view, &QTableView::customContextMenuRequested, this, &CollectionPage::showMenu);
}

void CollectionPage::buildGrid()
{
    m_grid = new VideoGrid(m_filter, m_services.thumbnails, this);
    m_grid->setSelectionModel(m_view->selectionModel());
    connect(m_grid, &VideoGrid::activated, this, &CollectionPage::openSelected);
    connect(m_grid, &VideoGrid::customContextMenuRequested, this, &CollectionPage::showMenu);
}

QAbstractItemView* CollectionPage::view() const
{
    return static_cast<QAbstractItemView*>(m_views->currentWidget());
}

void CollectionPage::showGrid(bool on)
{
    const bool hadFocus = view()->hasFocus();
    const int row = m_view->currentIndex().row();
    m_views->setCurrentWidget(on ? static_cast<QWidget*>(m_grid) : m_view);
    (on ? m_asGrid : m_asTable)->setChecked(true);
    if (row >= 0) { // the grid knows the first column only, the table selects whole rows
        m_view->selectRow(row);
        view()->setCurrentIndex(m_filter.index(row, VideoTable::Name));
        view()->scrollTo(view()->currentIndex());
    }
    if (hadFocus)
        view()->setFocus();
}

void CollectionPage::takeFocus()
{
    QWidget* target = view()->isVisible() ? static_cast<QWidget*>(view()) : this;
    target->setFocus();
}

std::vector<ActionRow> CollectionPage::actionRows()
{
    return {
        { QStringLiteral("collection.add-folder"), tr("Add Folder..."),
            QKeySequence(Qt::CTRL | Qt::Key_I), Icon::Folder, [this] { chooseFolder(); } },
        { QStringLiteral("collection.add-files"), tr("Add Files..."),
            QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_I), Icon::Add, [this] { chooseFiles(); } },
        { QStringLiteral("collection.find"), tr("Filter by Name"), QKeySequence::Find, Icon::Search,
            [this] { m_find->setFocus(Qt::ShortcutFocusReason); } },
        { QStringLiteral("collection.problems"), tr("Show Only Problems"),
            QKeySequence(Qt::CTRL | Qt::Key_P), Icon::Warning, [this] { m_problems->toggle(); } },
        { QStringLiteral("collection.view"), tr("Switch between Table and Pictures"),
            QKeySequence(Qt::CTRL | Qt::Key_G), Icon::Collection,
            [this] { showGrid(view() != m_grid); } },
    };
}

bool CollectionPage::isSettled() const
{
    if (!m_loaded || m_lane.isBusy() || m_details->isLoading())
        return false;
    if (m_stack->currentWidget() != m_splitter || m_table.rowCount() == 0)
        return true;
    // The first picture that is not there yet.
    const VideoPicture size = view() == m_grid ? VideoPicture::Tile : VideoPicture::Row;
    for (int shown = 0; shown < m_filter.rowCount(); ++shown) {
        const QModelIndex index = m_filter.index(shown, VideoTable::Name);
        const CollectionRow* row = m_filter.at(index);
        if (!row->isImported() || !view()->visualRect(index).intersects(view()->viewport()->rect()))
            continue;
        if (m_services.thumbnails.thumbnail(pictureKey(*row, devicePixelRatio(), size)).isNull())
            return false;
    }
    return true;
}

QJsonObject CollectionPage::saveState() const
{
    return { { QStringLiteral("splitter"),
                 QString::fromLatin1(m_splitter->saveState().toBase64()) },
        { QStringLiteral("columns"),
            QString::fromLatin1(m_view->horizontalHeader()->saveState().toBase64()) },
        { QStringLiteral("grid"), view() == m_grid } };
}

void CollectionPage::restoreState(const QJsonObject& state)
{
    const auto bytes = [&state](QLatin1String key) {
        return QByteArray::fromBase64(state.value(key).toString().toLatin1());
    };
    if (state.contains(QLatin1String("splitter")))
        m_splitter->restoreState(bytes(QLatin1String("splitter")));
    if (state.contains(QLatin1String("columns")))
        m_view->horizontalHeader()->restoreState(bytes(QLatin1String("columns")));
    showGrid(state.value(QLatin1String("grid")).toBool());
}

void CollectionPage::reload()
{
    if (!m_services.project.isOpen())
        return;
    m_lane.run([folder = m_services.project.folder()](
                   std::stop_token stop) { return readCollection(folder, std::move(stop)); },
        [this](Result<std::vector<CollectionRow>> rows) {
            m_loaded = true;
            if (rows)
                showRows(std::move(*rows));
            else
                m_services.navigator.report(rows.error());
        });
}

void CollectionPage::showRows(std::vector<CollectionRow> rows)
{
    m_table.setRows(std::move(rows));
    const bool any = m_table.rowCount() > 0;
    QWidget* shown = any ? static_cast<QWidget*>(m_splitter) : m_empty;
    const bool moveFocus = m_stack->currentWidget() != shown
        && (hasFocus() || isAncestorOf(QApplication::focusWidget()));
    m_stack->setCurrentWidget(shown);
    for (QWidget* each : std::initializer_list<QWidget*>{ m_find, m_asTable, m_asGrid })
        each->setVisible(any);
    if (any && !m_view->currentIndex().isValid())
        m_view->setCurrentIndex(m_filter.index(0, 0));
    if (moveFocus)
        takeFocus();
    refreshSummary();
    refreshDetails();
}

void CollectionPage::refreshSummary()
{
    std::int64_t videos = 0, searchable = 0, problems = 0;
    double seconds = 0.0;
    for (const CollectionRow& row : m_table.rows()) {
        videos += row.isImported();
        searchable += row.isSearchable;
        problems += !row.problems.empty();
        seconds += row.video.durationSeconds;
    }
    m_summary->setFullText(videos == 0 ? QString()
                                       : tr("%1, %2 in all, %3 searchable")
                                             .arg(counted(videos, tr("video"), tr("videos")),
                                                 shortDuration(seconds), count(searchable)));
    m_problems->setText(counted(problems, tr("problem"), tr("problems")));
    m_problems->setVisible(problems > 0);
    if (problems == 0)
        m_problems->setChecked(false);
    const bool writable = !m_services.project.isReadOnly();
    for (QPushButton* button : { m_addFolder, m_addFiles }) {
        button->setEnabled(writable);
        button->setToolTip(writable ? QString() : tr("This project is read-only."));
    }
}

void CollectionPage::refreshDetails()
{
    m_details->show(m_services.project.folder(), m_filter.at(m_view->currentIndex()));
}

void CollectionPage::importPaths(const QStringList& paths)
{
    if (paths.isEmpty() || m_services.project.isReadOnly() || !m_services.project.isOpen())
        return;
    m_services.jobs.start(
        QStringLiteral("import"), QStringList{ fromPath(m_services.project.folder()) } + paths);
}

void CollectionPage::chooseFiles()
{
    auto* dialog = new QFileDialog(this, tr("Add Videos"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFiles);
    connect(dialog, &QFileDialog::filesSelected, this, &CollectionPage::importPaths);
    dialog->open();
}

void CollectionPage::chooseFolder()
{
    auto* dialog = new QFileDialog(this, tr("Add a Folder of Videos"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::Directory);
    dialog->setOption(QFileDialog::ShowDirsOnly);
    connect(dialog, &QFileDialog::filesSelected, this, &CollectionPage::importPaths);
    dialog->open();
}

void CollectionPage::openSelected()
{
    const CollectionRow* row = m_filter.at(m_view->currentIndex());
    if (row && row->isImported())
        m_services.navigator.openVideo(row->video.id, 0.0);
}

void CollectionPage::showMenu(const QPoint& place)
{
    const CollectionRow* row = m_filter.at(view()->indexAt(place));
    if (!row)
        return;
    const QString path = fromPath(row->video.path);
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    QAction* open = menu->addAction(
        widgets::icon(Icon::Play), tr("Open in Player"), this, &CollectionPage::openSelected);
    open->setEnabled(row->isImported());
    QAction* label = menu->addAction(widgets::icon(Icon::Timeline), tr("Label on the Timeline"),
        this, [this, id = row->video.id] { m_services.navigator.labelVideo(id, 0.0); });
    label->setEnabled(row->isImported());
    menu->addAction(widgets::icon(Icon::Folder), tr("Show in Folder"), this,
        [path] { QDesktopServices::openUrl(QUrl::fromLocalFile(QFileInfo(path).absolutePath())); });
    menu->addAction(widgets::icon(Icon::Copy), tr("Copy Path"), this,
        [path] { QApplication::clipboard()->setText(path); });
    menu->popup(view()->viewport()->mapToGlobal(place));
}

void CollectionPage::dragEnterEvent(QDragEnterEvent* event)
{
    if (!m_services.project.isReadOnly() && !localPaths(event->mimeData()).isEmpty()) {
        event->acceptProposedAction();
        m_dropHint->show();
        m_dropHint->raise();
    }
}

void CollectionPage::dragLeaveEvent(QDragLeaveEvent*)
{
    m_dropHint->hide();
}

void CollectionPage::dropEvent(QDropEvent* event)
{
    event->acceptProposedAction();
    m_dropHint->hide();
    importPaths(localPaths(event->mimeData()));
}

void CollectionPage::resizeEvent(QResizeEvent* event)
{
    Page::resizeEvent(event);
    m_dropHint->setGeometry(rect());
    m_details->setVisible(width() >= roomForDetails);
}

} // namespace clipscope::studio
