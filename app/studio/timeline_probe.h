#pragma once

#include "widgets/timeline/timeline_view.h"

#include <QSize>
#include <QString>
#include <QTimer>

#include <functional>
#include <memory>

namespace clipscope::studio {

/// Measures how long a timeline takes for a frame: three hours of film, so many segments on two
/// tiers and so many curves with sound and pictures, panned and zoomed from the whole film to
/// single frames in a window of `size`, its play cursor and a border moved.
///
/// A frame's time runs from the wish to the end of the paint that shows it; the thread's processor
/// time is what is left of it on an idle machine.
/// Threads: GUI thread only; shows a window and blocks for some seconds once it is there.
class TimelineProbe final : public QObject
{
    Q_OBJECT

public:
    TimelineProbe(int segments, int curves, const QSize& size);
    ~TimelineProbe() override;

Q_SIGNALS:
    /// A line for each kind of frame.
    void finished(const QString& report);

private:
    void run();
    QString measured(const QString& kind, const std::function<void(double)>& wish);
    void beginDrag();

    std::unique_ptr<widgets::ThumbnailSource> m_pictures;
    widgets::TimelineView m_view;
    QPointF m_border; ///< where beginDrag() took it
    QTimer m_look;
};

} // namespace clipscope::studio
