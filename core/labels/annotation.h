#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace clipscope::labels {

/// Who put a segment where it is.
enum class Source : std::uint8_t { Hand, Model };
/// What a person said about a segment; segments drawn by hand are Accepted.
enum class Verdict : std::uint8_t { Open, Accepted, Rejected };

/// A labelled span [startSeconds, stopSeconds) of a video, on the clock of media::VideoIndex
/// (time 0 is the first shown frame).
struct Segment
{
    std::int64_t id = 0; ///< unique in its Annotation, never reused; 0: not given yet
    double startSeconds = 0.0, stopSeconds = 0.0; ///< 0 <= start <= stop; equal: an event
    std::string label; ///< name of a label, free text where the tier has no label set
    std::optional<double> score; ///< similarity or confidence, in its maker's own units
    Source source = Source::Hand;
    Verdict verdict = Verdict::Open;
    std::string note;

    double seconds() const { return stopSeconds - startSeconds; }
    bool operator==(const Segment&) const = default;
};

/// A row of segments, ordered by inTierOrder(). Segments may overlap (imported files do); editing
/// in the window keeps hand tiers free of new overlaps.
struct Tier
{
    std::int64_t id = 0; ///< unique in its Annotation, never reused; 0: not given yet
    std::string name; ///< unique in its Annotation
    Source source = Source::Hand; ///< who fills it: model tiers are replaced by the next labelling
    std::string labelSet; ///< name of the label set, may be empty
    std::vector<Segment> segments;
    /// Fingerprint of the model that made the tier; empty: none did, or it is not known.
    std::string checkpoint = {};

    bool operator==(const Tier&) const = default;
};

/// Everything said about one video, tiers from top to bottom.
struct Annotation
{
    std::vector<Tier> tiers;

    const Tier* tier(std::string_view name) const; ///< null when there is none
    const Tier* tier(std::int64_t id) const;
    bool operator==(const Annotation&) const = default;
};

/// By start, then stop, then id.
bool inTierOrder(const Segment& a, const Segment& b);

std::string_view nameOf(Source source); ///< "hand", "model"
std::string_view nameOf(Verdict verdict); ///< "open", "accepted", "rejected"
std::optional<Source> sourceOf(std::string_view name);
std::optional<Verdict> verdictOf(std::string_view name);

} // namespace clipscope::labels
