#include "app/studio/pages/timeline/tier_comparison.h"

#include "jobs/labelled_video.h"
#include "media/video_index.h"

#include <algorithm>

namespace clipscope::studio {

namespace {

constexpr int soonMilliseconds = 100;

std::pair<const labels::Tier*, const labels::Tier*> pairOf(
    const labels::Annotation& annotation, const std::string& nameA, const std::string& nameB)
{
    const labels::Tier *a = annotation.tier(nameA), *b = annotation.tier(nameB);
    if (a && b && a != b)
        return { a, b };
    const auto first = [&annotation](labels::Source source) -> const labels::Tier* {
        const auto found = std::ranges::find(annotation.tiers, source, &labels::Tier::source);
        return found == annotation.tiers.end() ? nullptr : &*found;
    };
    a = first(labels::Source::Hand);
    b = first(labels::Source::Model);
    if (!(a && b) && annotation.tiers.size() >= 2) {
        a = &annotation.tiers[0];
        b = &annotation.tiers[1];
    }
    return { a, b };
}

} // namespace

TierComparison::TierComparison(QObject* parent)
    : QObject(parent)
    , m_annotation(std::make_shared<const labels::Annotation>())
    , m_lane(this)
{
    m_soon.setSingleShot(true);
    m_soon.setInterval(soonMilliseconds);
    connect(&m_soon, &QTimer::timeout, this, &TierComparison::start);
}

void TierComparison::setVideo(std::shared_ptr<const media::VideoIndex> index)
{
    auto grid = std::make_shared<labels::FrameGrid>();
    if (index)
        grid->instants = jobs::frameTimesOf(index.get(), index->durationSeconds());
    m_grid = std::move(grid);
    m_tierA.clear();
    m_tierB.clear();
    m_soon.start();
}

void TierComparison::setAnnotation(std::shared_ptr<const labels::Annotation> annotation)
{
    m_annotation = std::move(annotation);
    m_soon.start();
}

void TierComparison::choose(const std::string& tierA, const std::string& tierB)
{
    m_tierA = tierA;
    m_tierB = tierB;
    start();
}

void TierComparison::start()
{
    const auto [a, b] = pairOf(*m_annotation, m_tierA, m_tierB);
    if (!a || !b || !m_grid || m_grid->instants.empty()) {
        m_lane.cancel();
        m_figures.reset();
        Q_EMIT compared();
        return;
    }
    m_lane.run(
        [grid = m_grid, annotation = m_annotation, a = a, b = b](
            const std::stop_token&) -> Result<TierFigures> {
            return TierFigures{ a->name, b->name,
                labels::compare(labels::timeOf(*a), labels::timeOf(*b), *grid) };
        },
        [this](Result<TierFigures> figures) {
            m_figures = std::move(*figures);
            Q_EMIT compared();
        });
}

} // namespace clipscope::studio
