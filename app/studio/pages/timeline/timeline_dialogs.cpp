#include "app/studio/pages/timeline/timeline_dialogs.h"

#include "app/studio/pages/timeline/timeline_actions.h"
#include "app/studio/pages/timeline/timeline_desk.h"
#include "app/studio/pages/timeline/timeline_page.h"
#include "widgets/common/format.h"
#include "widgets/common/theme.h"
#include "widgets/player/player.h"
#include "widgets/timeline/label_colours.h"
#include "widgets/timeline/label_list.h"
#include "widgets/timeline/segments_model.h"
#include "widgets/timeline/timeline_view.h"

#include <QInputDialog>
#include <QMenu>

#include <algorithm>
#include <limits>

namespace clipscope::studio {

using namespace widgets;

QString TimelineDialogs::ask(const QString& title, const QString& question, const QString& proposal)
{
    bool chosen = false;
    const QString text
        = QInputDialog::getText(&m_page, title, question, QLineEdit::Normal, proposal, &chosen);
    return chosen ? text.trimmed() : QString();
}

void TimelineDialogs::chooseLabel()
{
    QMenu menu(&m_page);
    const labels::LabelSet& set = m_table.desk.labelSet();
    const LabelColours colours(set);
    for (std::size_t i = 0; i < set.labels.size(); ++i) {
        QPixmap dot(12, 12);
        dot.fill(colours.colour(static_cast<int>(i), tokens(&m_page).dark));
        const QString key = keyOf(set, i);
        menu.addAction(dot,
            fromUtf8(set.labels[i].name)
                + (key.isEmpty() ? QString() : QStringLiteral("\t%1").arg(key)),
            &m_page, [this, name = set.labels[i].name] { m_table.giveLabel(name); });
    }
    menu.addSeparator();
    menu.addAction(TimelinePage::tr("Another Label..."), &m_page, [this] {
        const QString name
            = ask(TimelinePage::tr("Label"), TimelinePage::tr("Label of the segment"));
        if (!name.isEmpty())
            m_table.giveLabel(toUtf8(name));
    });
    menu.exec(m_table.view.mapToGlobal(m_table.view.rect().center()));
}

void TimelineDialogs::showContextMenu(const TimelinePlace& place, const QPoint& where)
{
    QMenu menu(&m_page);
    const QList<QAction*> all = m_page.actions() + m_table.view.actions();
    const auto offer = [&](const char* id) {
        for (QAction* action : all)
            if (action->objectName() == QStringLiteral("timeline.") + QLatin1String(id))
                menu.addAction(action);
    };
    if (place.segmentId != 0) {
        for (const char* id : { "choose-label", "play-segment", "loop", "split", "merge", "delete",
                 "accept", "reject" })
            offer(id);
        menu.addSeparator();
    }
    if (const labels::Tier* tier = m_table.desk.shown()->tier(place.tierId)) {
        const QString name = fromUtf8(tier->name);
        menu.addAction(TimelinePage::tr("Rename Tier..."), &m_page, [=, this, id = tier->id] {
            const QString to = ask(TimelinePage::tr("Tier"), TimelinePage::tr("New name"), name);
            if (!to.isEmpty())
                m_table.desk.renameTier(id, toUtf8(to));
        });
        menu.addAction(TimelinePage::tr("Copy Tier..."), &m_page, [=, this, id = tier->id] {
            const QString to = ask(TimelinePage::tr("Tier"), TimelinePage::tr("Name of the copy"),
                TimelinePage::tr("%1 copy").arg(name));
            if (!to.isEmpty())
                m_table.desk.copyTier(id, toUtf8(to));
        });
        menu.addAction(TimelinePage::tr("Delete Tier"), &m_page,
            [this, id = place.tierId] { m_table.desk.removeTier(id); });
        menu.addSeparator();
    }
    menu.addAction(TimelinePage::tr("Add Tier..."), &m_page, [this] {
        const QString name = ask(TimelinePage::tr("Tier"), TimelinePage::tr("Name of the tier"));
        if (!name.isEmpty())
            m_table.desk.addTier(toUtf8(name));
    });
    for (const char* id : { "undo", "redo", "zoom-all" })
        offer(id);
    menu.exec(where);
}

void TimelineDialogs::askTime()
{
    const TimelineFilm* film = m_table.desk.film();
    if (!film)
        return;
    const QString text
        = ask(TimelinePage::tr("Go To"), TimelinePage::tr("Time (1:02.5) or frame (#120)"));
    if (text.isEmpty())
        return;
    if (text.startsWith(QLatin1Char('#'))) {
        bool isNumber = false;
        const qint64 frame = text.mid(1).toLongLong(&isNumber);
        if (isNumber && frame >= 0 && frame < film->index->frameCount())
            return m_table.player.seek(film->index->secondsOf(frame));
    } else if (const std::optional<double> seconds = secondsFromText(text);
               seconds && *seconds <= film->index->durationSeconds()) {
        return m_table.player.seek(*seconds);
    }
    m_table.say(TimelinePage::tr("%1 is no time or frame of this video.").arg(text));
}

void TimelineDialogs::askAccept()
{
    const labels::Tier* model = m_table.desk.modelTier();
    if (!model || model->segments.empty())
        return m_table.say(TimelinePage::tr("The model has no suggestions."));
    double lowest = std::numeric_limits<double>::max(), highest = -lowest;
    for (const labels::Segment& segment : model->segments) {
        lowest = std::min(lowest, segment.score.value_or(lowest));
        highest = std::max(highest, segment.score.value_or(highest));
    }
    bool chosen = false;
    const double score = QInputDialog::getDouble(&m_page, TimelinePage::tr("Accept Suggestions"),
        TimelinePage::tr("All with a score of at least"), lowest, lowest, highest, 4, &chosen);
    if (!chosen)
        return;
    const int count = m_table.desk.acceptAbove(score - 5e-5); // the dialog shows four digits
    m_table.say(
        TimelinePage::tr("%1 accepted")
            .arg(counted(count, TimelinePage::tr("suggestion"), TimelinePage::tr("suggestions"))));
}

} // namespace clipscope::studio
