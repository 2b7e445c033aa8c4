#include "labels/annotation.h"

#include <algorithm>
#include <array>
#include <tuple>

namespace clipscope::labels {

namespace {

constexpr std::array<std::string_view, 2> sourceNames{ "hand", "model" };
constexpr std::array<std::string_view, 3> verdictNames{ "open", "accepted", "rejected" };

template<typename Choice, std::size_t N>
std::optional<Choice> choiceOf(const std::array<std::string_view, N>& names, std::string_view name)
{
    const auto found = std::ranges::find(names, name);
    if (found == names.end())
        return std::nullopt;
    return static_cast<Choice>(found - names.begin());
}

} // namespace

const Tier* Annotation::tier(std::string_view name) const
{
    const auto found = std::ranges::find(tiers, name, &Tier::name);
    return found == tiers.end() ? nullptr : &*found;
}

const Tier* Annotation::tier(std::int64_t id) const
{
    const auto found = std::ranges::find(tiers, id, &Tier::id);
    return found == tiers.end() ? nullptr : &*found;
}

bool inTierOrder(const Segment& a, const Segment& b)
{
    return std::tie(a.startSeconds, a.stopSeconds, a.id)
        < std::tie(b.startSeconds, b.stopSeconds, b.id);
}

std::string_view nameOf(Source source)
{
    return sourceNames.at(static_cast<std::size_t>(source));
}

std::string_view nameOf(Verdict verdict)
{
    return verdictNames.at(static_cast<std::size_t>(verdict));
}

std::optional<Source> sourceOf(std::string_view name)
{
    return choiceOf<Source>(sourceNames, name);
}

std::optional<Verdict> verdictOf(std::string_view name)
{
    return choiceOf<Verdict>(verdictNames, name);
}

} // namespace clipscope::labels
