#pragma once

#include "app/studio/lane.h"
#include "labels/compare.h"

#include <QObject>
#include <QTimer>

#include <memory>
#include <optional>

namespace clipscope::media {
class VideoIndex;
}

namespace clipscope::studio {

/// Two tiers of a video compared, again after every edit.
struct TierFigures
{
    std::string tierA, tierB;
    labels::Comparison comparison;
};

/// Compares two tiers off the GUI thread: the ones that were chosen, or else the first of the hand
/// with the first of the model, or else the first two.
/// Threads: GUI thread only.
class TierComparison final : public QObject
{
    Q_OBJECT

public:
    explicit TierComparison(QObject* parent = nullptr);

    /// Null index: no video. Frames are those of the index.
    void setVideo(std::shared_ptr<const media::VideoIndex> index);
    /// Answered soon by compared().
    void setAnnotation(std::shared_ptr<const labels::Annotation> annotation);
    /// Empty names: chosen by itself.
    void choose(const std::string& tierA, const std::string& tierB);
    const std::optional<TierFigures>& figures() const { return m_figures; }

Q_SIGNALS:
    /// figures() are new; none when there are no two tiers.
    void compared();

private:
    void start();

    std::shared_ptr<const labels::FrameGrid> m_grid;
    std::shared_ptr<const labels::Annotation> m_annotation;
    std::string m_tierA, m_tierB;
    std::optional<TierFigures> m_figures;
    QTimer m_soon;
    Lane<TierFigures> m_lane;
};

} // namespace clipscope::studio
