#include "app/studio/jobs_strip.h"

#include "app/studio/log_view.h"
#include "widgets/common/elided_label.h"
#include "widgets/common/format.h"
#include "widgets/common/icons.h"
#include "widgets/common/theme.h"

#include <QDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QListView>
#include <QProgressBar>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

namespace clipscope::studio {

using namespace widgets;

namespace {

constexpr int barWidth = 180;
constexpr int listHeight = 132;

} // namespace

JobsStrip::JobsStrip(JobService& jobs, QWidget* parent)
    : QFrame(parent)
    , m_service(jobs)
{
    setObjectName(QStringLiteral("jobsStrip"));
    setAccessibleName(tr("Jobs"));
    setProperty("part", QStringLiteral("strip"));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 1, 0, 0);
    column->setSpacing(0);
    buildLine();
    buildList();
    connect(&jobs, &JobService::jobsChanged, this, &JobsStrip::refresh);
    setExpanded(false);
    refresh();
}

void JobsStrip::buildLine()
{
    auto* line = new QWidget(this);
    m_title = new QLabel(line);
    m_title->setFont(typeface(TypeSize::Base, true));
    m_bar = new QProgressBar(line);
    m_bar->setFixedWidth(barWidth);
    m_bar->setTextVisible(false);
    m_bar->setRange(0, 1000);
    m_text = new ElidedLabel({}, line);
    m_text->setElideMode(Qt::ElideRight);
    m_text->setProperty("role", QStringLiteral("secondary"));
    m_resume = new QPushButton(tr("Resume"), line);
    m_cancel = new QToolButton(line);
    m_cancel->setIcon(icon(Icon::Close));
    m_cancel->setAccessibleName(tr("Cancel"));
    m_expand = new QToolButton(line);
    m_expand->setObjectName(QStringLiteral("expandJobs"));
    m_expand->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_expand->setCheckable(true);
    m_expand->setToolTip(tr("Show all jobs"));

    auto* row = new QHBoxLayout(line);
    row->setContentsMargins(space::l, space::xs, space::s, space::xs);
    row->setSpacing(space::m);
    row->addWidget(m_title);
    row->addWidget(m_bar);
    row->addWidget(m_text, 1);
    row->addWidget(m_resume);
    row->addWidget(m_cancel);
    row->addWidget(m_expand);
    layout()->addWidget(line);

    connect(m_resume, &QPushButton::clicked, this, [this] { m_service.resume(m_current); });
    connect(m_cancel, &QToolButton::clicked, this, [this] {
        const QModelIndex first = m_list.index(0);
        const JobInfo* job = m_list.at(first);
        if (job && job->isActive())
            m_service.cancel(m_current);
        else
            m_service.dismiss(m_current);
    });
    connect(m_expand, &QToolButton::toggled, this, &JobsStrip::setExpanded);
}

void JobsStrip::buildList()
{
    m_details = new QWidget(this);
    m_view = new QListView(m_details);
    m_view->setObjectName(QStringLiteral("jobList"));
    m_view->setAccessibleName(tr("All jobs"));
    m_view->setModel(&m_list);
    m_view->setItemDelegate(new JobDelegate(m_view));
    m_view->setFixedHeight(listHeight);
    m_view->setUniformItemSizes(true);
    m_listCancel = new QPushButton(tr("Cancel"), m_details);
    m_listResume = new QPushButton(tr("Resume"), m_details);
    m_listLog = new QPushButton(tr("Log"), m_details);
    m_listDismiss = new QPushButton(tr("Dismiss"), m_details);
    auto* buttons = new QVBoxLayout;
    buttons->setSpacing(space::xs);
    for (QPushButton* button : { m_listCancel, m_listResume, m_listLog, m_listDismiss })
        buttons->addWidget(button);
    buttons->addStretch(1);
    auto* row = new QHBoxLayout(m_details);
    row->setContentsMargins(0, 0, space::s, space::s);
    row->addWidget(m_view, 1);
    row->addLayout(buttons);
    layout()->addWidget(m_details);

    connect(m_listCancel, &QPushButton::clicked, this, [this] { m_service.cancel(selectedId()); });
    connect(m_listResume, &QPushButton::clicked, this, [this] { m_service.resume(selectedId()); });
    connect(m_listLog, &QPushButton::clicked, this, [this] { showLog(selectedId()); });
    connect(
        m_listDismiss, &QPushButton::clicked, this, [this] { m_service.dismiss(selectedId()); });
    connect(m_view, &QListView::doubleClicked, this, [this] { showLog(selectedId()); });
    connect(m_view->selectionModel(), &QItemSelectionModel::currentChanged, this,
        &JobsStrip::refreshButtons);
}

void JobsStrip::setExpanded(bool expanded)
{
    m_details->setVisible(expanded);
    m_expand->setChecked(expanded);
    m_expand->setIcon(icon(expanded ? Icon::ChevronDown : Icon::ChevronRight));
}

void JobsStrip::refresh()
{
    const QString selected = selectedId();
    m_list.setJobs(m_service.jobs());
    setVisible(m_list.rowCount() > 0);
    if (m_list.rowCount() == 0)
        return;
    if (!m_view->currentIndex().isValid()) {
        int row = 0;
        for (int i = 0; i < m_list.rowCount(); ++i)
            if (m_list.at(m_list.index(i))->id == selected)
                row = i;
        m_view->setCurrentIndex(m_list.index(row));
    }
    // Active jobs come first; among those that are over, one that wants something is named.
    const JobInfo* shown = m_list.at(m_list.index(0));
    for (int i = 0; i < m_list.rowCount() && !shown->isActive(); ++i)
        if (const JobInfo* job = m_list.at(m_list.index(i)); job->needsAttention()) {
            shown = job;
            break;
        }
    m_current = shown->id;
    m_title->setText(shown->title());
    m_text->setFullText(shown->progressText());
    const double fraction = fractionOf(*shown);
    m_bar->setVisible(shown->isActive());
    m_bar->setRange(0, fraction < 0.0 ? 0 : 1000);
    m_bar->setValue(static_cast<int>(fraction * 1000));
    m_bar->setAccessibleName(m_title->text());
    m_resume->setVisible(shown->needsAttention() && shown->canResume());
    const QString action = shown->isActive() ? tr("Cancel; what is done is kept") : tr("Dismiss");
    m_cancel->setToolTip(action);
    m_cancel->setAccessibleName(action);
    m_expand->setText(counted(m_list.rowCount(), tr("job"), tr("jobs")));
    refreshButtons();
}

void JobsStrip::refreshButtons()
{
    const JobInfo* job = m_list.at(m_view->currentIndex());
    const auto enable = [](QPushButton* button, bool on, const QString& whyNot) {
        button->setEnabled(on);
        button->setToolTip(on ? QString() : whyNot);
    };
    const bool active = job && job->isActive();
    enable(m_listCancel, active, tr("This job is not running."));
    enable(m_listResume, job && job->canResume(),
        active ? tr("This job is running.") : tr("There is nothing left to resume here."));
    enable(m_listLog, job != nullptr, tr("No job is selected."));
    enable(m_listDismiss, job && !active, tr("Cancel it first."));
}

QString JobsStrip::selectedId() const
{
    const JobInfo* job = m_list.at(m_view->currentIndex());
    return job ? job->id : QString();
}

void JobsStrip::showLog(const QString& id)
{
    for (const JobInfo& job : m_service.jobs()) {
        if (job.id != id)
            continue;
        auto* dialog = new QDialog(window());
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        dialog->setWindowTitle(tr("Log of %1").arg(job.id));
        dialog->resize(760, 420);
        auto* log = new LogView(dialog);
        log->setFile(job.folder / "log.txt");
        auto* column = new QVBoxLayout(dialog);
        column->setContentsMargins(space::s, space::s, space::s, space::s);
        column->addWidget(log);
        dialog->open();
        return;
    }
}

} // namespace clipscope::studio
