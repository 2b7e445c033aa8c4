#include "app/studio/pages/training/run_overview.h"

#include "widgets/common/format.h"
#include "widgets/common/theme.h"

#include <QDateTime>
#include <QGridLayout>
#include <QLabel>
#include <QVBoxLayout>

#include <algorithm>

namespace clipscope::studio {

using namespace widgets;

namespace {

constexpr int nameWidth = 120;

/// "0.42 (best 0.5 at step 100)"; the best is the highest or the lowest.
QString reached(const RunInfo& run, const QString& curveName, bool highestIsBest)
{
    const CurveData* curve = run.curve(curveName);
    if (!curve || curve->points->isEmpty())
        return RunOverview::tr("not measured yet");
    const std::vector<float>& values = curve->points->values();
    const auto best = highestIsBest ? std::max_element(values.begin(), values.end())
                                    : std::min_element(values.begin(), values.end());
    const auto step = curve->points->steps()[static_cast<std::size_t>(best - values.begin())];
    return RunOverview::tr("%1, best %2 at step %3")
        .arg(figure(static_cast<double>(values.back())), figure(static_cast<double>(*best)),
            count(step));
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
    m_origin = addFact(*facts, tr("Forked from"));
    m_device = addFact(*facts, tr("Device"));
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

    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(space::l, space::l, space::l, space::l);
    column->setSpacing(space::m);
    column->addLayout(facts);
    column->addWidget(m_warnings);
    column->addStretch(1);
    setWidget(content);
    showWarnings({});
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
    m_origin->setText(run.origin.forkedFrom.isEmpty()
            ? tr("nothing: began by itself")
            : tr("%1 at step %2").arg(run.origin.forkedFrom, count(run.origin.forkedAt)));
    m_device->setText(run.deviceText());
    m_loss->setText(reached(run, QStringLiteral("loss"), false));
    m_validation->setText(reached(run, QStringLiteral("validation-loss"), false));
    m_recall->setText(reached(run, QStringLiteral("recall-1"), true));
    m_rank->setText(reached(run, QStringLiteral("median-rank"), false));
    const auto speed = run.latest(QStringLiteral("pairs-per-second"));
    m_speed->setText(speed ? tr("%1 pairs per second").arg(figure(*speed)) : QString());

    if (run.folder == m_folder && run.phaseText() == m_phase)
        return;
    if (run.folder != m_folder)
        showWarnings({});
    m_folder = run.folder;
    m_phase = run.phaseText();
    m_lane.run([folder = run.folder](std::stop_token) { return readRunDetails(folder); },
        [this](Result<RunDetails> details) {
            if (details) // a folder that is gone leaves the list with the next look
                showWarnings(details->warnings);
        });
}

void RunOverview::showWarnings(const QStringList& warnings)
{
    m_warnings->setText(warnings.join(QLatin1Char('\n')));
    m_warnings->setVisible(!warnings.isEmpty());
}

} // namespace clipscope::studio
