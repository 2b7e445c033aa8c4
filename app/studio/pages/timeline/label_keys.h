#pragma once

#include "labels/editing.h"
#include "labels/reaction_time.h"
#include "widgets/timeline/timeline_values.h"

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

#include <optional>
#include <string>
#include <vector>

namespace clipscope::studio {

/// Labels a video while it plays, one key per label.
///
/// A key that is held labels as long as it is held. A tapped one begins a segment, which the next
/// tap of a label ends: of another label to begin the next segment, of the same one to end alone.
/// The person's reaction time is taken off both ends, and learned from the places where the model
/// sees a change.
/// Threads: GUI thread only.
class LabelKeys final : public QObject
{
    Q_OBJECT

public:
    static constexpr int tapMilliseconds = 250;
    /// A key that comes down again so soon after it went up was held: X11's repetition looks like
    /// this when its events come one by one.
    static constexpr int repeatMilliseconds = 60;

    explicit LabelKeys(QObject* parent = nullptr);

    void setReactionTime(const labels::ReactionTime& reaction) { m_reaction = reaction; }
    const labels::ReactionTime& reactionTime() const { return m_reaction; }
    /// Seconds, ascending.
    void setChangePoints(std::vector<double> seconds) { m_changes = std::move(seconds); }

    /// `seconds` of the frame on screen; `speed` > 0.
    void press(const std::string& label, double seconds, double speed);
    void release(double seconds, double speed);
    /// The video goes on: the draft grows.
    void follow(double seconds);
    /// The video stopped at `seconds`, which the person sees at leisure: no reaction time.
    void stop(double seconds);
    void cancel();
    bool isDrawing() const { return m_draft.has_value(); }

Q_SIGNALS:
    void draftChanged(const std::optional<clipscope::widgets::TimelineDraft>& draft);
    void drawn(const clipscope::labels::Span& span, const std::string& label);
    void learned();

private:
    void end(double seconds);
    void finishRelease();

    labels::ReactionTime m_reaction;
    std::vector<double> m_changes;
    std::optional<widgets::TimelineDraft> m_draft;
    QElapsedTimer m_held, m_sinceRelease;
    bool m_down = false;
    double m_releasedAt = 0.0; ///< what release() made of it; good while m_released runs
    QTimer m_released;
};

} // namespace clipscope::studio
