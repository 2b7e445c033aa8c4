#include "app/studio/pages/timeline/label_keys.h"

#include <algorithm>
#include <utility>

namespace clipscope::studio {

LabelKeys::LabelKeys(QObject* parent)
    : QObject(parent)
{
    m_released.setSingleShot(true);
    m_released.setInterval(repeatMilliseconds);
    connect(&m_released, &QTimer::timeout, this, &LabelKeys::finishRelease);
}

void LabelKeys::press(const std::string& label, double seconds, double speed)
{
    if (m_draft && m_draft->label == label && m_sinceRelease.isValid()
        && m_sinceRelease.elapsed() < repeatMilliseconds) {
        m_released.stop();
        m_down = true;
        return;
    }
    if (m_released.isActive())
        finishRelease();
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
    m_sinceRelease.start();
    if (!std::exchange(m_down, false) || !m_draft || m_held.elapsed() < tapMilliseconds)
        return;
    m_releasedAt = m_reaction.seen(seconds, speed);
    m_released.start();
}

void LabelKeys::finishRelease()
{
    m_released.stop();
    m_down = false;
    end(m_releasedAt);
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
    m_released.stop();
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
