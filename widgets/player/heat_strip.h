#pragma once

#include <QWidget>

#include <optional>
#include <vector>

class QPainter;

namespace clipscope::widgets {

/// Similarity of each second of a video to a query, ready to be painted.
/// Second t covers [t, t + 1); values lie in [0, 1], 0 = this query's floor, 1 = its ceiling.
struct HeatScores
{
    std::vector<float> perSecond;

    bool operator==(const HeatScores&) const = default;
};

/// Maps time to pixels of a strip and back; knows nothing of painting.
/// Units: logical pixels and seconds; the strip shows [0, durationSeconds).
struct HeatGeometry
{
    QRectF track; ///< where the seconds are painted
    double durationSeconds = 0.0;

    /// Clamped to the track.
    double xOf(double seconds) const;
    /// Clamped to [0, durationSeconds].
    double secondsAt(double x) const;
    /// Pixels of second `second`; the last one ends where the video ends.
    QRectF cell(int second) const;
    /// The second under `x`; nullopt outside the track or without duration.
    std::optional<int> secondUnder(double x) const;
};

/// Paints `scores` into the track, one cell per second; cells narrower than a pixel are joined by
/// their maximum, so that a single hot second is never lost. An empty list paints a neutral track.
void paintHeat(QPainter& painter, const HeatGeometry& geometry, const HeatScores& scores,
    const QPalette& palette, double cornerRadius);

/// Score curve of a video that is its scrubber as well: press and drag ask for a time.
///
/// Errors:  none.
/// Threads: GUI thread only.
class HeatStrip final : public QWidget
{
    Q_OBJECT

public:
    explicit HeatStrip(QWidget* parent = nullptr);

    void setDuration(double seconds);
    void setScores(HeatScores scores);
    const HeatScores& scores() const { return m_scores; }
    void setPosition(double seconds);
    double position() const { return m_position; }
    double duration() const { return m_duration; }
    /// "0:04 of 1:20, match 80 %", for screen readers.
    QString spokenValue() const;
    /// Half-open span drawn as a bracket: the moment that is being played.
    void setMarkedRange(std::optional<std::pair<double, double>> range);
    HeatGeometry geometryForPaint() const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    /// While the button is down; the latest wins.
    void scrubbed(double seconds);
    /// The button was released here: land exactly.
    void scrubFinished(double seconds);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;

private:
    void paintScrubber(QPainter& painter, const HeatGeometry& geometry) const;
    void paintHoverTime(QPainter& painter, const HeatGeometry& geometry) const;

    HeatScores m_scores;
    double m_duration = 0.0;
    double m_position = 0.0;
    std::optional<std::pair<double, double>> m_markedRange;
    std::optional<double> m_hoverX;
    bool m_dragging = false;
};

} // namespace clipscope::widgets
