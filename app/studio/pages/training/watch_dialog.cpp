#include "app/studio/pages/training/watch_dialog.h"

#include "store/project.h"
#include "widgets/common/empty_state.h"
#include "widgets/common/format.h"
#include "widgets/common/icons.h"
#include "widgets/common/theme.h"

#include <QCompleter>
#include <QDialogButtonBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QStyle>
#include <QStyledItemDelegate>
#include <QTableView>
#include <QVBoxLayout>

namespace clipscope::studio {

using namespace widgets;

namespace {

/// A line with the names of the videos offered.
class VideoNameDelegate final : public QStyledItemDelegate
{
public:
    VideoNameDelegate(QStringList names, QObject* parent)
        : QStyledItemDelegate(parent)
        , m_names(std::move(names))
    {
    }
    QWidget* createEditor(
        QWidget* parent, const QStyleOptionViewItem&, const QModelIndex&) const override
    {
        auto* line = new QLineEdit(parent);
        auto* completer = new QCompleter(m_names, line);
        completer->setCaseSensitivity(Qt::CaseInsensitive);
        completer->setFilterMode(Qt::MatchContains);
        line->setCompleter(completer);
        return line;
    }

private:
    QStringList m_names;
};

} // namespace

WatchDialog::WatchDialog(const std::filesystem::path& project, QWidget* parent)
    : QDialog(parent)
    , m_project(project)
    , m_table(new QTableView(this))
    , m_nothing(new EmptyState(Icon::Pin, tr("No query is watched yet"),
          tr("Add one with the video and the seconds where it should be found."), this))
    , m_problem(new QLabel(this))
    , m_add(new QPushButton(tr("Add Query"), this))
    , m_remove(new QPushButton(tr("Remove"), this))
    , m_read(this)
    , m_write(this)
{
    setObjectName(QStringLiteral("watchDialog"));
    setWindowTitle(tr("Watch List"));
    resize(760, 420);
    auto* hint = new QLabel(
        tr("At each evaluation a training notes at which rank it finds the expected moment of each "
           "query; the ranks are drawn with its curves."),
        this);
    hint->setWordWrap(true);
    hint->setProperty("role", QStringLiteral("secondary"));
    m_table->setObjectName(QStringLiteral("watchTable"));
    m_table->setAccessibleName(tr("Pinned queries"));
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setShowGrid(false);
    m_table->verticalHeader()->hide();
    m_problem->setObjectName(QStringLiteral("watchProblem"));
    m_problem->setProperty("role", QStringLiteral("bad"));
    m_problem->setWordWrap(true);
    decorate(*m_add, Icon::Add);
    m_add->setObjectName(QStringLiteral("addQuery"));
    m_remove->setObjectName(QStringLiteral("removeQuery"));
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Save | QDialogButtonBox::Cancel, this);
    m_save = buttons->button(QDialogButtonBox::Save);
    m_save->setProperty("primary", true);
    m_save->style()->unpolish(m_save); // its box has polished it already
    m_save->style()->polish(m_save);
    m_add->setAutoDefault(false);
    m_remove->setAutoDefault(false);
    auto* row = new QHBoxLayout;
    row->setSpacing(space::s);
    row->addWidget(m_add);
    row->addWidget(m_remove);
    row->addStretch(1);
    row->addWidget(buttons);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(space::l, space::l, space::l, space::l);
    column->setSpacing(space::m);
    column->addWidget(hint);
    column->addWidget(m_table, 1);
    column->addWidget(m_nothing, 1);
    column->addWidget(m_problem);
    column->addLayout(row);

    connect(buttons, &QDialogButtonBox::accepted, this, &WatchDialog::save);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(m_add, &QPushButton::clicked, this, [this] {
        m_model->addRow();
        const QModelIndex query = m_model->index(m_model->rowCount() - 1, WatchModel::Query);
        m_table->setCurrentIndex(query);
        m_table->edit(query);
    });
    connect(m_remove, &QPushButton::clicked, this, [this] {
        if (const QModelIndex current = m_table->currentIndex(); current.isValid())
            m_model->removeRow(current.row());
    });
    m_read.run(
        [project](std::stop_token) -> Result<Content> {
            Content content;
            CLIP_TRY_ASSIGN(content.list, store::readWatchList(project));
            CLIP_TRY_ASSIGN(
                const auto opened, store::Project::open(project, store::Access::ReadOnly));
            CLIP_TRY_ASSIGN(const auto videos, opened.catalogue().videos());
            for (const store::VideoRecord& video : videos)
                content.titles[fromPath(video.path.stem())] = video.id;
            return content;
        },
        [this](Result<Content> content) {
            if (content)
                take(std::move(*content));
            else
                m_problem->setText(fromUtf8(content.error().toString()));
        });
    refresh();
}

WatchDialog::~WatchDialog()
{
    m_table->setModel(nullptr);
}

void WatchDialog::take(Content content)
{
    m_model = std::make_unique<WatchModel>(std::move(content.list), content.titles);
    m_table->setModel(m_model.get());
    m_table->setItemDelegateForColumn(
        WatchModel::Video, new VideoNameDelegate(content.titles.keys(), m_table));
    QHeaderView* header = m_table->horizontalHeader();
    header->setSectionResizeMode(WatchModel::Query, QHeaderView::Stretch);
    m_table->setColumnWidth(WatchModel::Video, 220);
    m_table->setColumnWidth(WatchModel::Start, 80);
    m_table->setColumnWidth(WatchModel::Stop, 80);
    connect(m_model.get(), &WatchModel::edited, this, &WatchDialog::refresh);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentChanged, this,
        &WatchDialog::refresh);
    refresh();
}

void WatchDialog::refresh()
{
    m_add->setEnabled(m_model != nullptr);
    const bool isEmpty = m_model && m_model->rowCount() == 0;
    m_nothing->setVisible(isEmpty);
    m_table->setVisible(!isEmpty);
    const bool any = m_model && m_table->currentIndex().isValid();
    m_remove->setEnabled(any);
    m_remove->setToolTip(any ? QString() : tr("No query is selected."));
    QString problem;
    for (int row = 0; m_model && row < m_model->rowCount() && problem.isEmpty(); ++row)
        problem = m_model->problemOf(row);
    if (m_model)
        m_problem->setText(problem);
    m_save->setEnabled(m_model && problem.isEmpty());
    m_save->setToolTip(problem);
}

void WatchDialog::save()
{
    m_write.run(
        [project = m_project, list = m_model->list()](std::stop_token) -> Result<std::monostate> {
            CLIP_TRY(store::writeWatchList(project, list));
            return std::monostate{};
        },
        [this](Result<std::monostate> done) {
            if (!done) {
                m_problem->setText(fromUtf8(done.error().toString()));
                return;
            }
            Q_EMIT saved();
            accept();
        });
}

} // namespace clipscope::studio
