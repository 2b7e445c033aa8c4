#include "app/studio/pages/training/run_settings.h"

#include "widgets/common/format.h"
#include "widgets/common/theme.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QTableView>
#include <QVBoxLayout>

namespace clipscope::studio {

using namespace widgets;

namespace {

constexpr int rowHeight = 28;
constexpr int keyWidth = 260;

} // namespace

QTableView* makeSettingsTable(SettingsModel& model, QWidget* parent)
{
    auto* table = new QTableView(parent);
    table->setObjectName(QStringLiteral("runSettings"));
    table->setAccessibleName(RunSettings::tr("Settings"));
    table->setModel(&model);
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    table->setShowGrid(false);
    table->setWordWrap(false);
    table->setTabKeyNavigation(false);
    table->verticalHeader()->hide();
    table->verticalHeader()->setDefaultSectionSize(rowHeight);
    QHeaderView* header = table->horizontalHeader();
    header->setHighlightSections(false);
    header->setMinimumSectionSize(120);
    header->setSectionResizeMode(QHeaderView::Stretch);
    return table;
}

RunSettings::RunSettings(QWidget* parent)
    : QWidget(parent)
    , m_with(new QComboBox(this))
    , m_count(new QLabel(this))
    , m_table(makeSettingsTable(m_model, this))
{
    m_with->setObjectName(QStringLiteral("compareWith"));
    m_with->setAccessibleName(tr("Compare with"));
    m_with->setMinimumWidth(200);
    auto* label = new QLabel(tr("Compare with"), this);
    label->setBuddy(m_with);
    label->setProperty("role", QStringLiteral("secondary"));
    m_count->setObjectName(QStringLiteral("settingsCount"));
    m_count->setProperty("role", QStringLiteral("secondary"));
    auto* row = new QHBoxLayout;
    row->setSpacing(space::s);
    row->addWidget(label);
    row->addWidget(m_with);
    row->addWidget(m_count);
    row->addStretch(1);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(space::l, space::m, space::l, space::s);
    column->setSpacing(space::s);
    column->addLayout(row);
    column->addWidget(m_table, 1);
    m_others = { defaultSettings() };
    m_with->addItems({ tr("nothing: all settings"), m_others.front().title });
    connect(m_with, &QComboBox::currentIndexChanged, this, &RunSettings::refresh);
}

void RunSettings::show(const RunInfo& run, const std::vector<RunInfo>& all)
{
    m_run = { run.name, run.origin.settings };
    QStringList titles;
    std::vector<SettingsModel::Run> others{ m_others.front() };
    for (const RunInfo& other : all)
        if (other.name != run.name && !other.origin.settings.empty()) {
            others.push_back({ other.name, other.origin.settings });
            titles += other.name;
        }
    if (others != m_others) {
        const QString chosen = m_with->currentText();
        const QSignalBlocker quiet(m_with);
        m_others = std::move(others);
        while (m_with->count() > 2)
            m_with->removeItem(m_with->count() - 1);
        m_with->addItems(titles);
        m_with->setCurrentIndex(std::max(0, m_with->findText(chosen)));
    }
    refresh();
}

void RunSettings::refresh()
{
    const int other = m_with->currentIndex() - 1;
    if (other < 0)
        m_model.setRuns({ m_run }, false);
    else
        m_model.setRuns({ m_run, m_others[static_cast<std::size_t>(other)] }, true);
    m_table->horizontalHeader()->setSectionResizeMode(0, QHeaderView::Interactive);
    m_table->setColumnWidth(0, keyWidth);
    m_count->setText(m_run.settings.empty() ? tr("The run has not written its settings yet.")
            : other < 0                     ? QString()
            : m_model.rowCount() == 0
            ? tr("Nothing differs.")
            : counted(m_model.rowCount(), tr("setting differs"), tr("settings differ")));
}

} // namespace clipscope::studio
