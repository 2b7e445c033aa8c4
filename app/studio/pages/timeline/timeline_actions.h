#pragma once

#include "app/studio/actions.h"

namespace clipscope::widgets {
class Player;
class TimelineView;
} // namespace clipscope::widgets

namespace clipscope::studio {

class TimelineDesk;

/// What the keys of the Timeline page act upon.
struct TimelineTable
{
    TimelineTable(TimelineDesk& onDesk, widgets::TimelineView& ofIt, widgets::Player& beside)
        : desk(onDesk)
        , view(ofIt)
        , player(beside)
    {
    }

    TimelineDesk& desk;
    widgets::TimelineView& view;
    widgets::Player& player;
    std::optional<double> in, out; ///< marks of I and O
    std::function<void(const QString&)> say; ///< one sentence for the footer
    std::function<void()> marksChanged, chooseLabel, askTime, askImport, askExport, askAccept;
    std::function<void(int)> goToDoubt, goToFilm; ///< +1 the next, -1 the previous

    /// The segments keys act upon: the selected ones, or else the one under the cursor, of the
    /// hand's tier before the current one.
    std::vector<qint64> chosen() const;
    /// Those of `chosen()` in tiers the model fills, or else the one of the model under the cursor.
    std::vector<qint64> suggestions() const;
    /// Gives a label to what is chosen, to what lies between the marks, or to nothing.
    void giveLabel(const std::string& label);
};

/// The key table of the page (docs/timeline.md). `table` must outlive the actions.
std::vector<ActionRow> timelineActionRows(TimelineTable& table);

} // namespace clipscope::studio
