#pragma once

#include "labels/label_formats.h"

namespace clipscope::labels {

// Private to the module: what the three JSON formats share. Each may hold, under "clipscope", the
// origin of the export with its tiers, and the details of a segment (detailsOf()).

/// "/a/b": the place of a member in a file.
template<typename... Parts> std::string pathTo(const std::string& where, const Parts&... parts)
{
    std::string path = where;
    (path.append("/").append(parts), ...);
    return path;
}

/// The tiers that an export of ours lists, in order.
struct TierHeads
{
    std::vector<TierHead> heads;
    std::unordered_map<std::string, std::size_t> byName;
};

Json originWithTiers(const Annotation& annotation, const ExportInfo& info);
/// "tierSource" and "labelSet" where they are not what a reader assumes.
Json headDetails(const Tier& tier);
TierHeads tiersIn(const Json& holder);
TierHead headOf(const TierHeads& heads, const std::string& name, Source otherwise);

/// Seconds of the frames [first, last], counted from 1; the exact ones under "start" and "stop" of
/// the details as long as they mean these frames.
Result<std::pair<double, double>> timesOfFrames(const Json& first, const Json& last,
    const Json& details, const FrameClock& clock, const Place& place);

} // namespace clipscope::labels
