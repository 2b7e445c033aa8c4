#pragma once

#include "labels/annotation.h"
#include "media/waveform.h"
#include "widgets/timeline/label_colours.h"
#include "widgets/timeline/timeline_geometry.h"
#include "widgets/timeline/timeline_values.h"

#include <QHash>

#include <memory>
#include <vector>

namespace clipscope::widgets {

class ThumbnailSource;

/// Curves laid out for drawing: the seconds of one label side by side.
struct CurveRows
{
    std::vector<float> values; ///< [L, T]
    std::size_t seconds = 0; ///< T
    float lowest = 0.0F, highest = 1.0F; ///< of all finite values and the threshold
    float widestMargin = 1.0F;

    static CurveRows of(const TimelineCurves& curves);
    std::span<const float> row(std::size_t label) const
    {
        return std::span(values).subspan(label * seconds, seconds);
    }
};

/// Everything a timeline shows.
struct TimelineScene
{
    TimelineVideo video;
    std::shared_ptr<const labels::Annotation> annotation;
    std::vector<TierSegments> tiers; ///< of the annotation
    LabelColours colours;
    std::shared_ptr<const TimelineCurves> curves;
    CurveRows curveRows;
    std::vector<double> changePoints;
    std::shared_ptr<const media::Waveform> waveform;
    ThumbnailSource* thumbnails = nullptr;
    std::string highlighted;

    TimelineSelection selection;
    qint64 currentTier = 0;
    double position = 0.0;
    std::optional<TimelineDraft> draft;
    bool hasFocus = false;

    QHash<qint64, TimeRange> preview; ///< where a drag puts segments
    std::optional<TimelineDraft> drawing; ///< what a drag draws
    std::optional<double> snapLine; ///< the place a drag snapped to
    bool draftOn(qint64 tierId) const { return draft && draft->tierId == tierId; }
};

/// Lowest and highest value of a curve in each of `count` columns of `secondsPerColumn`, the first
/// from `startSeconds` on. Values stand in the middles of their seconds, with straight lines
/// between; the first half and the last half second are level. Columns outside are empty.
/// Cost: the seconds covered, and some for every column.
void curveColumns(std::span<const float> perSecond, double startSeconds, double secondsPerColumn,
    std::size_t count, std::vector<std::pair<float, float>>& out);

} // namespace clipscope::widgets
