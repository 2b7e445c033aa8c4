#pragma once

#include "base/result.h"

#include <string_view>

#include <pugixml.hpp>

namespace clipscope::labels {

/// Parses UTF-8 XML. Entities that a document type declares are not expanded: pugixml does not know
/// them. Errors: BadInput with the line.
Status loadXml(pugi::xml_document& document, std::string_view content, unsigned options,
    const std::filesystem::path& name);

} // namespace clipscope::labels
