#include "app/studio/pages/timeline/figures_bar.h"

#include "widgets/common/elided_label.h"
#include "widgets/common/format.h"
#include "widgets/common/theme.h"

#include <QHBoxLayout>
#include <QLabel>

namespace clipscope::studio {

using namespace widgets;

namespace {

QString percent(double share)
{
    return QString::number(100.0 * share, 'f', 1);
}

} // namespace

FiguresBar::FiguresBar(QWidget* parent)
    : QFrame(parent)
    , m_message(new QLabel(this))
    , m_figures(new QLabel(this))
    , m_spent(new QLabel(this))
    , m_saved(new QLabel(this))
{
    setObjectName(QStringLiteral("figuresBar"));
    m_message->setObjectName(QStringLiteral("timelineMessage"));
    m_message->setAccessibleName(tr("Message"));
    m_figures->setObjectName(QStringLiteral("timelineFigures"));
    m_figures->setAccessibleName(tr("Agreement"));
    m_figures->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_spent->setToolTip(tr("Time spent on this video: pauses above half a minute do not count"));
    for (QLabel* label : { m_message, m_figures, m_spent, m_saved }) {
        label->setFont(typeface(TypeSize::Secondary));
        label->setTextFormat(Qt::PlainText);
    }
    m_spent->setProperty("role", QStringLiteral("secondary"));
    m_saved->setProperty("role", QStringLiteral("secondary"));
    m_message->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(space::l, space::xs, space::l, space::xs);
    row->setSpacing(space::l);
    row->addWidget(m_message, 1);
    row->addWidget(m_figures);
    row->addWidget(m_spent);
    row->addWidget(m_saved);
}

void FiguresBar::setFigures(const std::optional<TimelineFigures>& figures)
{
    if (!figures) {
        m_figures->clear();
        m_figures->setToolTip({});
        return;
    }
    m_figures->setText(
        tr("%1: accuracy %2 %   F1@10/25/50 %3 / %4 / %5   edit %6   kappa %7   %8 differ")
            .arg(figures->title, percent(figures->frameAccuracy), percent(figures->f1At10),
                percent(figures->f1At25), percent(figures->f1At50), percent(figures->editScore))
            .arg(figures->kappa, 0, 'f', 2)
            .arg(shortDuration(figures->secondsCorrected)));
    m_figures->setToolTip(tr("Share of frames with the same label; segmental F1 at overlaps of 10, "
                             "25 and 50 %; edit score of the order; Cohen's kappa; time labelled "
                             "differently"));
}

void FiguresBar::say(const QString& sentence)
{
    m_message->setText(sentence);
    m_message->setToolTip(sentence);
}

void FiguresBar::setSpent(double seconds)
{
    m_spent->setText(seconds > 0.0 ? tr("%1 spent").arg(shortDuration(seconds)) : QString());
}

void FiguresBar::setSaved(bool saved, bool readOnly)
{
    m_saved->setText(readOnly ? tr("Read-only") : saved ? tr("Saved") : tr("Saving..."));
}

QString FiguresBar::message() const
{
    return m_message->text();
}

QString FiguresBar::text() const
{
    return m_figures->text();
}

} // namespace clipscope::studio
