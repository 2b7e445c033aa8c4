#include "labels/doubts.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <tuple>

namespace clipscope::labels {

namespace {

/// The label of the hand in the middle of each second; nothing where no hand has been.
std::vector<std::optional<std::string>> handBySecond(const Tier& hand, std::size_t seconds)
{
    std::vector<std::optional<std::string>> labels(seconds);
    for (const Segment& segment : hand.segments) {
        const double from = std::max(0.0, std::ceil(segment.startSeconds - 0.5));
        for (auto t = static_cast<std::size_t>(from);
             t < seconds && static_cast<double>(t) + 0.5 < segment.stopSeconds; ++t)
            labels[t] = segment.label;
    }
    return labels;
}

std::string modelLabel(const LabelSet& set, std::int32_t row)
{
    return row < 0 || static_cast<std::size_t>(row) >= set.labels.size()
        ? std::string()
        : set.labels[static_cast<std::size_t>(row)].name;
}

bool moreWorthwhile(const Doubt& a, const Doubt& b)
{
    if (a.kind != b.kind)
        return a.kind < b.kind;
    if (a.kind == Doubt::Kind::Disagreement)
        return std::make_tuple(a.startSecond - a.stopSecond, a.startSecond)
            < std::make_tuple(b.startSecond - b.stopSecond, b.startSecond);
    return std::tie(a.margin, a.startSecond) < std::tie(b.margin, b.startSecond);
}

} // namespace

std::vector<Doubt> doubtsOf(
    const SecondLabels& model, const LabelSet& set, const Tier& hand, double doubtfulMargin)
{
    const std::size_t seconds = std::min(model.labels.size(), model.margins.size());
    const auto byHand = handBySecond(hand, seconds);
    std::vector<Doubt> doubts;
    for (std::size_t t = 0; t < seconds; ++t) {
        const std::string ofModel = modelLabel(set, model.labels[t]);
        const auto here = static_cast<std::int64_t>(t);
        const double margin = model.margins[t];
        Doubt doubt{ Doubt::Kind::SmallMargin, here, here + 1, margin, byHand[t].value_or(""),
            ofModel };
        if (byHand[t]) {
            if (*byHand[t] == ofModel)
                continue;
            doubt.kind = Doubt::Kind::Disagreement;
        } else if (!(margin < doubtfulMargin)) {
            continue;
        }
        Doubt* last = doubts.empty() ? nullptr : &doubts.back();
        if (last && last->stopSecond == here && last->kind == doubt.kind
            && (doubt.kind == Doubt::Kind::SmallMargin
                || (last->hand == doubt.hand && last->model == doubt.model))) {
            last->stopSecond = here + 1;
            if (margin < last->margin) {
                last->margin = margin;
                last->model = doubt.model;
            }
        } else {
            doubts.push_back(std::move(doubt));
        }
    }
    std::ranges::sort(doubts, moreWorthwhile);
    return doubts;
}

double marginQuantile(std::span<const float> margins, double share)
{
    std::vector<float> finite;
    std::ranges::copy_if(
        margins, std::back_inserter(finite), [](float margin) { return std::isfinite(margin); });
    if (finite.empty())
        return 0.0;
    const auto at = static_cast<std::ptrdiff_t>(
        std::clamp(share, 0.0, 1.0) * static_cast<double>(finite.size() - 1));
    std::ranges::nth_element(finite, finite.begin() + at);
    return finite[static_cast<std::size_t>(at)];
}

} // namespace clipscope::labels
