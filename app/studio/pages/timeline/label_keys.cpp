#include "app/studio/pages/timeline/label_keys.h"

#include <algorithm>
#include <utility>

namespace clipscope::studio {

void LabelKeys::press(const std::string& label, double seconds, double speed)
{
    m_reaction.learn(seconds, speed, m_changes);
    Q_EMIT learned();
    const double start = m_reaction.seen(seconds, speed);
    const bool endsOnly = m_draft && m_draft->label == label;
    end(start);
    m_down = !endsOnly;
    if (endsOnly)
        return;
    m_held.start();
    m_draft = widgets::TimelineDraft{ { start, std::max(start, seconds) }, label, 0 };
    Q_EMIT draftChanged(m_draft);
}

void LabelKeys::release(double seconds, double speed)
{
    if (!std::exchange(m_down, false) || !m_draft)
        return;
    if (m_held.elapsed() >= tapMilliseconds)
        end(m_reaction.seen(seconds, speed));
}

void LabelKeys::follow(double seconds)
{
    if (!m_draft || seconds <= m_draft->range.startSeconds)
        return;
    m_draft->range.stopSeconds = seconds;
    Q_EMIT draftChanged(m_draft);
}

void LabelKeys::stop(double seconds)
{
    m_down = false;
    end(seconds);
}

void LabelKeys::cancel()
{
    m_down = false;
    if (std::exchange(m_draft, {}))
        Q_EMIT draftChanged({});
}

void LabelKeys::end(double seconds)
{
    const std::optional<widgets::TimelineDraft> draft = m_draft;
    cancel();
    if (draft && seconds > draft->range.startSeconds)
        Q_EMIT drawn({ draft->range.startSeconds, seconds }, draft->label);
}

} // namespace clipscope::studio
