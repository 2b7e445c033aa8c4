#include "app/studio/pages/training/run_overview.h"

#include "jobs/pretrain.h"
#include "widgets/common/format.h"
#include "widgets/common/theme.h"

#include <QDateTime>
#include <QGridLayout>
#include <QHeaderView>
#include <QLabel>
#include <QTableWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace clipscope::studio {

using namespace widgets;

namespace {

constexpr int rowHeight = 28;
constexpr int nameWidth = 120;

QString sourceText(const QString& source)
{
    if (source == QLatin1String("file"))
        return RunOverview::tr("settings file");
    if (source == QLatin1String("environment"))
        return RunOverview::tr("environment");
    if (source == QLatin1String("flag"))
        return RunOverview::tr("set for this run");
    return source == QLatin1String("default") ? RunOverview::tr("default") : QString();
}

/// What a setting means.
QString helpOf(const SettingsTable& table, const QString& key)
{
    const auto found = table.find(toUtf8(key));
    return found ? fromUtf8((*found)->help) : QString();
}

/// "0.42 (best 0.5 at step 100)"; the best is the highest or the lowest.
QString reached(const RunInfo& run, const QString& curveName, bool highestIsBest)
{
    const CurveData* curve = run.curve(curveName);
    if (!curve || curve->y.empty())
        return RunOverview::tr("not measured yet");
    const auto best = highestIsBest ? std::max_element(curve->y.begin(), curve->y.end())
                                    : std::min_element(curve->y.begin(), curve->y.end());
    const double step = curve->x[static_cast<std::size_t>(best - curve->y.begin())];
    return RunOverview::tr("%1, best %2 at step %3")
        .arg(figure(curve->y.back()), figure(*best), count(std::llround(step)));
}

QString startedText(const store::RunState& state)
{
    if (state.startedAt <= 0.0)
        return {};
    const auto started = QDateTime::fromSecsSinceEpoch(static_cast<qint64>(state.startedAt));
    return RunOverview::tr("%1, at work for %2")
        .arg(QLocale().toString(started, QLocale::ShortFormat),
            shortDuration(std::max(state.heartbeatAt - state.startedAt, 0.0)));
}

} // namespace

RunOverview::RunOverview(QWidget* parent)
    : QScrollArea(parent)
    , m_lane(this)
{
    setObjectName(QStringLiteral("runOverview"));
    setAccessibleName(tr("Overview of the run"));
    setWidgetResizable(true);
    setFrameShape(QFrame::NoFrame);
    auto* content = new QWidget(this);
    auto* facts = new QGridLayout;
    facts->setHorizontalSpacing(space::l);
    facts->setVerticalSpacing(space::xs);
    facts->setColumnMinimumWidth(0, nameWidth);
    facts->setColumnStretch(1, 1);
    m_state = addFact(*facts, tr("State"));
    m_step = addFact(*facts, tr("Step"));
    m_started = addFact(*facts, tr("Started"));
    m_loss = addFact(*facts, tr("Loss"));
    m_validation = addFact(*facts, tr("Loss when measured"));
    m_recall = addFact(*facts, tr("Recall at 1"));
    m_rank = addFact(*facts, tr("Median rank"));
    m_speed = addFact(*facts, tr("Speed"));
    m_warnings = new QLabel(content);
    m_warnings->setObjectName(QStringLiteral("runWarnings"));
    m_warnings->setProperty("role", QStringLiteral("warning"));
    m_warnings->setWordWrap(true);
    m_warnings->setTextFormat(Qt::PlainText);
    m_warnings->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_settingsTitle = new QLabel(tr("Settings"), content);
    m_settingsTitle->setFont(typeface(TypeSize::Base, true));

    m_settings = new QTableWidget(0, 3, content);
    m_settings->setObjectName(QStringLiteral("runSettings"));
    m_settings->setAccessibleName(tr("Settings of this run"));
    m_settings->setHorizontalHeaderLabels({ tr("Setting"), tr("Value"), tr("From") });
    m_settings->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_settings->horizontalHeader()->setSectionResizeMode(0, QHeaderView::Stretch);
    m_settings->horizontalHeader()->setHighlightSections(false);
    m_settings->setColumnWidth(1, 200);
    m_settings->setColumnWidth(2, 150);
    m_settings->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_settings->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_settings->setShowGrid(false);
    m_settings->verticalHeader()->hide();
    m_settings->verticalHeader()->setDefaultSectionSize(rowHeight);
    m_settings->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff); // the page scrolls

    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(space::l, space::l, space::l, space::l);
    column->setSpacing(space::m);
    column->addLayout(facts);
    column->addWidget(m_warnings);
    column->addWidget(m_settingsTitle);
    column->addWidget(m_settings);
    column->addStretch(1);
    setWidget(content);
    showDetails({});
}

QLabel* RunOverview::addFact(QGridLayout& grid, const QString& name)
{
    auto* label = new QLabel(name, this);
    label->setProperty("role", QStringLiteral("secondary"));
    auto* value = new QLabel(this);
    value->setAccessibleName(name);
    value->setTextInteractionFlags(Qt::TextSelectableByMouse);
    const int row = grid.rowCount();
    grid.addWidget(label, row, 0);
    grid.addWidget(value, row, 1);
    return value;
}

void RunOverview::show(const RunInfo& run)
{
    const QString left = run.remainingText();
    m_state->setText(
        left.isEmpty() ? run.phaseText() : QStringLiteral("%1, %2").arg(run.phaseText(), left));
    m_step->setText(run.state.progress.total > 0
            ? tr("%1 of %2").arg(count(run.step()), count(run.state.progress.total))
            : count(run.step()));
    m_started->setText(startedText(run.state));
    m_loss->setText(reached(run, QStringLiteral("loss"), false));
    m_validation->setText(reached(run, QStringLiteral("validation-loss"), false));
    m_recall->setText(reached(run, QStringLiteral("recall-1"), true));
    m_rank->setText(reached(run, QStringLiteral("median-rank"), false));
    const auto speed = run.latest(QStringLiteral("pairs-per-second"));
    m_speed->setText(speed ? tr("%1 pairs per second").arg(figure(*speed)) : QString());

    if (run.folder == m_folder && run.phaseText() == m_phase && !m_details.settings.empty())
        return;
    if (run.folder != m_folder)
        showDetails({});
    else if (m_lane.isBusy())
        return;
    m_folder = run.folder;
    m_phase = run.phaseText();
    m_lane.run([folder = run.folder](std::stop_token) { return readRunDetails(folder); },
        [this](Result<RunDetails> details) {
            if (details) // a folder that is gone leaves the list with the next look
                showDetails(*details);
        });
}

void RunOverview::showDetails(const RunDetails& details)
{
    m_details = details;
    m_warnings->setText(details.warnings.join(QLatin1Char('\n')));
    m_warnings->setVisible(!details.warnings.isEmpty());
    m_settingsTitle->setVisible(!details.settings.empty());
    m_settings->setVisible(!details.settings.empty());
    m_settings->setRowCount(static_cast<int>(details.settings.size()));
    // The table that the form and the command line are made of.
    jobs::PretrainSettings settings;
    const SettingsTable table = settingsTable(settings);
    for (int row = 0; row < m_settings->rowCount(); ++row) {
        const RunSetting& setting = details.settings[static_cast<std::size_t>(row)];
        const QString help = helpOf(table, setting.key);
        const QString texts[] = { setting.key, setting.value, sourceText(setting.source) };
        for (int column = 0; column < 3; ++column) {
            auto* item = new QTableWidgetItem(texts[column]);
            item->setToolTip(help);
            // What somebody chose stands out from what is as always.
            item->setFont(typeface(TypeSize::Base, column > 0 && !setting.isDefault()));
            m_settings->setItem(row, column, item);
        }
    }
    m_settings->setFixedHeight(
        m_settings->horizontalHeader()->sizeHint().height() + rowHeight * m_settings->rowCount());
}

} // namespace clipscope::studio
