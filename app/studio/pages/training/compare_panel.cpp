#include "app/studio/pages/training/compare_panel.h"

#include "app/studio/pages/training/run_settings.h"
#include "widgets/common/format.h"
#include "widgets/common/theme.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QTabWidget>
#include <QTableView>
#include <QVBoxLayout>

namespace clipscope::studio {

using namespace widgets;

ComparePanel::ComparePanel(QWidget* parent)
    : QWidget(parent)
    , m_title(new QLabel(this))
    , m_facts(new QLabel(this))
    , m_grouped(new QCheckBox(tr("Group over seeds"), this))
    , m_curves(new CurveGrid(this))
{
    setObjectName(QStringLiteral("comparePanel"));
    m_title->setFont(typeface(TypeSize::Section, true));
    m_facts->setProperty("role", QStringLiteral("secondary"));
    m_facts->setObjectName(QStringLiteral("compareFacts"));
    m_grouped->setObjectName(QStringLiteral("groupSeeds"));
    m_curves->addControl(m_grouped);
    m_curves->setWaitingText(tr("None of these runs has reported a step yet."));
    auto* tabs = new QTabWidget(this);
    tabs->setDocumentMode(true);
    tabs->addTab(m_curves, tr("Curves"));
    tabs->addTab(makeSettingsTable(m_settings, tabs), tr("Settings That Differ"));
    auto* head = new QHBoxLayout;
    head->setContentsMargins(space::l, space::m, space::l, space::xs);
    head->setSpacing(space::s);
    head->addWidget(m_title);
    head->addWidget(m_facts, 1);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(space::xs);
    column->addLayout(head);
    column->addWidget(tabs, 1);
    connect(m_grouped, &QCheckBox::toggled, this, &ComparePanel::groupingChanged);
    connect(m_curves, &CurveGrid::failed, this, &ComparePanel::failed);
}

void ComparePanel::show(const std::vector<const RunInfo*>& runs, const QHash<QString, int>& colours,
    const WatchNames& watched, const QString& missing)
{
    m_title->setText(tr("%1 runs").arg(count(static_cast<std::int64_t>(runs.size()))));
    const auto groups = groupedOverSeeds(runs);
    const bool anySeeds = groups.size() < runs.size();
    m_grouped->setEnabled(anySeeds);
    m_grouped->setToolTip(anySeeds
            ? tr("Mean and one standard deviation of runs that differ in train.seed alone")
            : tr("No two of these runs differ in train.seed alone."));
    m_facts->setText(missing);
    std::vector<SettingsModel::Run> settings;
    settings.reserve(runs.size());
    for (const RunInfo* run : runs)
        settings.push_back({ run->name, run->origin.settings });
    m_settings.setRuns(std::move(settings), true);
    m_curves->setCharts(
        overlaidChartsOf(runs, colours, anySeeds && m_grouped->isChecked(), watched, m_derived));
}

} // namespace clipscope::studio
