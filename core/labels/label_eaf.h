#pragma once

#include "labels/label_formats.h"
#include "labels/label_xml.h"

namespace clipscope::labels {

// Private to the module: what reader and writer know of an EAF document.

inline constexpr const char* eafDetailsType = "clipscope-details";
inline constexpr const char* eafLabelType = "clipscope-label";
inline constexpr const char* eafModel = "Clipscope model"; ///< ANNOTATOR of model tiers
inline constexpr const char* eafProperty = "clipscope:"; ///< begins the names of our properties
inline constexpr const char* eafEntry = "clipscope_"; ///< begins the ids of our vocabulary entries
inline constexpr const char* eafDetailsEnding = ".details";
/// Everything is kept for the next export, comments and processing instructions too.
inline constexpr unsigned eafParsing = pugi::parse_full | pugi::parse_ws_pcdata_single;

/// One annotation with the times it has, whatever they are derived from.
struct EafAnnotation
{
    pugi::xml_node node; ///< ALIGNABLE_ANNOTATION or REF_ANNOTATION
    std::size_t tier = 0;
    std::string_view id, value, parentId; ///< parentId: of a REF_ANNOTATION
    double startMs = 0.0, stopMs = 0.0;
    bool known = false; ///< has times
};

struct EafTier
{
    pugi::xml_node node;
    std::string name, type, parent, vocabulary;
    bool isDetails = false; ///< one of ours: its annotations say more about those of its parent
    bool subdivides = false; ///< its annotations share their parent's time
    std::size_t first = 0, stop = 0; ///< its annotations
};

/// The tiers of a document; refers to it.
struct EafTiers
{
    std::vector<EafTier> tiers;
    std::vector<EafAnnotation> annotations;
    std::unordered_map<std::string_view, std::size_t> byId;
};

EafTiers tiersOf(const pugi::xml_node& root);
/// Milliseconds of the media at which the annotations' time 0 lies, 0 where the file says nothing.
double eafTimeOriginMs(const pugi::xml_node& root);

} // namespace clipscope::labels
